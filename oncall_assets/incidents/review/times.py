"""How soon incidents were answered and mended, against what the team promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from oncall_assets.incidents.ledger.records import Event, IncidentRecord


@dataclass(frozen=True, slots=True)
class Retold:
    """An incident and all that happened to it, in order."""

    record: IncidentRecord
    story: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """`taken` are the times of those that were done, shortest first; `due` had to be, `within` were in time."""

    taken: tuple[timedelta, ...]
    within: int
    due: int

    @property
    def median(self) -> timedelta | None:
        return timedelta(seconds=median(one.total_seconds() for one in self.taken)) if self.taken else None

    @property
    def never(self) -> int:
        """How many were due and are not done."""
        return self.due - len(self.taken)


def answering(told: Iterable[Retold], now: datetime) -> Times:
    """From the start of the clock to the first answer of a person, who took the incident or ended it.

    One that ended by itself before an answer was due needed none, and one that is not late yet is not counted.
    """
    return _times(((one.record, _answered(one), _respond(one.record)) for one in told), now)


def mending(told: Iterable[Retold], now: datetime) -> Times:
    """From the start of the clock to the end; one that is open and not late yet is not counted."""
    return _times(((one.record, one.record.resolved_at, _resolve(one.record)) for one in told), now)


def _times(told: Iterable[tuple[IncidentRecord, datetime | None, timedelta]], now: datetime) -> Times:
    taken: list[timedelta] = []
    within = due = 0
    for record, done, promised in told:
        # The clock of a later round forgets how long the first one ran.
        start = record.clock_from if record.round == 1 else record.opened_at
        if done is not None:
            # Whoever is at it before the clock of business hours runs is at it at once.
            took = max(done - start, timedelta(0))
            taken.append(took)
            within += took <= promised
        late = (record.resolved_at or now) - start > promised
        due += late or done is not None
    return Times(tuple(sorted(taken)), within, due)


def _answered(told: Retold) -> datetime | None:
    taken = next((event.at for event in told.story if event.what == "acknowledged"), None)
    return taken or (told.record.resolved_at if told.record.resolved_by else None)


def _respond(record: IncidentRecord) -> timedelta:
    return record.respond_by - record.clock_from


def _resolve(record: IncidentRecord) -> timedelta:
    return record.resolve_by - record.clock_from
