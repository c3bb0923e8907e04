"""A team with a daily report, its ledger and its Dagster, small enough that a round of the desk costs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.events import StepMaterializationData
from dagster._core.test_utils import create_run_for_test, freeze_time

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.ledger.edition_records import Claimed, NewCopy, NewEdition, Won
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.metrics.days import Days
from oncall_assets.notify.message import Notice, message_from
from oncall_assets.reports.attempts import Request
from oncall_assets.reports.cadence import Occasion, planned
from oncall_assets.reports.desk import Desk, Memory, Round
from oncall_assets.reports.gate import Hold, Judgement
from oncall_assets.reports.place import Place
from oncall_assets_tests.incidents.company import handbook

MINUTE = timedelta(minutes=1)
# In London, where that is UTC in winter.
DUE = datetime(2026, 1, 7, 6, tzinfo=UTC)
PERIOD = "2026-01-06"
KEY = "profit_daily"
PUBLISHED = dg.AssetKey(["reporting", "aggregate_profit"])
MISSING = Hold("missing", "profit has nothing for 2026-01-06: run the night again.")

DAILY = """severity: critical
reports:
  - name: daily
    title: Aggregate profit
    period: day
    due: {at: "06:00"}
    of: aggregate_profit
    to: [investors]
    delays_to: [stakeholders]
    figures: [{column: profit_cents, name: Profit, metric: profit}]
