"""One night of the sample company as its checks see it, and the same night with one table spoilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend as DuckDB

from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.engagement import aggregate_engagement, engagement
from oncall_assets.metrics.experiments import experiment_readout, unit_level_profit
from oncall_assets.metrics.growth import aggregate_growth, daily_growth, growth
from oncall_assets.metrics.investors import investor_report
from oncall_assets.metrics.profit import aggregate_profit, profit
from oncall_assets.pipelines.figure import HISTORY, PERIODS, SAME_DAY, Window
from oncall_assets.pipelines.warehouse import connect, promised
from oncall_assets.sample import Company, each_day

# Eight weeks for a trend, and the longest month that a figure to date looks back on.
HISTORY_DAYS: Final = 63

FIGURES: Final[dict[str, tuple[Callable[..., ir.Table], dict[str, Window]]]] = {
    "growth": (growth, {"account_events": HISTORY}),
    "daily_growth": (daily_growth, {"growth": SAME_DAY, "experiment_assignments": HISTORY}),
    "aggregate_growth": (aggregate_growth, {"growth": PERIODS}),
    "profit": (profit, {"revenue_records": SAME_DAY, "expense_records": SAME_DAY, "growth": SAME_DAY}),
    "unit_level_profit": (unit_level_profit, {"profit": SAME_DAY, "experiment_assignments": HISTORY}),
    "experiment_readout": (experiment_readout, {"unit_level_profit": HISTORY, "experiment_assignments": HISTORY}),
    "aggregate_profit": (aggregate_profit, {"profit": PERIODS}),
    # What comes on the two days after has not come yet.
    "engagement": (engagement, {"usage_events": Window(before=1)}),
    "aggregate_engagement": (aggregate_engagement, {"engagement": PERIODS, "feedback": PERIODS}),
    "investor_report": (
        investor_report,
        {"aggregate_profit": SAME_DAY, "aggregate_growth": SAME_DAY, "aggregate_engagement": SAME_DAY},
    ),
}


def made_of(table: str) -> frozenset[str]:
    """The table and every figure that is computed from it."""
    found = {table}
    for name, (_, reads) in FIGURES.items():
        if found & reads.keys():
            found.add(name)
    return frozenset(found)


@contextmanager
def working_engine(folder: Path) -> Iterator[DuckDB]:
    """An engine that spills to `folder`, and that Ibis takes where a table names none, until the block ends."""
    engine, before = connect(folder), ibis.options.default_backend
    ibis.set_backend(engine)
    try:
        yield engine
    finally:
        ibis.options.default_backend = before
        engine.disconnect()


class Past:
    """All days of a company: each table by the day its rows land on, landed and computed."""

    def __init__(self, company: Company, engine: DuckDB) -> None:
        self.company = company
        self.engine = engine
        self.tables: dict[str, dict[date, pa.Table]] = {}
        for sample in each_day(company):
            for name, table in sample.tables.items():
                self.tables.setdefault(name, {})[sample.day] = table
        for name in FIGURES:
            self.tables[name] = self._computed(name)

    def read(self, name: str, days: Days) -> pa.Table:
        """The rows of a table that landed on the days."""
        by_day = self.tables[name]
        pieces = [by_day[day] for day in sorted(by_day) if days.first <= day <= days.last]
        return pa.concat_tables(pieces or [CONTRACTS[name].schema.to_pyarrow().empty_table()])

    def _computed(self, name: str) -> dict[date, pa.Table]:
        compute, reads = FIGURES[name]
        everything = self.company.calendar
        tables = {read: self.engine.create_table(f"past_{read}", self.read(read, everything)) for read in reads}
        table = computed(self.engine, name, compute(**tables, days=everything))
        for read in reads:
            self.engine.drop_table(f"past_{read}")
        ordered = table.sort_by("day")
        at = ordered["day"].cast(pa.int32()).to_numpy()
        starts = {day: np.searchsorted(at, [_number(day), _number(day) + 1]) for day in everything.each}
        return {day: ordered.slice(first, end - first) for day, (first, end) in starts.items()}


@dataclass(eq=False)
class Night:
    """The company's tables when `day` was judged: nothing later is there.

    `spoilt` names the tables that are not as the company made them; `clean` is the same night without that.
    """

    past: Past
    day: date
    spoilt: Mapping[str, pa.Table]
    clean: Night | None = None

    @property
    def days(self) -> Days:
        return Days.one(self.day)

    @property
    def yesterday(self) -> date:
        return self.day - timedelta(days=1)

    def spoil(self, name: str, table: pa.Table) -> Night:
        """The night with another table in place of `name`, and all that is computed from it computed anew."""
        return Night(self.past, self.day, {name: table}, self)

    def tonight(self, name: str) -> pa.Table:
        """The rows of the night."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def read(self, name: str, days: Days) -> ir.Table:
        """As the warehouse gives them: the rows of a table that landed on the days."""
        if self.clean and name not in self._changed:
            return self.clean.read(name, days)
        if (name, days) not in self._read:
            pieces = []
            if days.first < self.day:
                before = Days(days.first, min(days.last, self.yesterday))
                pieces.append(self.past.read(name, before))
            if days.first <= self.day <= days.last:
                pieces.append(self.tonight(name))
            rows = pieces or [CONTRACTS[name].schema.to_pyarrow().empty_table()]
            self._read[name, days] = ibis.memtable(pa.concat_tables(rows))
        return self._read[name, days]

    def _make(self, name: str) -> pa.Table:
        if name in self.spoilt:
            return self.spoilt[name]
        if self.clean and name not in self._changed:
            return self.clean.tonight(name)
        if name not in FIGURES:
            return self.past.tables[name][self.day]
        compute, reads = FIGURES[name]
        tables = {read: self.read(read, self.days.widen(before=window.before)) for read, window in reads.items()}
        return computed(self.past.engine, name, compute(**tables, days=self.days))

    @cached_property
    def _changed(self) -> frozenset[str]:
        return frozenset().union(*(made_of(name) for name in self.spoilt))

    @cached_property
    def _made(self) -> dict[str, pa.Table]:
        return {}

    @cached_property
    def _read(self) -> dict[tuple[str, Days], ir.Table]:
        return {}


def computed(engine: DuckDB, name: str, rows: ir.Table) -> pa.Table:
    """The rows of a figure with the types that its contract promises."""
    with promised(engine, CONTRACTS[name], rows) as view:
        return engine.raw_sql(f"SELECT * FROM {view}").to_arrow_table()


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
