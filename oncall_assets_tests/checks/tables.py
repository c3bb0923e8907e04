"""Evidence of a test: tables in memory, read as the warehouse reads its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from oncall_assets.checks.rules import Evidence, judge
from oncall_assets.handbook import rules as written
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days

DAYS = Days.parse("2026-01-01", "2026-01-02")
FIRST, SECOND = DAYS.each
DAY = Days.one(SECOND)


def evidence(asset: str, days: Days = DAY, **tables: pa.Table) -> Evidence:
    """Evidence over tables in memory; like the warehouse, it gives only the rows that landed on the days."""

    def read(name: str, wanted: Days) -> ir.Table:
        rows = ibis.memtable(tables[name])
        contract = CONTRACTS.get(name)
        lands_by = contract.lands_by if contract else "day"
        if lands_by not in rows.columns:
            return rows
        column = rows[lands_by]
        landed = column if column.type().is_date() else column.date()
        return rows.filter(landed.between(wanted.first, wanted.last))

    return Evidence(asset, days, read)


def verdict(rule: written.Rule, found: Evidence) -> tuple[bool, float | int | str, str]:
    judged = judge(rule, found)
    return judged.passed, judged.observed, judged.sentence


def filed(*totals: tuple[str, date, int, int]) -> pa.Table:
    """Control totals of (source, day, rows, cents)."""
    names = ("source", "day", "rows", "amount_cents")
    rows = [dict(zip(names, total, strict=True)) for total in totals]
    return pa.Table.from_pylist(rows, CONTRACTS["control_totals"].schema.to_pyarrow())


def booked(*lines: tuple[date, int]) -> pa.Table:
    """`revenue_records` of (day, cents), at noon."""
    noon = timedelta(hours=12)
    rows = [
        {
            "record_id": f"r{number}",
            "account_id": "a",
            "booked_at": Days.one(day).start + noon,
            "kind": "sale",
            "amount_cents": cents,
            "currency": "USD",
        }
        for number, (day, cents) in enumerate(lines)
    ]
    return pa.Table.from_pylist(rows, CONTRACTS["revenue_records"].schema.to_pyarrow())


def assigned(*rows: tuple[str, str | None, str, date]) -> pa.Table:
    """`experiment_assignments` of (experiment, account, variant, day)."""
    names = ("experiment_id", "account_id", "variant", "assigned_at")
    found = [dict(zip(names, (*row[:3], Days.one(row[3]).start), strict=True)) for row in rows]
    return pa.Table.from_pylist(found, CONTRACTS["experiment_assignments"].schema.to_pyarrow())


def arrived(*rows: tuple[datetime | None, datetime]) -> pa.Table:
    """`usage_events` of (occurred, ingested)."""
    found: Sequence[dict[str, Any]] = [
        {"event_id": f"e{number}", "occurred_at": occurred, "ingested_at": ingested}
        for number, (occurred, ingested) in enumerate(rows)
    ]
    return pa.Table.from_pylist(found, CONTRACTS["usage_events"].schema.to_pyarrow())
