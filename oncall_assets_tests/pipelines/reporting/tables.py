"""Small tables to publish, and the database asked directly, as a BI tool asks it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from adbc_driver_postgresql import dbapi as postgresql
from adbc_driver_sqlite import dbapi as sqlite

from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days, bounds

PROFIT = CONTRACTS["aggregate_profit"]
DAYS = Days.parse("2026-01-04", "2026-01-06")
FIRST, SECOND, THIRD = DAYS.each
GRAINS = ("day", "week", "month")


def figures(days: Days = DAYS, cents: int = 100, margin: float | None = 0.25) -> pa.Table:
    """`aggregate_profit` with `cents` of revenue a day and everything that follows from them."""
    rows = [_row(day, grain, cents, margin) for day in days.each for grain in GRAINS]
    return pa.Table.from_pylist(rows, PROFIT.schema.to_pyarrow())


def _row(day: date, grain: str, cents: int, margin: float | None) -> dict[str, Any]:
    start, end = bounds(day, grain)
    so_far = (day - start).days + 1
    return {
        "day": day,
        "grain": grain,
        "period_start": start,
        "period_end": end,
        "is_complete": day == end - timedelta(days=1),
        "days_with_data": so_far,
        "days_so_far": so_far,
        "accounts": 7,
        "revenue_cents": cents * so_far,
        "direct_cost_cents": 0,
        "allocated_cost_cents": 2**53 + 1,
        "profit_cents": cents * so_far,
        "margin": margin,
    }


def ask(url: str, sql: str, autocommit: bool = False, user: str | None = None) -> list[tuple[Any, ...]]:
    """The rows that somebody else gets, on a connection of their own; what they changed stays."""
    if url.startswith("sqlite"):
        opening = sqlite.connect(url.removeprefix("sqlite:///"), autocommit=autocommit)
    else:
        target = url.replace("//postgres:", f"//{user}:") if user else url
        opening = postgresql.connect(target, autocommit=autocommit)
    with opening as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        found = list(cursor.fetchall()) if cursor.description else []
        if not autocommit:
            connection.commit()
        return found


def sorted_rows(table: pa.Table | None) -> list[tuple[Any, ...]]:
    """A table's rows in an order of their own."""
    assert table is not None
    return sorted((tuple(row.values()) for row in table.to_pylist()), key=repr)
