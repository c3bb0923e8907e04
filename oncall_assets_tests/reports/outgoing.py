"""A company of one table with its reports, run by Dagster at any instant, before a real mail server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import dagster as dg

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.home import ledger_url
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.edition_records import EditionRecord
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.metrics.contracts import CONTRACTS, LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.figure import daily
from oncall_assets.pipelines.reporting import ReportingDatabase
from oncall_assets.reports import editions
from oncall_assets.reports.office import EditionOffice
from oncall_assets_tests.incidents.company import handbook
from oncall_assets_tests.pipelines.reporting.tables import figures
from oncall_assets_tests.smtp_server import SmtpServer

DAY = Days.parse("2026-01-06")
# In London, where that is UTC in winter.
DUE = datetime(2026, 1, 7, 6, tzinfo=UTC)
LONG_AFTER = DUE + timedelta(days=7, seconds=1)
DAILY = dg.AssetKey(["editions", "profit_daily"])
REPORTS = """severity: critical
reports:
  - {name: daily, title: Aggregate profit, period: day, due: {at: "06:00"}, of: aggregate_profit,
     to: [investors, stakeholders], figures: [{column: profit_cents, name: Profit, metric: profit}]}
  - {name: weekly, title: Weekly profit, period: week, due: {at: "07:00", on: monday}, of: aggregate_profit,
     to: [stakeholders], figures: [{column: profit_cents, name: Profit, metric: profit}]}
  - {name: monthly, title: Board profit, period: month, of: aggregate_profit, to: [investors],
     due: {business_days: 2, before: board, at: "17:00"},
     figures: [{column: profit_cents, name: Profit, metric: profit}]}
"""
BOARD = "calendars: {board: [2026-02-17]}\n"
# Who gets the daily report.
BOTH = ["all@example.com", "ir@example.com"]
TABLE = dg.AssetKey("aggregate_profit")
PUBLISHED = dg.AssetKey(["reporting", "aggregate_profit"])
# Of a profit of a day, in cents; whatever shows it anywhere shows these digits.
CENTS = 7_654_321


def channel(port: int, more: str = "") -> str:
    return f"{{email: {{host: 127.0.0.1, port: {port}, security: none, sender: reports@example.com{more}}}}}"


def team_of(folder: Path, channels: str = "{console: {}}", front: str = REPORTS, team: str = BOARD) -> Handbook:
    """The handbook in `folder`, which plans `profit_daily`, `profit_weekly` and `profit_monthly`."""
    handbook(folder, channels, front=front, team=team)
    nothing = "{kind: none, because: not in this test}"
    sources = ", ".join(f"{name}: {nothing}" for name in sorted(LANDED))
    (folder / "sources.yaml").write_text(f"first_day: 2026-01-01\nsources: {{{sources}}}\n")
    return load_handbook(folder, frozenset(LANDED))


class OfficeAt(EditionOffice):
    """Where it is `at`, whatever the time; runs in this process belong to no code location."""

    at: str
    graphs: ClassVar[dict[str, Any]] = {}

    def now(self) -> datetime:
        return datetime.fromisoformat(self.at)

    def graph(self, context: dg.AssetExecutionContext) -> Any:  # noqa: ARG002 - the run's own knows one asset
        return self.graphs[self.handbook_folder]


@dataclass
class Company:
    """Runs of editions; `sayings` is all that Dagster's event log and its metadata have of them."""

    handbook: Handbook
    instance: dg.DagsterInstance
    sayings: list[str] = field(default_factory=list)

    def definitions(self, at: datetime = DUE) -> dg.Definitions:
        days = daily(self.handbook.sources.first_day, None)

        @dg.asset(key=TABLE, partitions_def=days)
        def table() -> None: ...

        @dg.asset(key=PUBLISHED, partitions_def=days, deps=[TABLE])
        def published() -> None: ...

        made = editions(self.handbook)
        folder = str(self.handbook.folder.resolve())
        definitions = dg.Definitions(
            assets=[table, published, *(made.assets or ())],
            resources={"office": OfficeAt(handbook_folder=folder, at=at.isoformat())},
            executor=dg.in_process_executor,
        )
        OfficeAt.graphs[folder] = definitions.resolve_asset_graph()
        return definitions

    def compute(self, days: Days = DAY, cents: int = CENTS, only: dg.AssetKey | None = None) -> None:
        """The table computed and published, as a night does it."""
        ReportingDatabase().publish(CONTRACTS["aggregate_profit"], figures(days, cents), days)
        for key in (TABLE, PUBLISHED) if only is None else (only,):
            for day in days.keys:
                self.instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=day))

    def run(
        self,
        at: datetime = DUE,
        partition: str = str(DAY),
        asset: dg.AssetKey = DAILY,
        tags: Mapping[str, str] | None = None,
    ) -> dg.ExecuteInProcessResult:
        job = self.definitions(at).resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(
            instance=self.instance,
            partition_key=partition,
            asset_selection=[asset],
            tags=dict(tags or {}),
            raise_on_error=False,
        )
        self.sayings += [str(entry) for entry in self.instance.all_logs(result.run_id)]
        return result


def failure(result: dg.ExecuteInProcessResult) -> str:
    """What the failed step says."""
    (event,) = [event for event in result.all_events if event.is_step_failure]
    found = event.step_failure_data.user_failure_data
    assert found is not None, event.step_failure_data.error
    return str(found.description)


def metadata(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """The metadata of the one partition that was made."""
    (event,) = result.get_asset_materialization_events()
    found = event.step_materialization_data.materialization.metadata
    return {name: value.value for name, value in found.items()}


def sent_nothing(result: dg.ExecuteInProcessResult) -> bool:
    """Whether all went well and nothing was made."""
    return result.success and not result.get_asset_materialization_events()


@contextmanager
def ledger() -> Iterator[EditionBook]:
    with Database(ledger_url()) as database:
        yield EditionBook(database)


def recorded(report: str = "profit_daily", period: str = str(DAY)) -> EditionRecord | None:
    with ledger() as book:
        return book.edition(report, period)


def addressed(server: SmtpServer) -> list[str]:
    return sorted(address for mail in server.received for address in mail.recipients)
