"""What no event tells is found by looking: it opens, is told, and ends when a later look finds it gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.scheduler.instigation import TickStatus

from oncall_assets.handbook import labels
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets_tests.incidents.company import ASSETS, DAY, DAYS, EVERYBODY, crew, orders, run
from oncall_assets_tests.incidents.conftest import Post, Watch, crew_watch, down
from oncall_assets_tests.incidents.signals.probes.test_automation import schedule, ticked
from oncall_assets_tests.incidents.signals.test_failure import half, left_out

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DEADLINE = 'severity: critical\ndeadlines: [{asset: profit, by: "06:00"}]'
# A disk that is always too full.
FULL = "watch: {storage_at_least: 9000 TiB}\n"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def watch(crewed: Watch) -> Watch:
    return crewed


def materialized(watch: Watch, asset: str, partition: str) -> None:
    """Computed elsewhere, as the REST endpoint says it."""
    with watch.moment():
        watch.round.instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=partition))


def test_what_is_late_opens_at_its_deadline_names_it_and_ends_when_it_is_there(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with crew_watch(instance, tmp_path, crew(tmp_path, front=DEADLINE)) as watch:
        assert [] == watch.hears(after=4 * HOUR - MINUTE)
        assert ["ann: opened 1"] == watch.hears(after=MINUTE)
        (page,) = watch.post.pages
        assert ("profit is late", "critical", "profit", "2026-01-06") == (
            page.title, page.severity, page.pipeline, page.partition,
        )  # fmt: skip
        assert "due 06:00 Europe/London on 2026-01-07" == page.threshold
        assert ("not materialised", "late profit", ()) == (page.observed, page.what, page.links)
        assert ("asset late",) == page.issues
        assert page.finding.startswith("profit for 2026-01-06 was due 06:00")
        assert "1. Look at the run." == page.steps[0]
        assert [] == watch.hears(after=MINUTE)
        materialized(watch, "profit", "2026-01-05")
        assert [] == watch.hears(after=MINUTE)
        materialized(watch, "profit", "2026-01-06")
        assert ["ann: resolved 1"] == watch.hears(after=MINUTE)
        assert [] == watch.hears(after=MINUTE)


def test_a_late_asset_downstream_of_what_failed_is_part_of_it_and_outlives_it(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with crew_watch(instance, tmp_path, crew(tmp_path, front=DEADLINE)) as watch:
        watch.report("orders", partition="2026-01-06")
        watch.tick()
        assert ["ann: raised 1"] == watch.hears(after=4 * HOUR)
        assert ("late profit @ 2026-01-06",) == watch.post.pages[-1].others
        watch.report("orders", partition="2026-01-06", passed=True)
        assert [] == watch.hears(after=MINUTE)
        materialized(watch, "profit", "2026-01-06")
        assert ["ann: resolved 1"] == watch.hears(after=MINUTE)


def test_a_silent_source_is_told_to_whom_it_names_too(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    source = '{revenue_records: {kind: sample, arrives_by: "04:30", tell: eve}}\nsample: {accounts: 5, seed: 1}'
    landed = dg.asset(name="revenue_records", partitions_def=DAYS)(lambda: None)
    book = crew(tmp_path, sources=source)
    with crew_watch(instance, tmp_path, book, assets=[*ASSETS, landed]) as watch:
        assert [] == watch.hears(after=2 * HOUR)
        assert ["ann: opened 1", "eve: opened 1"] == watch.hears(after=HOUR)
        first, second = watch.post.pages
        assert "Source revenue_records is silent" == first.title
        assert "Eve Earl is to be told of it" == second.why
        materialized(watch, "revenue_records", "2026-01-06")
        assert ["ann: resolved 1", "eve: resolved 1"] == watch.hears(after=MINUTE)


def test_a_run_that_hangs_is_told_and_ends_when_it_fails(watch: Watch) -> None:
    instance = watch.round.instance
    job = dg.Definitions(assets=[orders]).resolve_implicit_global_asset_job_def()
    hangs = instance.create_run_for_job(job, tags={"dagster/partition": DAY})

    def reached(kind: dg.DagsterEventType) -> None:
        with watch.moment():
            happened = dg.DagsterEvent(event_type_value=kind.value, job_name=hangs.job_name, message="")
            instance.report_dagster_event(happened, hangs.run_id)

    reached(dg.DagsterEventType.RUN_START)
    assert [] == watch.hears(after=4 * HOUR)
    assert ["ann: opened 1"] == watch.hears(after=MINUTE)
    (page,) = watch.post.pages
    assert (f"stuck {hangs.run_id[:8]}", "started for 4 h", "at most 4 h") == (
        page.what, page.observed, page.threshold,
    )  # fmt: skip
    assert [f"http://dagster.example/runs/{hangs.run_id}"] == [link.url for link in page.links]
    reached(dg.DagsterEventType.RUN_CANCELED)
    assert ["ann: resolved 1"] == watch.hears(after=MINUTE)


def test_a_schedule_that_fails_is_told_until_a_tick_works(on_disk: dg.DagsterInstance, tmp_path: Path) -> None:
    with crew_watch(on_disk, tmp_path) as watch:
        nightly = schedule(on_disk)
        ticked(on_disk, nightly, TickStatus.FAILURE, 1)
        assert ["ann: opened 1"] == watch.hears(after=2 * MINUTE)
        (page,) = watch.post.pages
        assert ("Schedule nightly fails", "no disk", "major") == (page.title, page.finding, page.severity)
        ticked(on_disk, nightly, TickStatus.FAILURE, 3)
        assert [] == watch.hears(after=2 * MINUTE)
        ticked(on_disk, nightly, TickStatus.SUCCESS, 5)
        assert ["ann: resolved 1"] == watch.hears(after=2 * MINUTE)


def test_storage_that_runs_short_is_told_until_there_is_room(watch: Watch, tmp_path: Path, state: Path) -> None:
    usual = watch.round.desk.handbook
    watch.under(crew(tmp_path, team=FULL))
    assert ["ann: opened 1"] == watch.hears()
    (page,) = watch.post.pages
    assert ("Storage is short", "major", f"storage {state}") == (page.title, page.severity, page.what)
    assert "at least 9000 TiB" == page.threshold
    assert [] == watch.hears(after=10 * MINUTE)
    watch.under(usual)
    assert ["ann: resolved 1"] == watch.hears(after=MINUTE)


def test_a_channel_that_refuses_is_told_over_the_other_until_something_arrives_there(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    chat = Post("chat", people=EVERYBODY, trouble=down(permanent=True))
    with crew_watch(instance, tmp_path, more=[chat]) as watch:
        watch.report("rates")
        assert ["ann: opened 1"] == watch.hears()
        assert watch.last
        assert 1 == len(watch.last.delivered.troubles)
        assert watch.last.troubles == watch.last.delivered.troubles
        assert ["ann: opened 2"] == watch.hears(after=MINUTE)
        page = watch.post.pages[-1]
        assert ("chat refuses what is for ann", "down", "channel chat to ann") == (
            page.title, page.observed, page.what,
        )  # fmt: skip
        # That the channel refused this too makes it no worse.
        assert [] == watch.hears(after=MINUTE)
        chat.trouble = None
        assert [] == watch.hears(after=MINUTE)
        watch.report("bonds")
        assert ["ann: opened 3"] == watch.hears(after=MINUTE)
        assert [3] == [page.incident for page in chat.pages]
        assert ["ann: resolved 2"] == watch.hears(after=MINUTE)
        # Over the channel that had told it, and no other.
        assert [] == chat.updates


def test_a_probe_that_fails_is_said_and_ends_nothing(
    watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = watch.round.desk.handbook
    watch.under(crew(tmp_path, team=FULL))
    watch.tick()
    # No system takes a name as long as this one.
    monkeypatch.setenv("ONCALL_HOME", f"/{'x' * 1000}")
    watch.under(usual)
    assert [] == watch.hears(after=MINUTE)
    assert watch.last
    (line,) = watch.last.troubles
    assert line.startswith("could not look for 'storage short': OSError")
    assert None is watch.round.ledger.incident(1).resolved_at
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "state"))
    assert ["ann: resolved 1"] == watch.hears(after=MINUTE)


def test_the_failed_run_of_a_job_that_answers_whoever_launched_it_pages_nobody(watch: Watch) -> None:
    @dg.op
    def step() -> None:
        raise ValueError("there is no incident 7")

    @dg.job(tags={labels.QUIET: "true"})
    def acknowledge() -> None:
        step()

    acknowledge.execute_in_process(instance=watch.round.instance, raise_on_error=False)
    assert [] == watch.hears()
    assert watch.last
    assert ((), {Reason.BELOW: 1}) == (watch.last.opened, watch.last.reasons)


def test_a_check_that_was_planned_and_never_judged_is_told_until_it_is(watch: Watch) -> None:
    watch.now = datetime(2026, 2, 4, 2, 0, tzinfo=UTC)
    with watch.moment():
        result = run(watch.round.instance, half, left_out("sales", "refunds"))
    assert ["ann: opened 1"] == watch.hears()
    (page,) = watch.post.pages
    assert "agrees was not run on sales" == page.title
    assert ("check agrees of asset sales", DAY, None) == (page.what, page.partition, page.pipeline)
    assert not page.figures
    assert [f"http://dagster.example/runs/{result.run_id}"] == [link.url for link in page.links]
    watch.now += MINUTE
    watch.report("sales", "agrees", passed=True)
    assert ["ann: resolved 1"] == watch.hears(after=MINUTE)
