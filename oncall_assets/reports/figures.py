"""An edition's figures as its table has them, to the cent, each with a reason where there is none."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from oncall_assets.handbook.reports import Grain
from oncall_assets.metrics.contract import Column, Contract
from oncall_assets.metrics.days import Days, period_of
from oncall_assets.reports.edition import Amount, Figure, Unit, Value

if TYPE_CHECKING:
    import ibis

    from oncall_assets.reports.cadence import Planned

Read = Callable[[str, Days], "ibis.Table"]
"""The rows of a table by its name, of some days, with as many of the contract's columns as are there."""

# How many periods a picture shows, the one of the edition included.
_SHOWN: Final[Mapping[Grain, int]] = {"day": 14, "week": 12, "month": 12}

# How columns are called that hold a share of something: 0.25 for a quarter.
_RATIOS: Final = ("ratio", "margin", "coverage", "churn", "share", "rate")

_A_YEAR_OF_WEEKS: Final = timedelta(weeks=52)

# Read before the earliest period that is needed, so that a hole is not taken for the beginning.
_BEFORE: Final = 31


def unit_of(column: Column) -> Unit:
    """What a column counts in, by its name and kind: cents of money, things, a share, or else a number."""
    if column.name.endswith("_cents"):
        return "money"
    if column.kind == "int64":
        return "count"
    return "ratio" if column.name.endswith(_RATIOS) else "number"


def figures_of(planned: Planned, days: Days, read: Read, contract: Contract) -> tuple[Figure, ...]:
    """The report's figures of the period `days`, all from one query of `contract`'s table.

    A period's figure is what the row of its last day has in the report's grain: money in whole cents. A column
    with parts of a cent is rounded, a half to the even cent, and its calculation says so. The figure stands beside
    that of the period before and that of a year before: of a day the same date (28 February for the 29th), of a
    week the one 52 weeks before, of a month the same month. A period that has fewer of its days than the report's
    `coverage` asks for is compared with nothing and left out of the series.
    """
    grain, least = planned.report.period, planned.report.coverage
    before, year_ago, series = period_before(grain, days), year_before(grain, days), _series(grain, days)
    stored = _Stored.read(read, planned.table, grain, [*series, before, year_ago])
    columns = {column.name: column for column in contract.columns}
    metrics = {metric.name: metric for metric in planned.runbook.front.metrics}
    figures = []
    for one in planned.report.figures:
        column, metric = columns[one.column], metrics[one.metric]
        now = stored.value(column, days)
        earlier = [(period.first, stored.value(column, period, least).amount) for period in series[:-1]]
        figures.append(
            Figure(
                name=one.name,
                column=one.column,
                unit=unit_of(column),
                means=metric.means,
                calculation=_calculation(metric.calculation, column),
                now=now,
                before=stored.value(column, before, least),
                year_ago=stored.value(column, year_ago, least),
                series=(*earlier, (days.first, now.amount)),
            )
        )
    return tuple(figures)


def period_before(grain: Grain, days: Days) -> Days:
    """The day, week or month that ends where the period `days` begins."""
    return period_of(days.first - timedelta(days=1), grain)


def year_before(grain: Grain, days: Days) -> Days:
    """The same period a year before, as `figures_of` says."""
    first = days.first
    if grain == "week":
        return period_of(first - _A_YEAR_OF_WEEKS, grain)
    leap_day = (first.month, first.day) == (2, 29)
    return period_of(first.replace(year=first.year - 1, day=28 if leap_day else first.day), grain)


def _series(grain: Grain, days: Days) -> list[Days]:
    """The last periods up to `days`, oldest first."""
    periods = [days]
    while len(periods) < _SHOWN[grain]:
        periods.append(period_before(grain, periods[-1]))
    return periods[::-1]


@dataclass(frozen=True, slots=True)
class _Stored:
    """The rows of one grain by their day, and the first day that has any among those that were read."""

    rows: Mapping[date, list[dict[str, Any]]]
    first: date | None

    @classmethod
    def read(cls, read: Read, table: str, grain: Grain, periods: Iterable[Days]) -> _Stored:
        wanted = sorted({period.last for period in periods})
        found = read(table, Days(wanted[0], wanted[-1]).widen(before=_BEFORE))
        of_the_grain = found.filter(found.grain == grain)
        dated = of_the_grain.mutate(_first=of_the_grain.day.min())
        rows: dict[date, list[dict[str, Any]]] = {}
        first = None
        for row in dated.filter(dated.day.isin(wanted)).to_pyarrow().to_pylist():
            first = row["_first"]
            rows.setdefault(row["day"], []).append(row)
        return cls(rows, first)

    def value(self, column: Column, period: Days, least: float = 0) -> Value:
        """The figure of the period, which has to have the `least` share of its days, and at any rate some."""
        rows = self.rows.get(period.last, [])
        if len(rows) != 1:
            return Value(why=self._why_missing(period) if not rows else f"stored {len(rows)} times")
        (row,) = rows
        if lack := _lack(row, least):
            return Value(why=lack)
        if column.name not in row:
            return Value(why="not published")
        amount = row[column.name]
        return Value(why=_why_empty(column)) if amount is None else _number(amount, unit_of(column))

    def _why_missing(self, period: Days) -> str:
        known = self.first is not None and period.last < self.first
        return f"no figures before {self.first}" if known else "not computed"


def _lack(row: Mapping[str, Any], least: float) -> str | None:
    """Why the period's row says nothing about the period, if its own count of days says so.

    An aggregate has a row of zeros for a period without data: nobody is told a 0 that was never measured.
    """
    have, of, covered = row.get("days_with_data"), row.get("days_so_far"), row.get("coverage")
    if have == 0:
        return "no data in the period"
    if have is not None and of and have < least * of:
        return f"only {have} of {of} days have data"
    if covered is not None and covered < least:
        return f"only {covered:.0%} of its days have data"
    return None


def _number(amount: object, unit: Unit) -> Value:
    # The reporting database is not only ours: what somebody wrote into it may be text, or no number.
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not math.isfinite(amount):
        return Value(why="no number")
    exact: Amount = round(amount) if unit == "money" else amount
    return Value(amount=exact)


def _why_empty(column: Column) -> str:
    """In the contract's own words, as far as it has any for an empty column."""
    said = re.search(r"; (empty (?:unless|without|for|below) [^.;]+)", column.description)
    if said and said[1] != "empty without any":
        return said[1]
    return "not measured" if column.kind == "int64" else "nothing to divide by"


def _calculation(calculation: str, column: Column) -> str:
    if unit_of(column) == "money" and column.kind != "int64":
        return f"{calculation}; rounded to whole cents, a half to the even one"
    return calculation
