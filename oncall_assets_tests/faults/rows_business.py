"""Rows of the fault matrix: days whose files are complete and well-formed, and tell what cannot have happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from oncall_assets.metrics.days import Days
from oncall_assets.sample.totals import control_totals
from oncall_assets_tests.faults.eves import FIRST
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


def many_leave(world: World) -> None:
    """Three of five customers give up their seats on one day, and go on using the product."""
    days = Days(FIRST, world.day_before).each
    accounts = {
        row["account_id"]: row
        for day in days
        for row in pq.read_table(world.file("account_events", day)).sort_by("occurred_at").to_pylist()
    }
    holders = sorted(account for account, last in accounts.items() if last["seats"] > 0)
    leaving = [account for number, account in enumerate(holders) if number % 5 < 3]
    noon = Days.one(world.day).start + timedelta(hours=12)

    def change(rows: pa.Table) -> pa.Table:
        gone = {
            "event_id": [f"left-{account}" for account in leaving],
            "account_id": leaving,
            "occurred_at": [noon] * len(leaving),
            "kind": ["cancellation"] * len(leaving),
            "seats": [0] * len(leaving),
        }
        return pa.concat_tables([rows, pa.table(gone, rows.schema)])

    world.change("account_events", change)
    file_again(world, world.day)
    world.night_and_tick()


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


ROWS: Final[tuple[Row, ...]] = ()