"""
EMAIL = "{email: {host: 127.0.0.1, port: 25, security: none, sender: data@example.com}}"


def team_with(folder: Path, front: str = DAILY, team: str = "") -> Handbook:
    return handbook(folder / "handbook", EMAIL, front=front, team=team)


@dataclass
class Office:
    """A desk with its clock and what stands around it: `held` is what the gate says, by period.

    A run is launched as Dagster's daemon does it, once for each run key.
    """

    handbook: Handbook
    instance: dg.DagsterInstance
    ledger: Ledger
    now: datetime = DUE - timedelta(hours=6)
    held: dict[str, tuple[Hold, ...] | Exception] = field(default_factory=dict)
    judged: list[tuple[str, datetime]] = field(default_factory=list)
    restated: list[object] | Exception = field(default_factory=list)
    place: Place | None = None
    memory: Memory = field(default_factory=Memory)
    runs: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Whoever takes a copy says what became of it, so it is one and the same.
        self.book = EditionBook(self.ledger)

    @property
    def occasion(self) -> Occasion:
        (one, *_) = planned(self.handbook)
        return Occasion(one, Days.parse(PERIOD), DUE)

    def desk(self) -> Desk:
        assets = frozenset(one.asset for one in planned(self.handbook))
        return Desk(self.instance, self.handbook, self.ledger, assets, self.judge, self.compare, self.memory)

    def judge(self, occasion: Occasion, now: datetime) -> Judgement:
        self.judged.append((occasion.period, now))
        holds = self.held.get(occasion.period, ())
        if isinstance(holds, Exception):
            raise holds
        return Judgement(holds, None, None, None, ())

    def compare(self, now: datetime) -> list[object]:  # noqa: ARG002 - the desk's
        if isinstance(self.restated, Exception):
            raise self.restated
        return self.restated

    def at(self, now: datetime) -> Round:
        """A round then; what went wrong in it is in its troubles."""
        self.now = now
        with freeze_time(now):
            found = self.desk().round(self.place, now)
        self.place = Place.parse(str(found.place))
        return found

    def asks(self, after: timedelta = timedelta(0)) -> list[str]:
        """The run keys that a round so much later asks for, launched as soon as they are asked."""
        found = self.at(self.now + after)
        assert () == found.troubles
        for request in found.requests:
            self.launch(request)
        return [request.run_key for request in found.requests]

    def launch(self, request: Request) -> str:
        if request.run_key not in self.runs:
            with freeze_time(self.now):
                run = create_run_for_test(self.instance, "editions", tags={**request.tags})
            self.runs[request.run_key] = run.run_id
        return self.runs[request.run_key]

    @property
    def last_run(self) -> str:
        return list(self.runs.values())[-1]

    def becomes(self, run_id: str, event: dg.DagsterEventType) -> None:
        """The run starts, ends or fails now."""
        with freeze_time(self.now):
            said = dg.DagsterEvent(event.value, "editions")
            self.instance.run_storage.handle_run_event(run_id, said, self.now)

    def fails(self) -> None:
        self.becomes(self.last_run, dg.DagsterEventType.RUN_FAILURE)

    def begins(self, run_id: str | None = None, occasion: Occasion | None = None) -> Claimed:
        """The run claims the edition for a quarter of an hour."""
        one = occasion or self.occasion
        new = NewEdition(
            one.planned.key,
            one.period,
            one.due,
            "{}",
            self.now,
            (NewCopy("audience.investors.ir@example.com", "ir@example.com", f"<{one.period}@example.com>"),),
        )
        return self.book.begin(new, run_id or self.last_run, self.now, self.now + 15 * MINUTE)

    def sends(self, run_id: str | None = None, occasion: Occasion | None = None) -> bool:
        """The run sends what it can of the edition and ends; whether it sent a copy."""
        run = run_id or self.last_run
        one = occasion or self.occasion
        edition = self.book.edition(one.planned.key, one.period)
        if edition is None or edition.run_id != run:
            claimed = self.begins(run, one)
            edition = claimed.edition if isinstance(claimed, Won) else None
        sent = False
        for copy in edition.copies if edition else ():
            if self.book.claim_copy(copy.id, self.now, self.now + 15 * MINUTE):
                self.book.copy_sent(copy.id, self.now)
                sent = True
        if edition:
            self.book.finish(edition.id, self.now)
        self.becomes(run, dg.DagsterEventType.RUN_SUCCESS)
        return sent

    def notices(self) -> list[Notice]:
        """All notices written so far, in order."""
        with self.ledger.reading() as connection:
            rows = connection.exec_driver_sql("SELECT message FROM outbox ORDER BY id").scalars()
            found = [message_from(text) for text in rows]
        return [one for one in found if isinstance(one, Notice)]

    def titles(self) -> list[str]:
        """What was written to whom, in order: `f@example.com: Aggregate profit …`, as they are named."""
        return [f"{one.to.key}: {one.title}" for one in self.notices()]


def computed(
    instance: dg.DagsterInstance, table: dg.AssetKey, began: datetime, took: timedelta, days: int = 1
) -> str:
    """A run that began then and had computed the table for the last of so many days after that time: its id."""
    with freeze_time(began):
        run = create_run_for_test(instance, "night")
    said = dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, "night")
    instance.run_storage.handle_run_event(run.run_id, said, began)
    for number in range(days):
        at = began + took - (days - 1 - number) * timedelta(seconds=1)
        made = dg.AssetMaterialization(table, partition=str((began + number * timedelta(days=1)).date()))
        event = dg.DagsterEvent(
            dg.DagsterEventType.ASSET_MATERIALIZATION.value,
            "night",
            step_key="table",
            event_specific_data=StepMaterializationData(made),
        )
        entry = dg.EventLogEntry(  # type: ignore[no-untyped-call]
            None, 20, "", run.run_id, at.timestamp(), "table", "night", event
        )
        instance.event_log_storage.store_event(entry)
    return str(run.run_id)


def rows(notice: Notice) -> Mapping[str, str]:
    return dict(notice.rows)


@contextmanager
def office(folder: Path, url: str | None = None, book: Handbook | None = None) -> Iterator[Office]:
    """An office whose desk has made its first round, six hours before the edition of the sixth is due."""
    with (
        dg.DagsterInstance.ephemeral() as instance,
        Ledger(url or f"sqlite:///{folder / 'ledger.sqlite'}") as ledger,
    ):
        made = Office(book or team_with(folder), instance, ledger)
        yield made
