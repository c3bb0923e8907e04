"""One round of the pager, callable by anybody with a clock: the sensor, the demo, a test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dagster import DagsterInstance

from oncall_assets.incidents.deliver import Delivered, deliver
from oncall_assets.incidents.kinds import CheckFailed, RunFailed, Signal
from oncall_assets.incidents.ledger import Ledger, Letter, Pen
from oncall_assets.incidents.notices import Past, change_notices, turn_notices
from oncall_assets.incidents.page import Desk, write_page
from oncall_assets.incidents.policy import Decision, Reason, decide
from oncall_assets.incidents.signals import Cursor, read, start
from oncall_assets.notify.channel import Channel

# The step of the escalation that every incident begins with.
_FIRST_STEP = "on_call.primary"
_NOTICE = "notice"

# How far back the incidents of the turn before may reach.
_LAST_TURN = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Tick:
    """What a round did: the cursor to go on from, incidents opened, decisions by reason, and the delivery."""

    cursor: str
    opened: tuple[int, ...]
    reasons: Counter[Reason]
    delivered: Delivered

    def __str__(self) -> str:
        decided = ", ".join(f"{count} {reason}" for reason, count in self.reasons.items())
        pages = f"{self.delivered.sent} pages sent, {self.delivered.waiting} waiting"
        return f"{self.reasons.total()} signals{f' ({decided})' if decided else ''}; {pages}"


@dataclass(frozen=True)
class Round:
    """Everything a tick needs but the time; `channels` are tried for each person, and `last_resort` if none fits.

    `limit` bounds the events of each kind that one tick reads, `budget` the time in which it begins to send.
    """

    instance: DagsterInstance
    desk: Desk
    ledger: Ledger
    channels: Sequence[Channel]
    last_resort: Channel
    limit: int = 200
    budget: timedelta = timedelta(seconds=20)

    def tick(self, cursor: str | None, now: datetime) -> Tick:
        """Read, decide, commit, deliver, and only then move on: whatever dies in between is done again.

        Without a cursor all that happened before `now` is history. Raises CursorError.
        """
        place = Cursor.parse(cursor) if cursor else start(self.instance)
        signals, place = read(self.instance, place, self.limit, self.ledger.unknown)
        decisions, opened = self._record(signals, now) if signals else ([], [])
        by_name = {channel.name: channel for channel in (self.last_resort, *self.channels)}
        delivered = deliver(self.ledger, by_name, self.last_resort, now, self.budget)
        troubles = (*delivered.troubles, *self._notify(now))
        reasons = Counter(decision.reason for decision in decisions)
        return Tick(str(place), tuple(opened), reasons, replace(delivered, troubles=troubles))

    def _record(self, signals: Sequence[Signal], now: datetime) -> tuple[list[Decision], list[int]]:
        opened = []
        with self.ledger.writing() as pen:
            # Another tick may have come first while this one was reading.
            unknown = pen.unknown(signal.id for signal in signals)
            new = [signal for signal in signals if signal.id in unknown]
            decisions = decide(new, pen.open_incidents(), pen.incidents_of(_causes(new)))
            for decision in decisions:
                if decision.reason is Reason.OPENED:
                    opened.append(self._open(pen, decision, now))
                pen.record(decision, now)
        return decisions, opened

    def _open(self, pen: Pen, decision: Decision, now: datetime) -> int:
        (incident,), signal = decision.incidents, decision.signal
        if not isinstance(signal, CheckFailed | RunFailed):
            raise TypeError(f"a {type(signal).__name__} opens no incident")
        page = pen.open(incident, write_page(signal, incident, self.desk, now))
        subject = f"incident {page.incident}"
        for channel in self._reaching(page.primary.key):
            text = page.model_dump_json()
            pen.post(Letter(0, subject, page.incident, _FIRST_STEP, page.primary.key, channel, text), now)
        return page.incident

    def _notify(self, now: datetime) -> tuple[str, ...]:
        """Write the notices whose time has come, for the next tick to send; says what went wrong with that."""
        if self.desk.handbook.team.notices is None:
            return ()
        try:
            self._write_notices(now)
        except Exception as error:  # noqa: BLE001 - no fault in a notice may hold up a page or the cursor
            return (f"the notices of the rota were not written: {type(error).__name__}: {error}",)
        return ()

    def _write_notices(self, now: datetime) -> None:
        handbook, rota = self.desk.handbook, self.desk.rota
        since = now - _LAST_TURN
        past = Past(self.ledger.history(since), self.ledger.notes(since))
        notices = [*turn_notices(handbook, rota, past, now), *change_notices(handbook, rota, now)]
        told = self.ledger.posted([notice.key for notice in notices])
        new = [notice for notice in notices if notice.key not in told]
        if not new:
            return
        with self.ledger.writing() as pen:
            for notice in new:
                text = notice.model_dump_json()
                for channel in self._reaching(notice.person.key):
                    pen.post(Letter(0, notice.key, None, _NOTICE, notice.person.key, channel, text), now)

    def _reaching(self, person: str) -> list[str]:
        """The channels that have an address of theirs, or the last resort."""
        reaching = [channel.name for channel in self.channels if channel.reaches(person)]
        return reaching or [self.last_resort.name]


def _causes(signals: Iterable[Signal]) -> list[str]:
    failed = [signal for signal in signals if isinstance(signal, RunFailed)]
    return [cause for signal in failed for step in signal.steps for cause in step.caused_by]
