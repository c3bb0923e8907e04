"""What Dagster remembers of how tables were computed, by instances that really computed them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from oncall_assets.checks.records import InstanceRecords
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags

PARTITIONS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-03-01")
DAYS = Days.parse("2026-01-01", "2026-01-04")
FIRST, SECOND, THIRD, FOURTH = DAYS.each
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
NOBODY = dg.DagsterRun(job_name="nothing")


@pytest.fixture(params=["in memory", "on disk"])
def instance(request: pytest.FixtureRequest, tmp_path: Path, empty_home: Path) -> Iterator[dg.DagsterInstance]:
    """On disk SQLite has a file for each run, in memory one for all."""
    if request.param == "in memory":
        with dg.DagsterInstance.ephemeral() as running:
            yield running
    else:
        home = shutil.copytree(empty_home, tmp_path / "dagster")
        with dg.DagsterInstance.from_config(str(home)) as running:
            yield running


def figure(version: str | None = "one") -> dg.AssetsDefinition:
    @dg.asset(
        name="figure",
        key_prefix="a",
        partitions_def=PARTITIONS,
        code_version=version,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def made() -> None: ...

    return made


def compute(
    instance: dg.DagsterInstance, days: Days, at: datetime = NOON, version: str | None = "one"
) -> dg.DagsterRun:
    with freeze_time(at):
        return dg.materialize([figure(version)], instance=instance, tags=run_tags(days)).dagster_run


def records(instance: dg.DagsterInstance, run: dg.DagsterRun = NOBODY) -> InstanceRecords:
    return InstanceRecords(instance, run, {"a/figure": "one"})


def test_each_day_of_a_range_was_computed_by_its_run(instance: dg.DagsterInstance) -> None:
    run = compute(instance, Days(SECOND, FOURTH))
    computed = records(instance).computed("a/figure", DAYS)
    assert {SECOND: run.run_id, THIRD: run.run_id, FOURTH: run.run_id} == {
        day: one.run_id for day, one in computed.items()
    }
    assert {(NOON, "one")} == {(one.at, one.definition) for one in computed.values()}


def test_what_was_computed_again_has_two_times_and_the_definition_of_the_last(
    instance: dg.DagsterInstance,
) -> None:
    compute(instance, DAYS)
    later = NOON + timedelta(days=1)
    run = compute(instance, Days.one(THIRD), later, version="two")
    computed = records(instance).computed("a/figure", Days(SECOND, THIRD))
    assert {SECOND: (NOON, "one"), THIRD: (later, "two")} == {
        day: (one.at, one.definition) for day, one in computed.items()
    }
    assert run.run_id == computed[THIRD].run_id
    assert {SECOND: NOON, THIRD: NOON} == records(instance).arrived("a/figure", Days(SECOND, THIRD))


def test_an_asset_without_a_code_version_has_no_definition(instance: dg.DagsterInstance) -> None:
    compute(instance, Days.one(FIRST), version=None)
    assert [None] == [one.definition for one in records(instance).computed("a/figure", DAYS).values()]
    assert (None, "one") == (records(instance).definition("stranger"), records(instance).definition("a/figure"))


def test_what_was_reported_from_outside_is_known_and_was_no_run(instance: dg.DagsterInstance) -> None:
    with freeze_time(NOON):
        event = dg.AssetMaterialization(asset_key=dg.AssetKey(["a", "figure"]), partition=FIRST.isoformat())
        instance.report_runless_asset_event(event)
    (one,) = records(instance).computed("a/figure", DAYS).values()
    assert (NOON, "", None) == (one.at, one.run_id, one.definition)
    assert (None, []) == times_of(records(instance), "a/figure", 1, 5)


def test_days_beyond_the_first_page_are_found(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oncall_assets.checks.records._PAGE", 2)
    compute(instance, DAYS)
    for again in range(3):
        compute(instance, Days.one(FOURTH), NOON + timedelta(hours=1 + again))
    memory = records(instance)
    assert set(DAYS.each) == set(memory.computed("a/figure", DAYS)) == set(memory.arrived("a/figure", DAYS))
    assert NOON + timedelta(hours=3) == memory.computed("a/figure", DAYS)[FOURTH].at
    assert NOON == memory.arrived("a/figure", DAYS)[FOURTH]


def test_days_are_filled_in_if_their_first_run_was_over_several(instance: dg.DagsterInstance) -> None:
    compute(instance, Days.one(FIRST))
    compute(instance, Days(FIRST, SECOND), NOON + timedelta(hours=1))
    compute(instance, Days.one(SECOND), NOON + timedelta(hours=2))
    assert frozenset([SECOND]) == records(instance).filled_in("a/figure", DAYS)


def test_nothing_is_known_of_what_was_never_computed(instance: dg.DagsterInstance) -> None:
    memory = records(instance)
    assert ({}, {}, (None, [])) == (
        memory.computed("nowhere", DAYS),
        memory.arrived("nowhere", DAYS),
        times_of(memory, "nowhere", 1, 5),
    )


def times_of(
    memory: InstanceRecords, table: str, days: int, runs: int
) -> tuple[timedelta | None, Sequence[timedelta]]:
    """How long this run took for the table, and those before it."""
    return memory.running_time(table), memory.earlier_times(table, days, runs)


def step_time(instance: dg.DagsterInstance, run: dg.DagsterRun) -> timedelta:
    """From the start of the run's only step to its end, by its log."""
    at = {entry.dagster_event_type: entry.timestamp for entry in instance.all_logs(run.run_id)}
    kind = dg.DagsterEventType
    return timedelta(seconds=at[kind.STEP_SUCCESS] - at[kind.STEP_START])


def test_this_run_and_those_before_it_over_as_many_days_are_timed(instance: dg.DagsterInstance) -> None:
    runs = [
        dg.materialize([figure()], instance=instance, tags=run_tags(days)).dagster_run
        for days in (*map(Days.one, DAYS.each), DAYS)
    ]
    times = [step_time(instance, run) for run in runs]
    one_day, whole = records(instance, runs[3]), records(instance, runs[4])
    assert (times[3], [times[2], times[1]]) == times_of(one_day, "a/figure", 1, 2)
    assert (times[4], [times[3], times[2], times[1], times[0]]) == times_of(whole, "a/figure", 1, 20)
    assert (times[4], []) == times_of(whole, "a/figure", 4, 20)
    assert (None, [times[4]]) == times_of(records(instance), "a/figure", 4, 20)


def test_a_run_that_failed_computed_nothing(instance: dg.DagsterInstance) -> None:
    @dg.asset(name="figure", key_prefix="a", partitions_def=PARTITIONS)
    def broken() -> None:
        raise ValueError("no")

    result = dg.materialize([broken], instance=instance, tags=run_tags(DAYS.one(FIRST)), raise_on_error=False)
    memory = records(instance, result.dagster_run)
    assert (None, []) == times_of(memory, "a/figure", 1, 5)
    assert {} == memory.computed("a/figure", DAYS)


def test_runs_about_no_day_count_as_one_day_and_of_other_partitions_as_none(
    instance: dg.DagsterInstance,
) -> None:
    @dg.asset(name="plain")
    def plain() -> None: ...

    @dg.asset(name="lettered", partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
    def lettered() -> None: ...

    run = dg.materialize([plain], instance=instance).dagster_run
    dg.materialize([lettered], instance=instance, partition_key="a")
    assert [step_time(instance, run)] == records(instance).earlier_times("plain", 1, 5)
    assert [] == records(instance).earlier_times("lettered", 1, 5)
