"""A month of the sample company hour by hour: its nights, its desk of reports and its pager, on a moved clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
from dagster._time import get_current_datetime

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import ledger_url
from oncall_assets.incidents.case import Desk as PagersDesk
from oncall_assets.incidents.delivery.channels import channels_of
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.tick import Round
from oncall_assets.layer import with_on_call
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets.notify.console import Console
from oncall_assets.pipelines import company
from oncall_assets.reports import editions
from oncall_assets.reports.desk import Desk
from oncall_assets.reports.gate import judge
from oncall_assets.reports.office import EditionOffice, published
from oncall_assets.reports.place import Place
from oncall_assets.reports.restating import Looked, look_for_restatements
from oncall_assets.rota import Rota
from oncall_assets.sample import Company, write
from oncall_assets.sample.totals import control_totals
from oncall_assets.sample.write import replace as write_file
from oncall_assets_tests.faults.clock import clock
from oncall_assets_tests.faults.eves import load, quiet
from oncall_assets_tests.reports.lean import lean

FIRST: Final = date(2026, 10, 1)
# Two days behind the month bring the last late events of its last day.
LAST: Final = date(2026, 11, 2)
# The first of the nights that compute days once more, as every night does; what they bring is told once a month.
CLOSING: Final = date(2026, 10, 31)
_SUNDAY = 6
ZONE: Final = ZoneInfo("America/New_York")
ACCOUNTS: Final = 40

# What the report of each day is made of. The rest of a night is done for a week at once: a night of all takes
# seconds, and it is told by the week and the month only.
_EVERY_NIGHT = (
    "revenue_records", "expense_records", "account_events", "control_totals", "growth", "profit",
    "aggregate_profit", "reporting/aggregate_profit",
)  # fmt: skip
_BY_THE_WEEK = (
    "usage_events", "feedback", "engagement", "aggregate_growth", "aggregate_engagement", "investor_report",
    "reporting/aggregate_growth", "reporting/aggregate_engagement", "reporting/investor_report",
)  # fmt: skip
_FILED = ("revenue_records", "expense_records", "account_events", "usage_events", "feedback")


class MovedOffice(EditionOffice):
    """Where the clock is Dagster's, which the tests move; runs in this process belong to no code location."""

    graphs: ClassVar[dict[str, Any]] = {}

    def now(self) -> datetime:
        return get_current_datetime()

    def handbook(self) -> Handbook:
        return load(Path(self.handbook_folder))

    def graph(self, context: dg.AssetExecutionContext) -> Any:  # noqa: ARG002 - the run's own knows one asset
        return self.graphs[self.handbook_folder]


def at(on: date, hour: int, minute: int = 0) -> datetime:
    """An instant by the clock on the team's wall."""
    return datetime.combine(on, time(hour, minute), tzinfo=ZONE)


