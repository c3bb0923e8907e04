"""Rows of the fault matrix: days whose files are complete and well-formed, and tell what cannot have happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from oncall_assets.metrics.days import Days
from oncall_assets.sample.totals import control_totals
from oncall_assets_tests.faults.eves import FIRST, ORDINARY
from oncall_assets_tests.faults.row import Row
from oncall_assets_tests.faults.world import World

FILED: Final = ("revenue_records", "expense_records", "account_events", "usage_events", "feedback")
# So many times a day's revenue comes.
TIMES: Final = 40


def file_again(world: World, day: date) -> None:
    """The accounting filing says what the sources say."""
    delivered = {table: pq.read_table(world.file(table, day)) for table in (*FILED, "experiment_assignments")}
    world.change("control_totals", lambda _: control_totals(day, delivered), day)


def lost(table: str) -> Callable[[World], None]:
    """Half of the day's rows are missing."""

    def happens(world: World) -> None:
        world.change(table, lambda rows: rows.slice(0, len(rows) // 2))
        world.night_and_tick()

    return happens


def empty(table: str, column: str) -> Callable[[World], None]:
    """Rows carry nothing in a column."""

    def happens(world: World) -> None:
        world.change(table, lambda rows: with_column(rows, column, pa.nulls(len(rows), pa.string())))
        world.night_and_tick()

    return happens


def with_column(rows: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return rows.set_column(rows.column_names.index(column), column, values)


def stale_expenses(world: World) -> None:
    """Yesterday's expenses come again, under today's date."""
    yesterday = pq.read_table(world.file("expense_records", world.day_before))
    today = pa.repeat(pa.scalar(world.day, pa.date32()), len(yesterday))
    world.change("expense_records", lambda _: with_column(yesterday, "booked_on", today))
    world.night_and_tick()


def no_revenue_this_month(world: World) -> None:
    """Nobody has paid since the month began, and the filing says so too."""
    month = Days(world.day.replace(day=1), world.day)
    for day in month.each:
        world.change("revenue_records", lambda rows: rows.slice(0, 0), day)
        file_again(world, day)
    world.night(month)
    world.tick()


def quiet_day(world: World) -> None:
    world.change("usage_events", lambda rows: rows.take(list(range(0, len(rows), 12))))
    file_again(world, world.day)
    world.night_and_tick()


def many_leave(fifths: int) -> Callable[[World], None]:
    """So many of five customers give up their seats on one day, and go on using the product."""

    def happens(world: World) -> None:
        last: dict[str, int] = {}
        for day in Days(FIRST, world.day_before).each:
            for row in pq.read_table(world.file("account_events", day)).sort_by("occurred_at").to_pylist():
                last[row["account_id"]] = row["seats"]
        holders = sorted(account for account, seats in last.items() if seats > 0)
        leaving = [account for number, account in enumerate(holders) if number % 5 < fifths]
        world.change("account_events", partial(_cancelled, leaving, world.day))
        file_again(world, world.day)
        world.night_and_tick()

    return happens


def _cancelled(accounts: list[str], day: date, rows: pa.Table) -> pa.Table:
    gone = {
        "event_id": [f"left-{account}" for account in accounts],
        "account_id": accounts,
        "occurred_at": [Days.one(day).start + timedelta(hours=12)] * len(accounts),
        "kind": ["cancellation"] * len(accounts),
        "seats": [0] * len(accounts),
    }
    return pa.concat_tables([rows, pa.table(gone, rows.schema)])


def windfall(world: World) -> None:
    """A day's revenue comes many times over, each line under an id of its own."""

    def change(rows: pa.Table) -> pa.Table:
        copies = [
            with_column(rows, "record_id", pc.binary_join_element_wise(rows["record_id"], str(number), "-")).cast(
                rows.schema
            )
            for number in range(TIMES)
        ]
        return pa.concat_tables(copies)

    world.change("revenue_records", change)
    file_again(world, world.day)
    world.night_and_tick()


def late_expenses(world: World) -> None:
    """All comes at seven in the morning, three hours after the expenses were due."""
    world.night(after=timedelta(hours=5))
    world.tick(timedelta(hours=6))


EXPENSES_AS_FILED: Final = ("expense_records:expenses_complete", "expense_records:expenses_total_as_filed")

ROWS: Final = (
    Row(
        "half of the assignments are missing",
        lost("experiment_assignments"),
        ("experiment_assignments:assignments_complete",),
        ("unit_level_profit.incomplete_assignments",),
        ("david: major unit_level_profit",),
        held=False,
    ),
    Row(
        "half of the account events are missing",
        lost("account_events"),
        ("account_events:account_events_complete",),
        ("aggregate_growth.incomplete_events",),
        ("david: major growth",),
    ),
    Row(
        "half of the feedback forms are missing",
        lost("feedback"),
        ("feedback:feedback_complete", "control_totals:feedback_as_filed"),
        ("aggregate_engagement.engagement_against_feedback", "aggregate_engagement.human_error"),
        # It warns, which is for the digest.
        (),
        held=False,
    ),
    Row(
        "assignments name no variant",
        empty("experiment_assignments", "variant"),
        ("experiment_assignments:assignments_named",),
        ("unit_level_profit.unassigned_rows",),
        ("david: major unit_level_profit",),
        held=False,
    ),
    Row(
        "yesterday's expenses come again",
        stale_expenses,
        EXPENSES_AS_FILED,
        ("aggregate_profit.stale_expenses", "aggregate_profit.human_error"),
        ("david: critical profit",),
    ),
    Row(
        "the expenses come three hours late",
        late_expenses,
        ("expense_records:expenses_in_time",),
        ("aggregate_profit.stale_expenses",),
        ("david: critical profit",),
        held=False,
        eve=ORDINARY,
    ),
    Row(
        "a month without revenue is divided by",
        no_revenue_this_month,
        (
            "aggregate_profit:margin_is_a_number",
            "aggregate_profit:revenue_above_zero",
            "aggregate_profit:profit_above_zero",
        ),
        (
            "aggregate_profit.broken_ratio",
            "aggregate_profit.zero_or_negative",
            "aggregate_profit.incomplete_records",
        ),
        ("david: critical aggregate_profit",),
    ),
    Row(
        "revenue jumps",
        windfall,
        ("aggregate_profit:revenue_like_last_week",),
        ("aggregate_profit.sudden_change",),
        ("david: critical aggregate_profit",),
        held=False,
    ),
    Row(
        "hardly anybody uses the product",
        quiet_day,
        ("aggregate_engagement:events_like_the_past", "aggregate_engagement:users_like_the_past"),
        ("aggregate_engagement.drop_in_use", "aggregate_engagement.missing_events"),
        ("david: major aggregate_engagement",),
        held=False,
    ),
    Row(
        "most customers leave on one day",
        many_leave(fifths=3),
        (
            "aggregate_growth:accounts_like_the_past",
            "aggregate_growth:seats_like_the_past",
            "aggregate_growth:churn_in_bounds",
            "aggregate_growth:growth_in_bounds",
            "daily_growth:accounts_like_yesterday",
        ),
        (
            "aggregate_growth.unlike_the_past",
            "aggregate_growth.missing_status_changes",
            "aggregate_growth.broken_ratio",
            "daily_growth.sudden_change",
        ),
        ("david: major aggregate_growth", "david: minor daily_growth"),
    ),
    Row(
        "people use what nobody holds seats of",
        many_leave(fifths=2),
        (
            "aggregate_engagement:active_accounts_hold_seats",
            "aggregate_growth:accounts_like_the_past",
            "aggregate_growth:seats_like_the_past",
            "daily_growth:accounts_like_yesterday",
        ),
        ("aggregate_growth.sources_disagree", "aggregate_growth.unlike_the_past"),
        ("david: major aggregate_growth", "david: minor daily_growth", "david: major aggregate_engagement"),
        held=False,
        eve=ORDINARY,
    ),
)
