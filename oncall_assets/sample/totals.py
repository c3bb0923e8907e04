"""The accounting filing: what each source holds when nothing went wrong on its way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from oncall_assets.sample.landing import rows


def control_totals(day: date, tables: Mapping[str, pa.Table]) -> pa.Table:
    """The `control_totals` of `tables` by name: a row each with its rows and its sum in cents, 0 without money."""
    return rows(
        "control_totals",
        {
            "source": pa.array(list(tables), pa.string()),
            "day": pa.repeat(pa.scalar(day, pa.date32()), len(tables)),
            "rows": pa.array([table.num_rows for table in tables.values()], pa.int64()),
            "amount_cents": pa.array([_cents(table) for table in tables.values()], pa.int64()),
        },
    )


def _cents(table: pa.Table) -> int:
    if "amount_cents" not in table.column_names:
        return 0
    cents: int = pc.sum(table["amount_cents"], min_count=0).as_py()
    return cents
