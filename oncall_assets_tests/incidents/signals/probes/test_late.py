"""Tables that a runbook promised by an hour, on real instances."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from oncall_assets.incidents.policy.faults import FaultKey
from oncall_assets.incidents.signals.kinds import Trouble
from oncall_assets.incidents.signals.probes.late import late_assets
from oncall_assets.incidents.signals.probes.overdue import Clock
from oncall_assets_tests.incidents.signals.probes.book import handbook

# 06:00 in New York.
DUE = datetime(2026, 1, 7, 11, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
LONG_AGO = datetime(2025, 12, 1, tzinfo=UTC)

DAYS = dg.DailyPartitionsDefinition(start_date="2026-01-01")
BY_SIX = '[{asset: profit, by: "06:00"}]'


@pytest.fixture(params=["instance", "on_disk"])
def either(request: pytest.FixtureRequest) -> dg.DagsterInstance:
    made: dg.DagsterInstance = request.getfixturevalue(request.param)
    return made


def graph(partitions: dg.PartitionsDefinition[str] | None = DAYS) -> AssetGraph:
    @dg.asset(partitions_def=partitions)
    def profit() -> None: ...

    return dg.Definitions(assets=[profit]).resolve_asset_graph()


def materialised(instance: dg.DagsterInstance, *partitions: str | None, asset: str = "profit") -> None:
    for partition in partitions:
        instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=partition))


class Promise:
    """What is late of `deadlines`, in a folder of its own."""

    def __init__(self, folder: Path, deadlines: str = BY_SIX) -> None:
        self.book = handbook(folder / "handbook", deadlines=deadlines)

    def late(
        self,
        instance: dg.DagsterInstance,
        now: datetime,
        *,
        since: datetime = LONG_AGO,
        assets: AssetGraph | None = None,
        known: Collection[FaultKey] = (),
    ) -> list[Trouble]:
        return late_assets(instance, assets or graph(), self.book, Clock.of(self.book, now, since), known)


def days(troubles: list[Trouble]) -> list[str | None]:
    return [trouble.partition for trouble in troubles]


def test_from_the_hour_on_what_is_not_there_is_late(either: dg.DagsterInstance, tmp_path: Path) -> None:
    materialised(either, "2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05")
    promise = Promise(tmp_path)
    assert [] == promise.late(either, DUE - timedelta(seconds=1))
    (late,) = promise.late(either, DUE)
    assert ("asset late", "late profit", ("profit",)) == (late.kind, late.target, late.assets)
    assert ("2026-01-06", DUE, "profit", "late/profit/2026-01-06") == (
        late.partition,
        late.at,
        late.pipeline,
        late.id,
    )
    assert ("not materialised", "due 06:00 America/New_York on 2026-01-07") == (late.observed, late.threshold)
    assert (None, None, False) == (late.severity, late.tell, late.figures)
    materialised(either, "2026-01-06")
    assert [] == promise.late(either, DUE)


def test_each_missing_day_is_its_own_until_it_is_there(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    promise = Promise(tmp_path)
    materialised(instance, "2026-01-02")
    missing = promise.late(instance, DUE)
    assert ["2026-01-06", "2026-01-05", "2026-01-04", "2026-01-03", "2026-01-01"] == days(missing)
    assert {"late profit"} == {trouble.target for trouble in missing}
    materialised(instance, "2026-01-04")
    assert ["2026-01-06", "2026-01-05", "2026-01-03", "2026-01-01"] == days(promise.late(instance, DUE))


def test_the_seven_latest_are_looked_at(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    found = Promise(tmp_path).late(instance, DUE + timedelta(days=30))
    assert ["2026-02-05", "2026-01-30"] == [days(found)[0], days(found)[-1]]
    assert 7 == len(found)


def test_what_is_known_to_be_late_stays_so_however_long_ago(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    promise, now = Promise(tmp_path), DUE + timedelta(days=30)
    materialised(instance, *(f"2026-0{month}-{day:02}" for month in (1, 2) for day in range(6, 32)))
    known = [("late profit", "2026-01-03"), ("late profit", "2026-01-10"), ("late orders", "2026-01-02")]
    assert ["2026-01-03"] == days(promise.late(instance, now, known=known, since=now))
    materialised(instance, "2026-01-03")
    assert [] == promise.late(instance, now, known=known, since=now)


def test_deadlines_before_the_pager_watched_are_history(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    promise = Promise(tmp_path)
    assert [] == promise.late(instance, DUE, since=DUE)
    assert ["2026-01-06"] == days(promise.late(instance, DUE, since=DUE - timedelta(seconds=1)))


def test_a_day_before_the_first_partition_is_never_late(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    assert [] == Promise(tmp_path).late(instance, datetime(2026, 1, 1, 12, tzinfo=UTC))


def test_a_partition_that_cannot_be_yet_is_not_due(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    promise = Promise(tmp_path, '[{asset: profit, by: "12:00", of: same day}]')
    materialised(instance, *(f"2026-01-0{day}" for day in range(1, 7)))
    noon = datetime(2026, 1, 7, 17, tzinfo=UTC)
    assert [] == promise.late(instance, noon)
    assert ["2026-01-07"] == days(promise.late(instance, datetime(2026, 1, 8, tzinfo=UTC)))


def test_a_partition_that_was_wiped_is_late_again(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    promise = Promise(tmp_path)
    materialised(instance, *(f"2026-01-0{day}" for day in range(1, 7)))
    assert [] == promise.late(instance, DUE)
    instance.wipe_assets([dg.AssetKey("profit")])
    assert 6 == len(promise.late(instance, DUE))


def test_a_weekly_table_is_due_as_the_week_that_ended(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    promise = Promise(tmp_path, '[{asset: profit, by: "07:00", on: monday}]')
    weeks = graph(dg.WeeklyPartitionsDefinition(start_date="2026-01-01", day_offset=1))
    monday = datetime(2026, 1, 19, 12, tzinfo=UTC)
    assert ["2026-01-12", "2026-01-05"] == days(promise.late(instance, monday, assets=weeks))
    materialised(instance, "2026-01-12")
    assert ["2026-01-05"] == days(promise.late(instance, monday, assets=weeks))


def test_an_hourly_table_is_due_with_the_last_hour_of_a_day(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    hours = graph(dg.HourlyPartitionsDefinition(start_date="2026-01-06-00:00", timezone="America/New_York"))
    assert ["2026-01-06-23:00"] == days(Promise(tmp_path).late(instance, DUE, assets=hours))


def test_several_deadlines_in_one_week_ask_for_the_week_once(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    weeks = graph(dg.WeeklyPartitionsDefinition(start_date="2026-01-01", day_offset=1))
    (late,) = Promise(tmp_path).late(instance, datetime(2026, 1, 14, 12, tzinfo=UTC), assets=weeks)
    assert ("2026-01-05", datetime(2026, 1, 12, 11, tzinfo=UTC)) == (late.partition, late.at)


@pytest.mark.parametrize("known", [True, False])
def test_a_table_without_days_must_be_made_on_the_day(
    known: bool, either: dg.DagsterInstance, tmp_path: Path
) -> None:
    """The same holds for one that another code location has."""
    promise, whole = Promise(tmp_path), graph(None) if known else dg.Definitions().resolve_asset_graph()
    assert 7 == len(promise.late(either, DUE, assets=whole))
    materialised(either, None)
    made = either.get_latest_materialization_event(dg.AssetKey("profit"))
    assert made is not None
    today = datetime.fromtimestamp(made.timestamp, NEW_YORK).date()
    due = datetime.combine(today + timedelta(days=2), time(12), NEW_YORK)
    assert [str(today + timedelta(days=1)), str(today)] == days(promise.late(either, due, assets=whole))


def test_without_deadlines_nothing_is_asked(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    assert [] == Promise(tmp_path, "[]").late(instance, DUE)
