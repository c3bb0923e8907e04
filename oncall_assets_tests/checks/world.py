"""The sample company's own tables, landed and computed, for a test: with a fault, or with a table changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import ibis.expr.types as ir
import pyarrow as pa

from oncall_assets.metrics.contracts import CONTRACTS, LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.engagement import aggregate_engagement, engagement
from oncall_assets.metrics.experiments import experiment_readout, unit_level_profit
from oncall_assets.metrics.growth import aggregate_growth, daily_growth, growth
from oncall_assets.metrics.investors import investor_report
from oncall_assets.metrics.profit import aggregate_profit, profit
from oncall_assets.pipelines.warehouse import connect, promised
from oncall_assets.sample import Company, Fault, each_day
from oncall_assets.sample.faults import plant

Change = Callable[[pa.Table], pa.Table]

_FIGURES: Final[dict[str, tuple[Callable[..., ir.Table], tuple[str, ...]]]] = {
    "growth": (growth, ("account_events",)),
    "daily_growth": (daily_growth, ("growth", "experiment_assignments")),
    "aggregate_growth": (aggregate_growth, ("growth",)),
    "profit": (profit, ("revenue_records", "expense_records", "growth")),
    "unit_level_profit": (unit_level_profit, ("profit", "experiment_assignments")),
    "experiment_readout": (experiment_readout, ("unit_level_profit", "experiment_assignments")),
    "aggregate_profit": (aggregate_profit, ("profit",)),
    "engagement": (engagement, ("usage_events",)),
    "aggregate_engagement": (aggregate_engagement, ("engagement", "feedback")),
    "investor_report": (investor_report, ("aggregate_profit", "aggregate_growth", "aggregate_engagement")),
}


def landed(company: Company, faults: Sequence[Fault] = ()) -> dict[str, pa.Table]:
    """The landed tables of the company with the faults in them; the filing knows of none."""
    days = [
        {name: plant(company, faults, sample.day, name, table) for name, table in sample.tables.items()}
        for sample in each_day(company)
    ]
    return {name: pa.concat_tables([day[name] for day in days]) for name in LANDED}


class World:
    """Tables by name, each computed when it is first read; `changes` are made to a table before others read it."""

    def __init__(
        self,
        folder: Path,
        days: Days,
        tables: dict[str, pa.Table],
        changes: Mapping[str, Sequence[Change]] | None = None,
    ) -> None:
        self._engine = connect(folder / "spill")
        self._days = days
        self._tables = tables
        self._changes = changes or {}
        self._made: dict[str, ir.Table] = {}

    def read(self, name: str, days: Days) -> ir.Table:
        """As the warehouse gives them: the rows of a table that landed on the days."""
        if name not in self._made:
            table = self._make(name)
            for change in self._changes.get(name, ()):
                table = change(table)
            self._made[name] = self._engine.create_table(name, table)
        rows = self._made[name]
        day = CONTRACTS[name].landing_day(rows)
        return rows.filter(day.between(days.first, days.last))

    def close(self) -> None:
        self._engine.disconnect()

    def _make(self, name: str) -> pa.Table:
        if name in self._tables:
            return self._tables[name]
        compute, reads = _FIGURES[name]
        everything = Days(self._days.first, self._days.last).widen(after=30)
        rows = compute(**{read: self.read(read, everything) for read in reads}, days=self._days)
        with promised(self._engine, CONTRACTS[name], rows) as view:
            return self._engine.raw_sql(f"SELECT * FROM {view}").to_arrow_table()
