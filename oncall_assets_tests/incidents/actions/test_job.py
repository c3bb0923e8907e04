"""The job in Dagster's UI asks before it acts: launched as the page's link has it, it says what it would do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from oncall_assets.handbook.labels import QUIET
from oncall_assets.incidents.jobs import on_call_jobs
from oncall_assets_tests.incidents.actions.scene import NOTIFY, SECONDARY, incident, story
from oncall_assets_tests.incidents.conftest import Watch
from oncall_assets_tests.incidents.test_jobs import refusal


@pytest.fixture
def watch(on_disk: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    monkeypatch.setenv("ONCALL_DATABASE_URL", url)
    monkeypatch.setenv("ONCALL_DAGSTER_URL", "https://dagster.example/")
    with incident(on_disk, url, tmp_path) as made:
        yield made


def launched(watch: Watch, **config: Any) -> dg.ExecuteInProcessResult:
    (job,) = [one for one in on_call_jobs(watch.round.desk.handbook) if one.name == "oncall_run_step"]
    assert {QUIET: "true"} == dict(job.tags)
    given = {"ops": {"run_step": {"config": {"incident": 1, "by": "ben"} | config}}}
    return job.execute_in_process(given, instance=watch.round.instance, raise_on_error=False)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (SECONDARY, "page Cid Cole now: Ben Baker asked for you, at step 2 of profit"),
        (NOTIFY, "notify all@example.com (stakeholders), cfo@example.com (stakeholders)"),
    ],
)
def test_without_confirmation_it_fails_with_what_it_would_do_and_does_nothing(
    watch: Watch, step: int, says: str
) -> None:
    said = refusal(launched(watch, step=step))
    assert f"nothing is done yet; with `confirm: true` it would be this\n#1, step {step} of profit" in said
    assert says in said
    assert [] == story(watch, step)


@pytest.mark.parametrize("step", [SECONDARY, NOTIFY])
def test_with_confirmation_it_does_it_once(watch: Watch, step: int) -> None:
    assert launched(watch, step=step, confirm=True).success
    assert ["ben"] == [who for who, _ in story(watch, step)]
    assert "already" in refusal(launched(watch, step=step, confirm=True))
    assert 1 == len(story(watch, step))


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"step": 1}, "step 1 has no action, it is done by hand"),
        ({"step": 2, "incident": 9}, "there is no incident 9"),
        ({"step": 2, "by": "eve"}, "'eve' is no engineer"),
    ],
)
def test_what_makes_no_sense_is_refused_whether_confirmed_or_not(
    watch: Watch, config: dict[str, Any], why: str
) -> None:
    for confirm in (False, True):
        assert why in refusal(launched(watch, **config, confirm=confirm))


def test_once_more_is_done_when_asked_for(watch: Watch) -> None:
    launched(watch, step=NOTIFY, confirm=True)
    assert launched(watch, step=NOTIFY, confirm=True, again=True).success
    assert 2 == len(story(watch, NOTIFY))