@dataclass
class Month:
    """`printed` is what the pager wrote into its log."""

    home: Path
    handbook: Handbook
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    ledger: Ledger
    desk: Desk
    pager: Round
    printed: list[str]
    place: Place | None = None
    cursor: str | None = None
    _left: date = FIRST

    def night(self, day: date, when: datetime | None = None) -> None:
        """The run of two o'clock for the UTC day that ended, and on a Sunday's for what the week left."""
        when = when or at(day + timedelta(days=1), 2)
        self.compute(_EVERY_NIGHT, Days.one(day), when)
        if day.weekday() == _SUNDAY or day >= CLOSING:
            self.compute(_BY_THE_WEEK, Days(self._left, day), when + timedelta(minutes=30))
            self._left = day + timedelta(days=1)

    def late_events(self, day: date) -> None:
        """The run of three o'clock: the two days before once more. Only from `CLOSING` on, all before it then."""
        if day >= CLOSING:
            first = FIRST if day == CLOSING else day - timedelta(days=2)
            days = Days(first, day - timedelta(days=1))
            self.run(self.definitions.resolve_job_def("late_events"), days, at(day + timedelta(days=1), 3))

    def compute(self, tables: Sequence[str], days: Days, when: datetime) -> None:
        """Only these tables again, with their checks."""
        job = self.definitions.resolve_job_def("night")
        keys = {dg.AssetKey(table.split("/")) for table in tables}
        self.run(job.get_subset(asset_selection=keys), days, when)

    def run(self, job: dg.JobDefinition, days: Days, when: datetime) -> None:
        with quiet(), clock(when):
            job.execute_in_process(instance=self.instance, tags=run_tags(days), raise_on_error=False)

    def look(self, when: datetime) -> tuple[str, ...]:
        """A round of the desk, and the runs it asks for: the editions that these were to send."""
        with quiet(), clock(when):
            found = self.desk.round(self.place, get_current_datetime())
            assert () == found.troubles
            self.place = found.place
            for request in found.requests:
                self._send(request.asset, request.partition, dict(request.tags))
        return tuple(f"{request.asset} {request.partition}" for request in found.requests)

    def _send(self, asset: str, partition: str, tags: dict[str, str]) -> None:
        result = self.definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance,
            partition_key=partition,
            asset_selection=[dg.AssetKey(asset.split("/"))],
            tags=tags,
            raise_on_error=False,
        )
        assert result.success, f"{asset} {partition}"

    def tick(self, when: datetime) -> None:
        """A round of the pager."""
        with clock(when):
            tick = self.pager.tick(self.cursor, get_current_datetime())
        assert () == tick.troubles
        self.cursor = tick.cursor

    def change(self, table: str, day: date, change: Callable[[pa.Table], pa.Table]) -> None:
        """The source delivers something else for the day, which the filing does not know."""
        file = self._file(table, day)
        write_file(file, change(pq.read_table(file)))

    def file_again(self, day: date) -> None:
        """The filing says what the sources say."""
        delivered = {table: pq.read_table(self._file(table, day)) for table in (*_FILED, "experiment_assignments")}
        write_file(self._file("control_totals", day), control_totals(day, delivered))

    def _file(self, table: str, day: date) -> Path:
        return self.home / "sample" / table / f"{day}.parquet"


@contextmanager
def month_of(home: Path, port: int, presentation: date) -> Iterator[Month]:
    """The company before its first night; mail goes to `port` of this machine. ONCALL_HOME is `home`."""
    channels = {"email": {"host": "127.0.0.1", "port": port, "security": "none", "sender": "data@example.com"}}
    calendars = {"investor_presentation": [presentation], "executive_meeting": [presentation]}
    folder = lean(home, ACCOUNTS, FIRST, LAST, {"channels": channels, "calendars": calendars})
    handbook = load(folder)
    assert handbook.sources.sample is not None
    seed = handbook.sources.sample.seed
    write(Company(ACCOUNTS, (LAST - FIRST).days + 1, seed, FIRST), home / "sample")
    office = MovedOffice(handbook_folder=str(folder))
    reports = dg.Definitions(assets=editions(handbook).assets, resources={"office": office})
    definitions = with_on_call(dg.Definitions.merge(company(handbook), reports), handbook)
    graph = definitions.resolve_asset_graph()
    MovedOffice.graphs[str(folder)] = graph
    (home / "dagster").mkdir()
    (home / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    printed: list[str] = []
    console = Console(printed.append)
    with (
        clock(at(FIRST, 1)),
        dg.DagsterInstance.from_config(str(home / "dagster")) as instance,
        Ledger(ledger_url()) as ledger,
    ):
        channels_used = channels_of(handbook.team, console, printed.append)
        courier = Courier(ledger, channels_used, console, handbook.team.limits)
        pagers = PagersDesk(handbook, Lineage(graph), "http://dagster.example", Rota(handbook))
        pager = Round(instance, pagers, ledger, courier, Teller(ledger, channels_used, console))
        book, read = EditionBook(ledger), published(handbook)
        desk = Desk(
            instance,
            handbook,
            ledger,
            frozenset(key.to_user_string() for key in graph.get_all_asset_keys()),
            lambda occasion, now: judge(instance, graph, handbook, occasion, ledger, now),
            partial(look_for_restatements, instance, graph, handbook, book, read, looked=Looked()),
        )
        month = Month(home, handbook, definitions, instance, ledger, desk, pager, printed)
        month.tick(at(FIRST, 1))
        month.look(at(FIRST, 1))
        yield month
        courier.close()
