"""Rows of the fault matrix: nights that are so slow that somebody waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import dagster as dg

from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days
from oncall_assets_tests.faults.eves import ORDINARY
from oncall_assets_tests.faults.row import Row
from oncall_assets_tests.faults.world import World

# After the night's two o'clock.
EVENING: Final = timedelta(hours=15.1)
NINE_IN_INDIA: Final = timedelta(hours=21.6)
# A tenth of a second of computing becomes half an hour.
SLOWLY: Final = 20_000
SLOW: Final = ("growth", "engagement", "daily_growth", "profit", "unit_level_profit", "investor_report")


def late(*missing: str, at: timedelta = EVENING, days: int = 1) -> Callable[[World], None]:
    """All is there but one table, which the run has not come to."""

    def happens(world: World) -> None:
        stretch = Days(world.day, world.day + timedelta(days=days - 1))
        for table in set(CONTRACTS) - set(missing):
            there(world, table, stretch)
        world.tick(at + timedelta(days=days - 1))

    return happens


def late_in_the_evening(world: World) -> None:
    """It can wait for business hours, and in India it is night by then."""
    late("daily_growth")(world)
    assert [] == world.post.pages
    world.tick(NINE_IN_INDIA)


def there(world: World, table: str, days: Days) -> None:
    for key in days.keys:
        world.instance.report_runless_asset_event(dg.AssetMaterialization(table, partition=key))


def slow_steps(world: World) -> None:
    """Steps that took no time five times take half an hour."""
    for back in range(5, 0, -1):
        world.compute(*SLOW, days=Days.one(world.day - timedelta(days=back)))
    world.compute(*SLOW, days=Days.one(world.day_before), checks="not_slower_than_usual", speed=SLOWLY)
    world.tick()


ROWS: Final = (
    Row(
        "the night is so slow that readouts are late",
        late("unit_level_profit"),
        ("asset late",),
        ("unit_level_profit.delayed_data",),
        ("david: major unit_level_profit",),
        eve=ORDINARY,
    ),
    Row(
        "the night is so slow that the morning's report is late",
        late("aggregate_profit", "investor_report"),
        ("asset late",),
        ("aggregate_profit.late_report", "investor_report.slow_processing"),
        ("david: critical aggregate_profit",),
        eve=ORDINARY,
    ),
    Row(
        "daily growth is not there by the evening",
        late_in_the_evening,
        ("asset late",),
        ("daily_growth.latency",),
        ("david: minor daily_growth",),
        eve=ORDINARY,
    ),
    Row(
        "steps are slower than they ever were",
        slow_steps,
        (*(f"{table}:not_slower_than_usual" for table in SLOW),),
        (
            "aggregate_profit.late_report",
            "aggregate_growth.slow_processing",
            "aggregate_engagement.slow_processing",
            "aggregate_engagement.out_of_memory",
            "daily_growth.latency",
            "unit_level_profit.delayed_data",
            "investor_report.slow_processing",
        ),
        ("david: critical growth", "david: critical engagement"),
        held=None,
    ),
)
