"""One round of the pager, callable by anybody with a clock: the sensor, the demo, a test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic

from dagster import DagsterInstance

from oncall_assets.handbook.team import Severity
from oncall_assets.incidents.case import Desk, case_of, grade_of
from oncall_assets.incidents.delivery.courier import Courier, Delivered
from oncall_assets.incidents.handover import write_notices
from oncall_assets.incidents.ledger.ledger import Ledger, Pen
from oncall_assets.incidents.policy.decide import Decision, Reason, decide
from oncall_assets.incidents.policy.escalation import clocks
from oncall_assets.incidents.policy.recipients import shift_at
from oncall_assets.incidents.signals.conditions import changes
from oncall_assets.incidents.signals.kinds import CheckFailed, RunFailed, Signal, Trouble
from oncall_assets.incidents.signals.log import Cursor, read, start
from oncall_assets.incidents.signals.probes import look
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.watching import write_digests


@dataclass(frozen=True, slots=True)
class Tick:
    """What a round did: the cursor to go on from, incidents opened, and the delivery.

    `reasons` counts what was answered and told, `held` why others of the open incidents were told nothing.
    `troubles` are what the pager could not do, a line each.
    """

    cursor: str
    opened: tuple[int, ...]
    reasons: Counter[Reason]
    held: Counter[Reason]
    delivered: Delivered
    troubles: tuple[str, ...]

    def __str__(self) -> str:
        done = _listed(self.reasons) or "nothing new"
        waits = f"; open: {_listed(self.held)}" if self.held else ""
        return f"{done}{waits}; {self.delivered.sent} messages sent, {self.delivered.waiting} waiting"

    def after(self, before: Tick) -> Tick:
        """Both rounds as one, of which this was the later."""
        sent = self.delivered.sent + before.delivered.sent
        return Tick(
            self.cursor,
            (*before.opened, *self.opened),
            before.reasons + self.reasons,
            self.held,
            replace(self.delivered, sent=sent),
            (*before.troubles, *self.troubles),
        )


@dataclass(frozen=True)
class Round:
    """Everything a tick needs but the time.

    `limit` bounds the events of each kind in one batch, `reading` the time in which the tick begins another
    batch, `patience` how long it waits for slow channels.
    """

    instance: DagsterInstance
    desk: Desk
    ledger: Ledger
    courier: Courier
    teller: Teller
    limit: int = 500
    reading: timedelta = timedelta(seconds=10)
    patience: timedelta = timedelta(seconds=5)

    def tick(self, cursor: str | None, now: datetime) -> Tick:
        """Read, decide, commit, deliver, and only then move on: whatever dies in between is done again.

        Without a cursor all that happened before `now` is history. Raises CursorError.
        """
        log = _Log()
        place = self._read(Cursor.parse(cursor) if cursor else start(self.instance, now), log, now)
        self._look(place, log, now)
        done, held = self.teller.escalate(self.desk, now)
        self.teller.announce(self.desk, now)
        log.troubles += write_notices(self.desk, self.ledger, self.teller, now)
        log.troubles += write_digests(self.instance, self.desk, self.ledger, self.teller, place.since, now)
        delivered = self.courier.round(now, self.patience)
        troubles = (*log.troubles, *delivered.troubles)
        return Tick(str(place), tuple(log.opened), log.reasons + done, held, delivered, troubles)

    def _read(self, place: Cursor, log: _Log, now: datetime) -> Cursor:
        """Decide about everything after `place`, batch by batch; where the last batch ended."""
        began = monotonic()
        while True:
            signals, after = read(self.instance, place, self.limit, self.ledger.unknown)
            self._record(signals, log, now)
            if after == place or monotonic() - began > self.reading.total_seconds():
                return after
            place = after

    def _look(self, place: Cursor, log: _Log, now: datetime) -> None:
        """Look for what no event tells: troubles that began, and those that are over."""
        graph = self.desk.lineage.graph
        found = look(self.instance, self.desk.handbook, graph, self.ledger, now, place.since)
        log.troubles += found.problems
        self._record(changes(found.troubles, found.blind, self.ledger.open_troubles(), now), log, now)

    def _record(self, signals: Sequence[Signal], log: _Log, now: datetime) -> None:
        if not signals:
            return
        with self.ledger.writing() as pen:
            # Another tick may have come first while this one was reading.
            unknown = pen.unknown(signal.id for signal in signals)
            new = [signal for signal in signals if signal.id in unknown]
            earlier = pen.incidents_of(_causes(new))
            decisions = decide(new, pen.open_incidents(), earlier, self.desk.lineage.upstream)
            for decision in decisions:
                if decision.reason is Reason.OPENED:
                    log.opened.append(self._open(pen, decision, now))
            pen.record(decisions, now)
            self._raise(pen, (one for one in decisions if one.reason is Reason.CAUSED), now)
            log.reasons.update(decision.reason for decision in decisions)

    def _open(self, pen: Pen, decision: Decision, now: datetime) -> int:
        signal, handbook = decision.signal, self.desk.handbook
        case, graded = case_of(signal, _subject(decision), self.desk, now)
        shift = shift_at(self.desk.rota, now)
        times = clocks(handbook, graded.severity, graded.urgency, shift.primary if shift else None, now)
        return pen.open(decision, case, graded, times, now, signal.tell if isinstance(signal, Trouble) else None)

    def _raise(self, pen: Pen, decisions: Iterable[Decision], now: datetime) -> None:
        """A consequence may be worse than its cause; then so is the incident."""
        kinds = {(one.incidents[0], _kin(one, self.desk)) for one in decisions if one.failed}
        if not kinds:
            return
        numbers = {pen.number(opened_by): opened_by for opened_by, _ in kinds}
        for standing in pen.standings():
            for opened_by, (assets, pipelines, given) in kinds:
                if numbers.get(standing.number) == opened_by:
                    graded = grade_of(assets, pipelines, given, self.desk, now)
                    standing = self.teller.raised(pen, standing, graded, self.desk, now)  # noqa: PLW2901


@dataclass
class _Log:
    opened: list[int] = field(default_factory=list)
    reasons: Counter[Reason] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)


def _listed(reasons: Counter[Reason]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in reasons.items())


def _subject(decision: Decision) -> str:
    """The faults that opened an incident, in a few words."""
    targets = " ".join(sorted({fault.target for fault in decision.failed}))
    partition = decision.signal.partition
    return f"{targets} @ {partition}" if partition else targets


def _kin(decision: Decision, desk: Desk) -> tuple[tuple[str, ...], tuple[str | None, ...], Severity | None]:
    """By what a consequence is graded: its assets, the pipelines concerned, and a severity of its own."""
    signal = decision.signal
    assets = tuple(dict.fromkeys(asset for fault in decision.failed for asset in fault.assets))
    own = signal.evidence.pipeline if isinstance(signal, CheckFailed) else None
    given = None
    if isinstance(signal, Trouble):
        own, given = signal.pipeline, signal.severity
    return assets, (own, *(desk.lineage.about(asset).pipeline for asset in assets)), given


def _causes(signals: Iterable[Signal]) -> list[str]:
    failed = [signal for signal in signals if isinstance(signal, RunFailed)]
    return [cause for signal in failed for step in signal.steps for cause in step.caused_by]
