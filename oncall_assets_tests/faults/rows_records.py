"""Rows of the fault matrix: figures that stand on what is no more: other data, words, libraries, room."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from oncall_assets.metrics.days import Days
from oncall_assets_tests.faults.eves import ORDINARY
from oncall_assets_tests.faults.row import AGGREGATES, FIGURES, OF_AGGREGATES, Row, checks, issues
from oncall_assets_tests.faults.world import World


def computed_again(world: World) -> None:
    """A day below is computed again, and what stands on it is not."""
    world.compute("profit", days=Days.one(world.day_before - timedelta(days=2)))
    world.night(after=timedelta(minutes=10))
    world.tick()


def parts_computed_again(world: World) -> None:
    before = Days.one(world.day_before)
    world.compute("aggregate_profit", "growth", "engagement", days=before)
    world.judge(*AGGREGATES, "daily_growth", "investor_report")


def other_words(world: World) -> None:
    """The runbooks say that the figures are something else now."""
    for name in (*AGGREGATES, "investor_report"):
        path = world.home / "runbooks" / f"{name}.md"
        path.write_text(path.read_text().replace("    means: ", "    means: Something else. ", 1))
    world.load()
    world.judge(*AGGREGATES, "investor_report")


def other_libraries(world: World) -> None:
    pins = world.home / "constraints.txt"
    lines = ["duckdb==0.1.0" if line.startswith("duckdb==") else line for line in pins.read_text().splitlines()]
    pins.write_text("\n".join(lines))
    world.judge(*AGGREGATES)


def full_quota(world: World) -> None:
    world.rewrite(
        "aggregate_profit.md", "{headroom: {at_least: 1 GiB}}", "{headroom: {at_least: 1 MiB, quota: 2 MiB}}"
    )
    world.judge("profit")


ROWS: Final = (
    Row(
        "a day below the aggregate is computed again",
        computed_again,
        ("aggregate_profit:as_profit_stands", "unit_level_profit:as_profit_stands"),
        (
            "aggregate_profit.stale_upstream",
            "aggregate_profit.errors_over_time",
            "unit_level_profit.stale_upstream",
        ),
        ("david: critical aggregate_profit", "david: major unit_level_profit"),
    ),
    Row(
        "parts of the report are computed again",
        parts_computed_again,
        (
            "aggregate_growth:as_growth_stands",
            "aggregate_engagement:as_engagement_stands",
            "daily_growth:as_growth_stands",
            "investor_report:as_its_parts_stand",
        ),
        (
            "aggregate_growth.stale_upstream",
            "aggregate_engagement.stale_upstream",
            "daily_growth.wrong_growth_rate",
            "investor_report.stale_upstream",
        ),
        (
            "david: critical aggregate_growth",
            "david: major aggregate_engagement",
            "david: minor daily_growth",
        ),
        held=None,
        eve=ORDINARY,
    ),
    Row(
        "what a figure means is changed",
        other_words,
        checks(FIGURES, "one_definition"),
        (*issues(AGGREGATES, "definition_changed"), "investor_report.upstream_change"),
        OF_AGGREGATES,
        held=None,
    ),
    Row(
        "another version of a library is installed",
        other_libraries,
        checks(AGGREGATES, "libraries_as_pinned"),
        issues(AGGREGATES, "library_conflict"),
        OF_AGGREGATES,
        held=None,
    ),
    Row(
        "the quota is full",
        full_quota,
        ("profit:room_to_write",),
        ("aggregate_profit.full_disk",),
        ("david: critical profit",),
        held=None,
    ),
)
