"""A company whose runbooks ask for watches: its schedules tick by a clock of the test, and its runs are real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import dagster as dg
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from dagster._core.test_utils import freeze_time
from dagster._utils.schedules import schedule_execution_time_iterator

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.layer import with_on_call
from oncall_assets.metrics.days import Days
from oncall_assets_tests.incidents.company import ASSETS, handbook
from oncall_assets_tests.incidents.conftest import Watch, opened

# 09:00 in New York, the zone of the team.
MONDAY = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)

WEEKLY = 'watch: [{name: weekly, on: monday, at: "09:00", days: 7}]'

_ORDERS = """---
purpose: Tells what was ordered.
metrics: [{name: orders, means: what came in, calculation: counted}]
frequency: daily
sla: [by 06:00]
severity: minor
issues: {double: {what: an order stands twice}, bad: {what: it is wrong}}
checks:
  - {name: once, asset: orders, expect: {unique: {columns: [id]}}, guards: [double], step: 1}
  - {name: priced, asset: orders, expect: {not_null: {columns: [price]}}, guards: [bad], step: 1, severity: warn}
WATCH
---
## Procedure
1. Look.
"""


@dataclass
class Shelf:
    """Stored tables with a row a day; `faults` maps a table to the days of which the row stands twice."""

    faults: dict[str, set[str]] = field(default_factory=dict)
    columns: tuple[str, ...] = ("id", "price")
    priced: bool = True
    trouble: Exception | None = None
    asked: list[str] = field(default_factory=list)

    def stored(self, name: str, days: Days) -> ir.Table:
        self.asked.append(str(days))
        if self.trouble:
            raise self.trouble
        twice = self.faults.get(name, set())
        rows = [key for key in days.keys for _ in range(2 if key in twice else 1)]
        known = {"id": pa.array(rows), "price": pa.array(rows if self.priced else [None] * len(rows), pa.string())}
        return ibis.memtable(pa.table({column: known[column] for column in self.columns}))


@dataclass
class Company:
    """The definitions put on call, and a pager that looks at their instance."""

    repository: dg.RepositoryDefinition
    shelf: Shelf
    watch: Watch

    def requests(self, schedule: str, until: datetime) -> Iterator[tuple[datetime, dg.RunRequest]]:
        """Each run that the schedule asks for from the pager's present to `until`, with its tick."""
        found = self.repository.get_schedule_def(schedule)
        assert isinstance(found.cron_schedule, str)
        ticks = schedule_execution_time_iterator(
            self.watch.now.timestamp(), found.cron_schedule, found.execution_timezone, ascending=True
        )
        for tick in ticks:
            if tick > until:
                return
            with dg.build_schedule_context(
                scheduled_execution_time=tick, repository_def=self.repository
            ) as context:
                for request in found.evaluate_tick(context).run_requests or ():
                    yield tick.astimezone(UTC), request

    def launches(self, until: datetime) -> list[tuple[datetime, str, dg.RunRequest]]:
        """What all watches ask for, by tick: with the name of the job."""
        schedules = [one for one in self.repository.schedule_defs if one.name.startswith("watch_")]
        asked = [
            (tick, str(one.job_name), request)
            for one in schedules
            for tick, request in self.requests(one.name, until)
        ]
        return sorted(asked, key=lambda launch: launch[:2])

    def run(self, job: str, request: dg.RunRequest, at: datetime) -> str:
        """The id of the run, which is over within the instant `at`."""
        with freeze_time(at):
            made = self.repository.get_job(job).execute_in_process(
                instance=self.watch.round.instance, tags=dict(request.tags), raise_on_error=False
            )
        return made.run_id

    def begin(self, job: str, request: dg.RunRequest, at: datetime) -> dg.DagsterRun:
        """A run that is launched at the instant and not over."""
        with freeze_time(at):
            return self.watch.round.instance.create_run_for_job(
                self.repository.get_job(job), tags=dict(request.tags)
            )

    def fail(self, run: dg.DagsterRun, at: datetime) -> None:
        """The run dies at the instant, as one whose process was killed."""
        with freeze_time(at):
            self.watch.round.instance.report_run_failed(run, "its process is gone")

    def until(self, end: datetime) -> list[str]:
        """Lets watches run and the pager tick a minute after, up to `end`; all digests so far."""
        for tick, launches in groupby(self.launches(end), key=lambda one: one[0]):
            for _, job, request in launches:
                self.run(job, request, tick + timedelta(seconds=5))
            self.told(tick + timedelta(minutes=1))
        self.told(end)
        return self.digests()

    def told(self, at: datetime) -> None:
        """Two ticks of the pager, as the second sends what the first has written."""
        self.watch.now = max(at, self.watch.now)
        self.watch.tick()
        self.watch.tick()

    def digests(self) -> list[str]:
        return [f"{one.told_at:%a %d %H:%M} {one.to.key}: {one.title}" for one in self.watch.post.notices]


def book(folder: Path, profit: str, orders: str = "") -> Handbook:
    """The team of the other tests in New York, with two runbooks: what they ask for as YAML."""
    handbook(folder, front=f"severity: critical\n{profit}")
    team = (folder / "team.yaml").read_text()
    (folder / "team.yaml").write_text(team.replace("timezone: Europe/London", "timezone: America/New_York", 1))
    (folder / "orders.md").write_text(_ORDERS.replace("WATCH", orders))
    return load_handbook(folder, frozenset())


@contextmanager
def company(
    instance: dg.DagsterInstance, folder: Path, profit: str, orders: str = "", began: datetime = MONDAY
) -> Iterator[Company]:
    """The company, and a pager of it that begins an hour before `began`."""
    made, shelf = book(folder / "handbook", profit, orders), Shelf()
    definitions = dg.Definitions(assets=ASSETS, resources={"warehouse": shelf}, executor=dg.in_process_executor)
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'ledger.sqlite'}"
        pager = stack.enter_context(opened(instance, url, folder, book=made))
        pager.now = began - timedelta(hours=1)
        pager.tick()
        yield Company(with_on_call(definitions, made).get_repository_def(), shelf, pager)
