"""A warehouse that computes its days again, and reports that were sent from it before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import ibis
import pyarrow as pa

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.edition_records import EditionRecord, RestatementRecord
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.metrics.contracts import CONTRACTS, LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.reports.cadence import Planned, planned
from oncall_assets.reports.figures import figures_of
from oncall_assets.reports.restating import Looked, look_for_restatements
from oncall_assets_tests.cli import reporting
from oncall_assets_tests.faults.clock import clock

_DAILY = dg.DailyPartitionsDefinition("2026-09-01", end_date="2026-12-01")
_WINDOW = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=2, allow_nonexistent_upstream_partitions=True)
_PERIODS = dg.TimeWindowPartitionMapping(start_offset=-37, allow_nonexistent_upstream_partitions=True)
PROFIT = ("revenue_records", "expense_records", "profit", "aggregate_profit", "reporting/aggregate_profit")
USAGE = ("engagement", "aggregate_engagement", "reporting/aggregate_engagement")


def definitions(version: str = "1") -> list[dg.AssetsDefinition]:
    """The lineage of two tables, and their reports; `version` is that of the code of `aggregate_profit`."""
    same = dg.IdentityPartitionMapping()

    def asset(
        key: str, reads: dict[str, dg.PartitionMapping], code: str | None = "1", days: Any = _DAILY
    ) -> dg.AssetsDefinition:
        deps = [dg.AssetDep(dg.AssetKey(one.split("/")), partition_mapping=how) for one, how in reads.items()]

        @dg.asset(key=dg.AssetKey(key.split("/")), deps=deps, partitions_def=days, code_version=code)
        def computed() -> None: ...

        return computed

    by_window = dg.TimeWindowPartitionMapping()
    monthly, weekly = (
        dg.MonthlyPartitionsDefinition("2026-09-01"),
        dg.WeeklyPartitionsDefinition("2026-08-31", day_offset=1),
    )
    return [
        asset("revenue_records", {}, None),
        asset("expense_records", {}, None),
        asset("usage_events", {}, None),
        asset("profit", {"revenue_records": same, "expense_records": same}),
        asset("aggregate_profit", {"profit": _PERIODS}, version),
        asset("reporting/aggregate_profit", {"aggregate_profit": same}, None),
        asset("engagement", {"usage_events": _WINDOW}),
        asset("aggregate_engagement", {"engagement": _PERIODS}),
        asset("reporting/aggregate_engagement", {"aggregate_engagement": same}, None),
        asset("editions/profit_daily", {"reporting/aggregate_profit": same}, None),
        asset("editions/profit_monthly", {"reporting/aggregate_profit": by_window}, None, monthly),
        asset("editions/profit_usage", {"reporting/aggregate_engagement": by_window}, None, weekly),
    ]


@dataclass
class Company:
    """`rows` is the reporting database: of each table, column and day the value in every grain."""

    instance: dg.DagsterInstance
    handbook: Handbook
    book: EditionBook
    rows: dict[tuple[str, str, date], int | float | None] = field(default_factory=dict)
    reads: list[tuple[str, Days]] = field(default_factory=list)
    looked: Looked | None = None

    def report(self, key: str) -> Planned:
        return next(one for one in planned(self.handbook) if one.key == key)

    def computes(self, at: datetime, days: Days, *assets: str, version: str = "1") -> list[str]:
        """A run for each day computes these assets; returns the runs' ids."""
        runs = []
        chosen = [dg.AssetKey(asset.split("/")) for asset in assets]
        with clock(at):
            for day in days.keys:
                result = dg.materialize(
                    definitions(version), partition_key=day, instance=self.instance, selection=chosen
                )
                runs.append(result.run_id)
        return runs

    def sends(self, key: str, days: Days, at: datetime, **more: Any) -> EditionRecord:
        """The report of these days as the tables say now, to everybody."""
        one = self.report(key)
        figures = figures_of(one, days, self.read, CONTRACTS[one.table])
        edition = reporting.content(key, days, figures, at, table=one.table, **more)
        return reporting.sends(self.book, edition, at)

    def looks(self, now: datetime) -> list[RestatementRecord]:
        self.reads.clear()
        graph = dg.Definitions(assets=definitions()).resolve_asset_graph()
        return look_for_restatements(self.instance, graph, self.handbook, self.book, self.read, now, self.looked)

    def read(self, table: str, days: Days) -> ibis.Table:
        """A row for each day and grain of the table in which every whole number is the day's value."""
        self.reads.append((table, days))
        contract = CONTRACTS[table]
        filled: dict[str, Any] = {column.name: 1 for column in contract.columns if column.kind == "int64"}
        filled |= {column.name: True for column in contract.columns if column.kind == "boolean"}
        mine = {(on, column): value for (name, column, on), value in self.rows.items() if name == table}
        found = []
        for day in sorted({on for on, _ in mine if on in days.each}):
            dates = {column.name: day for column in contract.columns if column.kind == "date"}
            values = {column: value for (on, column), value in mine.items() if on == day}
            found += [{**filled, **dates, **values, "grain": grain} for grain in ("day", "week", "month")]
        schema = contract.schema.to_pyarrow()
        return ibis.memtable(pa.Table.from_pylist(found, schema))


@contextmanager
def company(folder: Path, url: str) -> Iterator[Company]:
    """The small team of the command line's tests with an empty ledger at `url`."""
    handbook = load_handbook(reporting.handbook(folder / "book"), frozenset(LANDED))
    with dg.DagsterInstance.ephemeral() as instance, Database(url) as database:
        yield Company(instance, handbook, EditionBook(database))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days(first: str, last: str | None = None) -> Days:
    return Days.parse(first, last)
