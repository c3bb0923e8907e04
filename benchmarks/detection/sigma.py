"""A rival: three standard deviations around the mean of the last four weeks, and nothing known of the data."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.detection.detector import SIGMA, Detector
from benchmarks.detection.nights import FIGURES, Night, Past
from oncall_assets.metrics.contracts import LANDED

WIDTH: Final = 3.0
DAYS: Final = 28

_TABLES: Final = frozenset((*LANDED, *FIGURES)) - {"control_totals"}


def three_sigma() -> Detector:
    """Alarms if rows, a sum of cents or the distinct accounts of the table are out of the ordinary."""
    return Detector(SIGMA, SIGMA, _TABLES, _alarms, each=True)


def _alarms(night: Night, table: str) -> bool:
    tonight = measures(night.tonight(table))
    days = [night.day - timedelta(days=back) for back in range(1, DAYS + 1)]
    past = [_measured(night.past, table, day) for day in days]
    return any(_beyond(value, [day[name] for day in past]) for name, value in tonight.items())


def measures(table: pa.Table) -> Mapping[str, int]:
    """Rows, the sum of each column of cents, and distinct accounts where the table names any."""
    found = {"rows": len(table)}
    for field in table.schema:
        if field.name.endswith("_cents") and pa.types.is_integer(field.type):
            found[field.name] = pc.sum(table[field.name], min_count=0).as_py()
    if "account_id" in table.column_names:
        found["account_id"] = pc.count_distinct(table["account_id"]).as_py()
    return found


def _beyond(value: int, past: list[int]) -> bool:
    return abs(value - statistics.fmean(past)) > WIDTH * statistics.stdev(past)


@lru_cache(maxsize=10_000)
def _measured(past: Past, table: str, day: date) -> Mapping[str, int]:
    return measures(past.tables[table][day])
