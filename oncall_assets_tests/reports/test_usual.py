"""How long a table usually takes is told by its last runs, and by nothing that says little."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from oncall_assets.reports.usual import usual_duration
from oncall_assets_tests.reports.desks import MINUTE, PUBLISHED, computed

NOW = datetime(2026, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as running:
        yield running


def usual(instance: dg.DagsterInstance, now: datetime = NOW) -> timedelta | None:
    return usual_duration(instance, PUBLISHED, now)


def test_nothing_is_usual_before_the_third_run(instance: dg.DagsterInstance) -> None:
    for minutes in (10, 30):
        computed(instance, PUBLISHED, NOW - minutes * DAY, minutes * MINUTE)
        assert usual(instance) is None
    computed(instance, PUBLISHED, NOW - DAY, 14 * MINUTE)
    assert 14 * MINUTE == usual(instance)


def test_it_is_the_median_so_that_one_bad_night_changes_little(instance: dg.DagsterInstance) -> None:
    for day, minutes in enumerate([10, 11, 12, 300], start=1):
        computed(instance, PUBLISHED, NOW - day * DAY, minutes * MINUTE)
    assert 11.5 * MINUTE == usual(instance)


def test_only_the_last_fourteen_runs_count(instance: dg.DagsterInstance) -> None:
    for day in reversed(range(1, 30)):
        computed(instance, PUBLISHED, NOW - day * DAY, (10 if day <= 14 else 60) * MINUTE)
    assert 10 * MINUTE == usual(instance)
    assert 60 * MINUTE == usual(instance, NOW - 8 * DAY + 5 * MINUTE)


def test_a_run_over_many_days_counts_once_and_until_its_last_day_is_there(instance: dg.DagsterInstance) -> None:
    computed(instance, PUBLISHED, NOW - 3 * DAY, 10 * MINUTE)
    computed(instance, PUBLISHED, NOW - 2 * DAY, 12 * MINUTE)
    assert usual(instance) is None
    computed(instance, PUBLISHED, NOW - DAY, 11 * MINUTE, days=31)
    assert 11 * MINUTE == usual(instance)


def test_what_is_of_another_table_or_came_in_no_run_says_nothing(instance: dg.DagsterInstance) -> None:
    for day in range(1, 5):
        computed(instance, dg.AssetKey("other"), NOW - day * DAY, 10 * MINUTE)
        instance.report_runless_asset_event(dg.AssetMaterialization(PUBLISHED, partition=f"2026-01-0{day}"))
    assert usual(instance, datetime.now(UTC) + DAY) is None
