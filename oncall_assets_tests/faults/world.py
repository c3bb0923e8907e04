"""One copy of the company on its eve: what is done to it, the nights it computes, and whom its pager tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.audiences import every_member
from oncall_assets.handbook.escalation import metric_owner_key
from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.fired import CHECK, last_fired
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.tick import Round
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets.notify.console import Console
from oncall_assets.notify.message import Page
from oncall_assets.pipelines.warehouse import Warehouse
from oncall_assets.rota import Rota
from oncall_assets.sample import Company, Fault
from oncall_assets.sample.faults import plant
from oncall_assets.sample.write import replace as write_file
from oncall_assets_tests.faults.clock import clock
from oncall_assets_tests.faults.eves import FIRST, Eve, definitions_of, load, quiet
from oncall_assets_tests.incidents.conftest import Post

# From the night's beginning to the round in which the pager reads of it.
_READ = timedelta(minutes=30)
Change = Callable[[pa.Table], pa.Table]


@dataclass
class World:
    """`home` is its ONCALL_HOME; `day` is the one that something is wrong with."""

    home: Path
    eve: Eve
    instance: dg.DagsterInstance
    ledger: Ledger
    post: Post
    mail: Post
    """What those are told who take no turns: metric owners and audiences."""
    printed: list[str]
    round: Round
    handbook: Handbook
    definitions: dg.Definitions
    server: Callable[[], str]
    """Gives the URL of an empty PostgreSQL database."""
    cursor: str | None = None
    results: list[dg.ExecuteInProcessResult] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)
    """The sources that deliver something else for the day."""

    @property
    def day(self) -> date:
        return self.eve.day

    @property
    def day_before(self) -> date:
        """The last good day."""
        return self.day - timedelta(days=1)

    def file(self, table: str, day: date | None = None) -> Path:
        """What the source delivers for a day."""
        return self.home / "sample" / table / f"{day or self.day}.parquet"

    def change(self, table: str, change: Change, day: date | None = None) -> None:
        """The source delivers something else for the day."""
        path = self.file(table, day)
        write_file(path, change(pq.read_table(path)))
        self.spoilt |= {table} if path == self.file(table) else set()

    def plant(self, *faults: str) -> None:
        """Faults of the sample company, by name, in what is delivered for the day."""
        company = Company(first_day=FIRST)
        for name in faults:
            fault = Fault(name, self.day)
            table = fault.kind.table
            self.change(table, partial(plant, company, [fault], self.day, table))

    def rewrite(self, file: str, old: str, new: str) -> None:
        """The handbook has `new` where it had `old` once, and is loaded again."""
        self.write(file, old, new)
        self.load()

    def write(self, file: str, old: str, new: str) -> None:
        """The handbook has `new` where it had `old` once, for whoever loads it."""
        path = self.home / "runbooks" / file
        text = path.read_text()
        assert 1 == text.count(old), f"{old!r} is {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new))

    def load(self) -> None:
        """Load the handbook, and with it all that Dagster knows."""
        self.handbook = load(self.home / "runbooks")
        self.define(definitions_of(self.handbook))

    def define(self, definitions: dg.Definitions) -> None:
        """Dagster knows these from now on."""
        self.definitions = definitions
        self.round = replace(self.round, desk=_desk(self.handbook, definitions))

    def night(self, days: Days | None = None, job: str = "night", after: timedelta = timedelta(0)) -> None:
        """Run a job for the day, or for others, so long after the night's beginning.

        Of a day that is begun only what is made of the spoilt sources, the filing and the report are computed.
        """
        chosen = self.definitions.resolve_job_def(job)
        if self.eve.begun and self.spoilt:
            made = dg.AssetSelection.assets(*self.spoilt, "investor_report").downstream()
            again = (made | dg.AssetSelection.assets("control_totals")).resolve(
                self.definitions.resolve_asset_graph()
            )
            chosen = chosen.get_subset(asset_selection=set(again) & set(chosen.asset_layer.executable_asset_keys))
        self._run(chosen, days or Days.one(self.day), after)

    def compute(
        self,
        *tables: str,
        days: Days | None = None,
        after: timedelta = timedelta(0),
        checks: str = "",
        speed: float = 1,
    ) -> None:
        """Compute only these tables of the night, and judge only the `checks` of that name on them.

        Dagster's clock goes `speed` times as fast meanwhile.
        """
        keys = {dg.AssetKey(table.split("/")) for table in tables}
        job = self.definitions.resolve_job_def("night").get_subset(
            asset_selection=keys,
            asset_check_selection={dg.AssetCheckKey(key, checks) for key in keys} if checks else set(),
        )
        self._run(job, days or Days.one(self.day), after, speed)

    def judge(self, *tables: str, day: date | None = None, after: timedelta = timedelta(0)) -> None:
        """Judge all checks on each of these tables, of the last good day if no other; the pager reads of it."""
        for table in tables:
            checks = {
                dg.AssetCheckKey(dg.AssetKey(table.split("/")), check.name)
                for _, _, check in self.handbook.checks()
                if check.asset == table
            }
            # One by one: a blocking check that fails lets the checks on what is downstream wait.
            job = self.definitions.resolve_job_def("night").get_subset(asset_check_selection=checks)
            self._run(job, Days.one(day or self.day_before), after)
        self.tick(after + _READ)

    def _run(self, job: dg.JobDefinition, days: Days, after: timedelta, speed: float = 1) -> None:
        with quiet(), clock(self.eve.night + after, speed):
            self.results.append(
                job.execute_in_process(instance=self.instance, tags=run_tags(days), raise_on_error=False)
            )

    def tick(self, after: timedelta = _READ) -> list[Page]:
        """A round of the pager, so long after the night's beginning: the pages it sent."""
        sent = len(self.post.pages)
        now = self.eve.night + after
        with clock(now):
            tick = self.round.tick(self.cursor, now)
        assert () == tick.troubles
        self.cursor = tick.cursor
        return self.post.pages[sent:]

    def night_and_tick(self) -> None:
        self.night()
        self.tick()

    def failing(self) -> set[str]:
        """The checks that failed or warned in any of the runs, as `asset:check`."""
        return {
            f"{check.asset_key.to_user_string()}:{check.check_name}"
            for result in self.results
            for check in result.get_asset_check_evaluations()
            if not check.passed
        }

    def mechanisms(self) -> set[str]:
        """What else the pager recorded a failure by, in the handbook's words."""
        return {fired.by for fired in last_fired(self.ledger)} - {CHECK}

    def recorded(self) -> set[str]:
        """The failed checks that the pager recorded."""
        return {fired.target for fired in last_fired(self.ledger) if fired.by == CHECK}

    def by_hand(self, table: str, change: Change, day: date | None = None) -> None:
        """Somebody writes something else into a stored table for a day."""
        warehouse, contract = Warehouse(), CONTRACTS[table]
        days = Days.one(day or self.day_before)
        rows = change(warehouse.engine.to_pyarrow(warehouse.table(contract, days)))
        marked = rows.append_column("_partition", pa.repeat(str(days), len(rows)))
        warehouse.commit(contract, marked.to_batches(), days, "by hand")
        warehouse.engine.disconnect()

    def stored(self, table: str) -> pa.Table:
        """The rows of a table for the day before."""
        warehouse = Warehouse()
        return warehouse.engine.to_pyarrow(warehouse.table(CONTRACTS[table], Days.one(self.day_before)))

    def published(self) -> int:
        """How many rows investors' report of the day has, for those who read it in the reporting database."""
        with closing(sqlite3.connect(self.home / "reporting.sqlite")) as database:
            chosen = "SELECT count(*) FROM investor_report WHERE day = ?"
            (count,) = database.execute(chosen, [str(self.day)]).fetchone()
        return int(count)


