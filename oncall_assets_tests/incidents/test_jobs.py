"""The jobs that people launch from Dagster's UI do what the terminal does, and refuse what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import ledger_url
from oncall_assets.handbook.labels import QUIET
from oncall_assets.incidents.jobs import Acknowledgement, Note, Quiet, Resolution, StepToRun, on_call_jobs
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.ledger.records import Event
from oncall_assets_tests.incidents.company import handbook
from oncall_assets_tests.incidents.ledger.entries import failed, write

CONFIGS = {
    "oncall_acknowledge": Acknowledgement,
    "oncall_resolve": Resolution,
    "oncall_note": Note,
    "oncall_silence": Quiet,
    "oncall_run_step": StepToRun,
}
JOBS = tuple(CONFIGS)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Handbook:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("ONCALL_DATABASE_URL", raising=False)
    return handbook(tmp_path / "book")


@pytest.fixture
def ledger(book: Handbook) -> Iterator[Ledger]:  # noqa: ARG001 - names the folder it lies in
    with Ledger(ledger_url()) as opened:
        yield opened


def launched(book: Handbook, name: str, **config: Any) -> dg.ExecuteInProcessResult:
    job = next(job for job in on_call_jobs(book) if job.name == name)
    operation = name.removeprefix("oncall_")
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            run_config={"ops": {operation: {"config": config}}}, instance=instance, raise_on_error=False
        )


def refusal(result: dg.ExecuteInProcessResult) -> str:
    """The sentence that a failed run shows."""
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    shown = failure.step_failure_data.user_failure_data
    assert shown is not None
    return str(shown.description)


def story(ledger: Ledger) -> list[tuple[str, str | None, str]]:
    return [(event.what, event.who, event.text) for event in _after_the_opening(ledger)]


def _after_the_opening(ledger: Ledger) -> list[Event]:
    return ledger.story(1)[1:]


def test_an_incident_is_acknowledged_with_a_word(book: Handbook, ledger: Ledger) -> None:
    write(ledger, failed(1))
    assert launched(book, "oncall_acknowledge", incident=1, by="ben", text=" on it ").success
    assert "ben" == ledger.incident(1).acknowledged_by
    assert [("acknowledged", "ben", "in round 1"), ("comment", "ben", "on it")] == story(ledger)


def test_an_incident_is_acknowledged_without_a_word(book: Handbook, ledger: Ledger) -> None:
    write(ledger, failed(1))
    assert launched(book, "oncall_acknowledge", incident=1, by="ben").success
    assert ["acknowledged"] == [event.what for event in _after_the_opening(ledger)]


def test_an_incident_is_resolved(book: Handbook, ledger: Ledger) -> None:
    write(ledger, failed(1))
    assert launched(book, "oncall_resolve", incident=1, by="ann", because=" landed again ").success
    assert ("ann", True) == (ledger.incident(1).resolved_by, ledger.incident(1).resolved_at is not None)
    assert [("resolved", "ann", "landed again")] == story(ledger)


def test_a_note_goes_to_an_incident_or_to_the_next_engineer(book: Handbook, ledger: Ledger) -> None:
    write(ledger, failed(1))
    assert launched(book, "oncall_note", incident=1, by="ann", text="ask the vendor").success
    assert launched(book, "oncall_note", by="ann", text=" the export is slow ").success
    assert [("comment", "ann", "ask the vendor")] == story(ledger)
    notes = ledger.notes(datetime.now(UTC) - timedelta(hours=1))
    assert ["ann: the export is slow"] == [text for _, text in notes]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"asset": "profit"}, ("profit", None, None)),
        ({"pipeline": "profit"}, (None, "profit", None)),
        ({"check": "profit:complete"}, (None, None, "profit:complete")),
    ],
)
def test_a_silence_lasts_as_many_hours_as_asked(
    book: Handbook, ledger: Ledger, given: dict[str, str], kept: tuple[str | None, ...]
) -> None:
    assert launched(book, "oncall_silence", **given, hours=1.5, by="ann", because="new disks").success
    (one,) = ledger.silences(datetime.now(UTC))
    assert kept == (one.asset, one.pipeline, one.check)
    assert timedelta(minutes=90) == one.ends - one.starts
    assert ("ann", "new disks") == (one.by, one.because)


SILENCE: dict[str, Any] = {"hours": 1.0, "by": "ann", "because": "x"}


@pytest.mark.parametrize(
    ("name", "config", "expected"),
    [
        ("oncall_acknowledge", {"incident": 7, "by": "ben"}, "there is no incident 7"),
        ("oncall_acknowledge", {"incident": 1, "by": "bern"}, "'bern' is no engineer; expected one of ann, ben"),
        ("oncall_acknowledge", {"incident": 1, "by": "ben", "text": "x" * 2001}, "2,001 characters"),
        ("oncall_resolve", {"incident": 1, "by": "ben", "because": " "}, "0 characters; expected 1 to 2,000"),
        ("oncall_resolve", {"incident": 7, "by": "ben", "because": "x"}, "there is no incident 7"),
        ("oncall_note", {"by": "ben", "text": ""}, "0 characters; expected 1 to 2,000"),
        ("oncall_note", {"incident": 7, "by": "ben", "text": "x"}, "there is no incident 7"),
        ("oncall_silence", SILENCE, "it names 0 things; expected one of asset, pipeline and check"),
        ("oncall_silence", SILENCE | {"asset": "a", "check": "a:b"}, "it names 2 things"),
        (
            "oncall_silence",
            SILENCE | {"pipeline": "proft"},
            "'proft' is no pipeline; expected one of orders, profit",
        ),
        ("oncall_silence", SILENCE | {"check": "b"}, "'b' is no check; expected ASSET:CHECK"),
        ("oncall_silence", SILENCE | {"asset": "a", "hours": 400.0}, "it lasts 16 d 16 h; expected 14 d at most"),
        ("oncall_silence", SILENCE | {"asset": "a", "hours": 1e300}, "expected 14 d at most"),
        ("oncall_silence", SILENCE | {"asset": "a", "because": ""}, "0 characters"),
        ("oncall_silence", SILENCE | {"asset": "a", "hours": 0.0}, "it lasts 0 hours; expected more than none"),
        ("oncall_silence", SILENCE | {"asset": "a", "hours": float("nan")}, "it lasts nan hours"),
        ("oncall_acknowledge", {"incident": 0, "by": "ben"}, "there is no incident 0"),
    ],
)
def test_what_cannot_be_meant_fails_the_run_with_its_sentence(
    book: Handbook, ledger: Ledger, name: str, config: dict[str, Any], expected: str
) -> None:
    write(ledger, failed(1))
    assert expected in refusal(launched(book, name, **config))
    assert [] == story(ledger)
    assert [] == ledger.silences(datetime.now(UTC))


def test_who_comes_second_is_told_who_has_it(book: Handbook, ledger: Ledger) -> None:
    write(ledger, failed(1))
    launched(book, "oncall_acknowledge", incident=1, by="ann")
    assert "was acknowledged by ann" in refusal(launched(book, "oncall_acknowledge", incident=1, by="ben"))


@pytest.mark.parametrize("config", [{"incident": "one", "by": "ben"}, {"by": "ben"}, {"incident": 1}])
def test_config_that_lacks_what_it_needs_is_refused_before_the_run(book: Handbook, config: dict[str, Any]) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError):
        launched(book, "oncall_acknowledge", **config)


def test_a_failed_run_of_these_jobs_pages_nobody_and_each_says_what_it_is_for(book: Handbook) -> None:
    jobs = on_call_jobs(book)
    assert JOBS == tuple(job.name for job in jobs)
    assert [{QUIET: "true"}] * 5 == [dict(job.tags) for job in jobs]
    assert all(job.description for job in jobs)
    # Read by every code location.
    assert set(JOBS) <= {job.name for job in dg.Definitions(jobs=jobs).resolve_all_job_defs()}


@pytest.mark.parametrize(("name", "config"), CONFIGS.items())
def test_the_launchpad_has_every_field_and_what_is_left_empty_is_refused(
    book: Handbook, name: str, config: type[dg.Config]
) -> None:
    job = next(job for job in on_call_jobs(book) if job.name == name)
    assert job.run_config
    offered = job.run_config["ops"][name.removeprefix("oncall_")]["config"]
    assert set(config.model_fields) == offered.keys()
    assert not any(offered.values())
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    assert "'' is no engineer; expected one of ann, ben" in refusal(result)
