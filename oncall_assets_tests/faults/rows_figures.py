"""Rows of the fault matrix: what can be wrong with what was computed and kept, the sources being right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import write_deltalake

from oncall_assets_tests.faults.row import AGGREGATES, OF_AGGREGATES, Row
from oncall_assets_tests.faults.world import Change, World


def plus_one(*columns: str) -> Change:
    """The rows with one more in each of the columns."""

    def change(rows: pa.Table) -> pa.Table:
        for column in columns:
            rows = _with(rows, column, pc.add(rows[column], 1))
        return rows

    return change


def filled(**values: object) -> Change:
    """The rows with the value in each of the columns."""

    def change(rows: pa.Table) -> pa.Table:
        for column, value in values.items():
            rows = _with(rows, column, pa.array([value] * len(rows), rows.schema.field(column).type))
        return rows

    return change


def twice(rows: pa.Table) -> pa.Table:
    return pa.concat_tables([rows, rows])


def _with(rows: pa.Table, column: str, values: pa.ChunkedArray | pa.Array) -> pa.Table:
    return rows.set_column(rows.column_names.index(column), column, values)


def changed(judged: tuple[str, ...], **changes: Change) -> Callable[[World], None]:
    """Somebody changes stored tables of the day before by hand; then these are judged."""

    def happens(world: World) -> None:
        for table, change in changes.items():
            world.by_hand(table, change)
        world.judge(*judged)

    return happens


def another_column(world: World) -> None:
    """Another program writes the day before with a column of its own."""
    for table in (*AGGREGATES, "investor_report", "unit_level_profit"):
        folder = world.home / "warehouse" / table
        rows = world.stored(table)
        rows = rows.append_column("note", pa.repeat("", len(rows)))
        rows = rows.append_column("_partition", pa.repeat(str(world.day_before), len(rows)))
        chosen = f"_partition = '{world.day_before}'"
        write_deltalake(str(folder), rows, mode="overwrite", predicate=chosen, schema_mode="merge")
    world.judge(*AGGREGATES, "investor_report", "unit_level_profit")


def lost_day(world: World) -> None:
    """A day of profit and one of engagement are gone."""
    for table in ("profit", "growth", "engagement"):
        world.by_hand(table, lambda rows: rows.slice(0, 0), world.day_before - timedelta(days=3))
    world.night_and_tick()


# What is upstream comes first, as in a night.
TWICE: Final = ("growth", "engagement", "daily_growth", "unit_level_profit", "investor_report")

ROWS: Final = (
    Row(
        "aggregate profit is changed by hand",
        changed(
            ("aggregate_profit", "investor_report", "reporting/aggregate_profit"),
            aggregate_profit=plus_one("profit_cents", "revenue_cents"),
        ),
        (
            "aggregate_profit:figure_as_filed",
            "aggregate_profit:day_agrees_with_its_accounts",
            "aggregate_profit:month_agrees_with_its_days",
            "aggregate_profit:revenue_of_the_month_agrees",
            "investor_report:profit_cents_as_profit_says",
            "reporting/aggregate_profit:published_as_computed",
        ),
        (
            "aggregate_profit.mismatch_with_filing",
            "aggregate_profit.errors_over_time",
            "aggregate_profit.software_bug",
            "aggregate_profit.human_error",
            "aggregate_profit.wrong_in_dashboards",
            "investor_report.stale_upstream",
        ),
        ("david: critical aggregate_profit",),
        held=None,
    ),
    Row(
        "daily and aggregate growth disagree",
        changed(
            ("aggregate_growth", "daily_growth", "investor_report"),
            aggregate_growth=plus_one("new_accounts", "churned_accounts", "closing_accounts"),
        ),
        (
            "aggregate_growth:new_accounts_agree",
            "aggregate_growth:churned_accounts_agree",
            "daily_growth:company_line_agrees",
            "investor_report:closing_accounts_as_growth_says",
        ),
        (
            "aggregate_growth.daily_and_aggregate_disagree",
            "aggregate_growth.errors_over_time",
            "aggregate_growth.software_bug",
            "investor_report.stale_upstream",
        ),
        # Critical because of the investors' report, which differs for the same cause.
        ("david: critical aggregate_growth", "david: major daily_growth"),
        held=None,
    ),
    Row(
        "aggregate engagement is changed by hand",
        changed(
            ("aggregate_engagement", "investor_report"),
            aggregate_engagement=lambda rows: filled(mean_score=11.0)(plus_one("events", "active_users")(rows)),
        ),
        (
            "aggregate_engagement:mean_score_in_range",
            "aggregate_engagement:day_agrees_with_its_users",
            "aggregate_engagement:month_agrees_with_its_days",
            "investor_report:active_users_as_engagement_says",
        ),
        (
            "aggregate_engagement.errors_over_time",
            "aggregate_engagement.engagement_against_feedback",
            "investor_report.stale_upstream",
        ),
        ("david: critical aggregate_engagement",),
        held=None,
    ),
    Row(
        "rows stand in a table twice",
        changed(
            TWICE,
            **dict.fromkeys(TWICE, twice),
        ),
        (
            "daily_growth:one_row_per_variant",
            "daily_growth:company_line_agrees",
            "daily_growth:accounts_like_yesterday",
            "unit_level_profit:one_row_per_account",
            "investor_report:one_row_per_grain",
            "investor_report:profit_cents_as_profit_says",
            "investor_report:closing_accounts_as_growth_says",
            "investor_report:active_users_as_engagement_says",
            "growth:one_row_per_account",
            "engagement:one_row_per_user",
        ),
        (
            "daily_growth.counted_twice",
            "daily_growth.sudden_change",
            "daily_growth.wrong_growth_rate",
            "unit_level_profit.two_variants",
            "investor_report.duplicated_values",
            "aggregate_growth.double_counting",
            "aggregate_engagement.duplicate_events",
            "aggregate_engagement.software_bug",
        ),
        # Profit is made of growth too: one cause.
        ("david: critical growth", "david: major engagement"),
        held=None,
    ),
    Row(
        "figures for investors cannot be",
        changed(
            ("investor_report",),
            investor_report=filled(margin=2.0, churn_ratio=2.0, sessions_per_user=float("nan")),
        ),
        (
            "investor_report:margin_in_bounds",
            "investor_report:churn_in_bounds",
            "investor_report:figures_are_numbers",
        ),
        ("investor_report.implausible_figure", "investor_report.broken_ratio"),
        ("david: critical investor_report",),
        held=None,
    ),
    Row(
        "an account moved in a way that nobody defined",
        changed(("growth",), growth=filled(transition="paused")),
        ("growth:known_transitions",),
        ("daily_growth.unknown_transition",),
        ("david: major growth",),
        held=None,
    ),
    Row(
        "an account earned what no account can",
        changed(("unit_level_profit",), unit_level_profit=filled(profit_cents=10**12)),
        ("unit_level_profit:plausible_profit",),
        ("unit_level_profit.inaccurate_profit",),
        ("david: major unit_level_profit",),
        held=None,
    ),
    Row(
        "another program adds a column",
        another_column,
        (*(f"{table}:as_promised" for table in (*AGGREGATES, "investor_report", "unit_level_profit")),),
        (*(f"{table}.schema_change" for table in (*AGGREGATES, "investor_report", "unit_level_profit")),),
        (*OF_AGGREGATES, "david: major unit_level_profit"),
        held=None,
    ),
    Row(
        "a day of the month is lost",
        lost_day,
        (
            "investor_report:covered",
            "investor_report:profit_covered",
            "investor_report:growth_covered",
            "investor_report:engagement_covered",
        ),
        ("investor_report.missing_data",),
        ("david: critical investor_report",),
    ),
)