def _desk(handbook: Handbook, definitions: dg.Definitions) -> Desk:
    return Desk(handbook, Lineage(definitions.resolve_asset_graph()), "http://dagster.example", Rota(handbook))


@contextmanager
def opened(home: Path, eve: Eve, server: Callable[[], str]) -> Iterator[World]:
    """The world in a folder, with a pager that begins to watch at the end of its history."""
    handbook = load(home / "runbooks")
    definitions = definitions_of(handbook)
    team = handbook.team
    post = Post(people=frozenset({*team.engineers, *team.teams}))
    others = {metric_owner_key(pipeline) for pipeline in team.pipelines} | every_member(team).keys()
    mail = Post("email", frozenset(others))
    printed: list[str] = []
    console = Console(printed.append)
    with (
        dg.DagsterInstance.from_config(str(home / "dagster")) as instance,
        Ledger(f"sqlite:///{home / 'ledger.sqlite'}") as ledger,
    ):
        courier = Courier(ledger, [post, mail], console, team.limits)
        rounds = Round(instance, _desk(handbook, definitions), ledger, courier, Teller(ledger, [post], console))
        world = World(home, eve, instance, ledger, post, mail, printed, rounds, handbook, definitions, server)
        world.tick(timedelta(hours=-23))
        yield world
        courier.close()
