"""What happened and who was told, kept in SQL so that a crash at any point loses neither."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from oncall_assets.incidents.database import open_database
from oncall_assets.incidents.policy import Decision, OpenIncident, Reason
from oncall_assets.incidents.tables import decisions, incidents, metadata, notes, outbox
from oncall_assets.notify.message import Page, shorten

# Any number will do, as long as every pager of a database takes the same.
_LOCK = 7_030_241

_CHUNK = 500
_PENDING, _SENT, _FAILED = "pending", "sent", "failed"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person over one channel, on its way; `message` is JSON.

    `subject` says what it is about, and `incident` which incident, if it is about one.
    """

    id: int
    subject: str
    incident: int | None
    step: str
    person: str
    channel: str
    message: str


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident as it stands in a list; instants are UTC."""

    number: int
    title: str
    severity: str
    partition: str | None
    opened_at: datetime
    resolved_at: datetime | None


class Ledger:
    """Incidents, decisions and the outbox. Opening it makes its tables; closing it lets go of the database."""

    def __init__(self, url: str) -> None:
        self._engine = open_database(url)
        with self._transaction() as connection:
            metadata.create_all(connection)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *error: object) -> None:
        self._engine.dispose()

    def unknown(self, signal_ids: Iterable[str]) -> set[str]:
        """Those of the signals that nothing was decided about."""
        with self._engine.begin() as connection:
            return _unknown(connection, signal_ids)

    @contextmanager
    def writing(self) -> Iterator[Pen]:
        """All that is written inside is committed together or not at all; one writer at a time."""
        with self._transaction() as connection:
            yield Pen(connection)

    def pending(self, at: datetime) -> list[Letter]:
        """Letters that nobody is sending: those tried least first, and the oldest of them first.

        One that fails every time thus never stands in the way of the others.
        """
        query = select(outbox).where(_free(at)).order_by(outbox.c.attempts, outbox.c.id)
        with self._engine.begin() as connection:
            return [_letter(row) for row in connection.execute(query)]

    def posted(self, subjects: Sequence[str]) -> set[str]:
        """Those of the subjects that somebody has been written about."""
        query = select(outbox.c.subject).where(outbox.c.subject.in_(subjects)).distinct()
        with self._engine.begin() as connection:
            return set(connection.execute(query).scalars())

    def history(self, since: datetime) -> list[IncidentLine]:
        """Incidents that are open, or were opened since then, oldest first."""
        wanted = incidents.c.resolved_at.is_(None) | (incidents.c.opened_at >= since)
        query = select(incidents).where(wanted).order_by(incidents.c.opened_at, incidents.c.id)
        with self._engine.begin() as connection:
            return [
                IncidentLine(row.id, row.title, row.severity, row.partition, row.opened_at, row.resolved_at)
                for row in connection.execute(query)
            ]

    def note(self, author: str, text: str, at: datetime) -> None:
        """Keep what somebody on call leaves for the next one."""
        with self._engine.begin() as connection:
            connection.execute(insert(notes).values(author=author, text=text, written_at=at))

    def notes(self, since: datetime) -> list[tuple[datetime, str]]:
        """Notes written since then, oldest first, each with its author's key in front."""
        query = select(notes).where(notes.c.written_at >= since).order_by(notes.c.written_at, notes.c.id)
        with self._engine.begin() as connection:
            return [(row.written_at, f"{row.author}: {row.text}") for row in connection.execute(query)]

    def waiting(self) -> int:
        """How many letters are not delivered yet."""
        query = select(func.count()).select_from(outbox).where(outbox.c.state == _PENDING)
        with self._engine.begin() as connection:
            return int(connection.execute(query).scalar_one())

    def claim(self, letter: Letter, at: datetime, until: datetime) -> bool:
        """Take the letter to send it; False if somebody else has. After `until` it is anybody's again."""
        mine = update(outbox).where(outbox.c.id == letter.id, _free(at)).values(claimed_until=until)
        with self._engine.begin() as connection:
            return connection.execute(mine).rowcount == 1

    def sent(self, letter: Letter, at: datetime) -> None:
        self._mark(letter, state=_SENT, sent_at=at, last_error=None)

    def postpone(self, letter: Letter, error: str) -> None:
        """The letter stays, to be tried again."""
        self._mark(letter, last_error=error, claimed_until=None)

    def refuse(self, letter: Letter, error: str, instead: str, at: datetime) -> None:
        """The letter cannot arrive; the channel `instead` carries the page, unless it does or did already."""
        with self._transaction() as connection:
            connection.execute(_marked(letter, state=_FAILED, last_error=error))
            Pen(connection).post(replace(letter, channel=instead), at)

    def _mark(self, letter: Letter, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(_marked(letter, **values))

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # What BEGIN IMMEDIATE does on SQLite: whoever comes second waits and then sees what was done.
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection


class Pen:
    """Writes in one transaction of the ledger."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def unknown(self, signal_ids: Iterable[str]) -> set[str]:
        return _unknown(self._connection, signal_ids)

    def open_incidents(self) -> list[OpenIncident]:
        rows = self._connection.execute(select(incidents).where(incidents.c.resolved_at.is_(None)))
        return [_incident(row) for row in rows]

    def incidents_of(self, signal_ids: Sequence[str]) -> dict[str, OpenIncident]:
        """The incident that each of these failures opened or repeated."""
        both = select(decisions.c.signal_id, incidents).join(incidents)
        chosen = both.where(
            decisions.c.signal_id.in_(signal_ids), decisions.c.reason.in_([Reason.OPENED, Reason.REPEATED])
        )
        return {row.signal_id: _incident(row) for row in self._connection.execute(chosen)}

    def open(self, incident: OpenIncident, page: Page) -> Page:
        """A new incident, described by `page`; the page comes back with the incident's number."""
        values = {
            "key": incident.key,
            "opened_by": incident.opened_by,
            "partition": incident.partition,
            "covers": json.dumps(sorted(incident.covers)),
            "title": page.title,
            "severity": page.severity,
            "pipeline": page.pipeline,
            "opened_at": page.happened_at,
            "last_failed_at": incident.last_failed_at,
        }
        number = self._connection.execute(insert(incidents).values(values).returning(incidents.c.id)).scalar_one()
        return page.model_copy(update={"incident": number})

    def record(self, decision: Decision, at: datetime) -> None:
        """A decision and its effect on the incidents, all of which must have been opened."""
        signal = decision.signal
        for incident in decision.incidents:
            here = update(incidents).where(incidents.c.opened_by == incident.opened_by)
            if decision.reason is Reason.REPEATED:
                more = {"repeats": incidents.c.repeats + 1, "last_failed_at": incident.last_failed_at}
                self._connection.execute(here.values(more))
            if decision.reason is Reason.RESOLVED:
                self._connection.execute(here.values(resolved_at=signal.at, resolved_by=signal.id))
        first = [incident.opened_by for incident in decision.incidents][:1]
        number = select(incidents.c.id).where(incidents.c.opened_by.in_(first)).scalar_subquery()
        values = {
            "signal_id": signal.id,
            "kind": type(signal).__name__,
            "run_id": signal.run_id,
            "happened_at": signal.at,
            "decided_at": at,
            "reason": decision.reason.value,
            "incident_id": number if first else None,
        }
        self._connection.execute(insert(decisions).values(values))

    def post(self, letter: Letter, at: datetime) -> None:
        """Put the letter into the outbox, unless the person has its like on that channel; its `id` is ignored."""
        values = {
            "subject": letter.subject,
            "step": letter.step,
            "person": letter.person,
            "channel": letter.channel,
        }
        same = select(outbox.c.id).where(*(outbox.c[name] == value for name, value in values.items()))
        if not self._connection.execute(select(exists(same))).scalar_one():
            more = {"incident_id": letter.incident, "message": letter.message, "created_at": at}
            self._connection.execute(insert(outbox).values(values | more))


def _unknown(connection: Connection, signal_ids: Iterable[str]) -> set[str]:
    left = sorted(set(signal_ids))
    known: set[str] = set()
    for start in range(0, len(left), _CHUNK):
        query = select(decisions.c.signal_id).where(decisions.c.signal_id.in_(left[start : start + _CHUNK]))
        known.update(connection.execute(query).scalars())
    return set(left) - known


def _free(at: datetime) -> Any:
    claimable = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= at)
    return (outbox.c.state == _PENDING) & claimable


def _marked(letter: Letter, **values: Any) -> Any:
    if error := values.get("last_error"):
        values["last_error"] = shorten(error, 1000)
    return update(outbox).where(outbox.c.id == letter.id).values(attempts=outbox.c.attempts + 1, **values)


def _letter(row: Row[Any]) -> Letter:
    return Letter(row.id, row.subject, row.incident_id, row.step, row.person, row.channel, row.message)


def _incident(row: Row[Any]) -> OpenIncident:
    return OpenIncident(
        row.opened_by, row.key, row.partition, frozenset(json.loads(row.covers)), row.last_failed_at
    )
