"""What people say of incidents: that they have them, that they are over, and what to keep quiet for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from oncall_assets.incidents.ledger import quiet
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.numbered import any_incident, happened, numbered, open_incident
from oncall_assets.incidents.ledger.records import Announcement, LedgerError, Outcome
from oncall_assets.incidents.ledger.tables import faults, incidents, is_uncleared, notes, silences, to_announce
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets.notify.message import in_utc


class People(Database):
    """Verbs for people, by the keys of engineers; each is a transaction of its own and raises LedgerError."""

    def acknowledge(self, number: int, by: str, at: datetime) -> str:
        """`by` has the incident; a sentence that says so. Said again by the same person it changes nothing."""
        with self.transaction() as connection:
            row = open_incident(connection, number)
            if row.acknowledged_by is None:
                _change(connection, number, acknowledged_at=at, acknowledged_by=by, tell_acknowledged=True)
                happened(connection, number, at, "acknowledged", f"in round {row.round}", by)
                return f"incident {number} is {by}'s"
        since = in_utc(row.acknowledged_at)
        if row.acknowledged_by == by:
            return f"incident {number} is {by}'s already, since {since}"
        raise LedgerError(
            f"incident {number} was acknowledged by {row.acknowledged_by} at {since}; ask them, or add a comment; "
            f"it comes back if it is still open at {in_utc(row.resolve_by)}"
        )

    def resolve(self, number: int, by: str, because: str, at: datetime) -> None:
        """The incident is over, and with it all that is open in it."""
        with self.transaction() as connection:
            open_incident(connection, number)
            mine = faults.c.incident_id == number
            connection.execute(update(faults).where(mine, is_uncleared).values(cleared_at=at))
            _change(connection, number, resolved_at=at, resolved_by=by, resolution=because, tell_resolved=True)
            happened(connection, number, at, "resolved", because, by)

    def comment(self, number: int, by: str, text: str, at: datetime) -> None:
        """Add to the incident's story, also after it is over."""
        with self.transaction() as connection:
            any_incident(connection, number)
            happened(connection, number, at, "comment", text, by)

    def silence(self, silence: Silence) -> int:
        """Keep a silence and return its number; its own `id` is ignored."""
        if silence.ends <= silence.starts:
            raise LedgerError(
                f"the silence would end at {in_utc(silence.ends)}, before it begins; give a later end"
            )
        if silence.asset is silence.pipeline is silence.check is None:
            raise LedgerError("the silence names no asset, no pipeline and no check; name what is to be quiet")
        with self.transaction() as connection:
            return quiet.keep(connection, silence)

    def lift(self, number: int, by: str, at: datetime) -> None:
        """End a silence before its time."""
        with self.transaction() as connection:
            row = numbered(connection, silences, number)
            if row is None:
                raise LedgerError(f"there is no silence {number}; `oncall silences` lists those in force")
            if row.lifted_at is not None:
                raise LedgerError(f"silence {number} was lifted by {row.lifted_by} at {in_utc(row.lifted_at)}")
            if row.ends <= at:
                raise LedgerError(f"silence {number} ended at {in_utc(row.ends)}; there is nothing to lift")
            change = update(silences).where(silences.c.id == number)
            connection.execute(change.values(lifted_at=at, lifted_by=by))

    def silences(self, at: datetime) -> list[Silence]:
        """Those in force, oldest first."""
        with self.reading() as connection:
            return quiet.in_force(connection, at)

    def unannounced(self) -> list[Announcement]:
        """Acknowledgements and resolutions of which nobody was told yet, by incident and in that order."""
        with self.reading() as connection:
            rows = connection.execute(select(incidents).where(to_announce).order_by(incidents.c.id)).all()
            found = [_announcement(connection, row, "acknowledged") for row in rows if row.tell_acknowledged]
            found += [_announcement(connection, row, "resolved") for row in rows if row.tell_resolved]
        return sorted(found, key=lambda one: (one.number, one.what))

    def note(self, author: str, text: str, at: datetime) -> None:
        """Keep what somebody on call leaves for the next one."""
        with self.transaction() as connection:
            connection.execute(insert(notes).values(author=author, text=text, written_at=at))

    def notes(self, since: datetime) -> list[tuple[datetime, str]]:
        """Notes written since then, oldest first, each with its author's key in front."""
        query = select(notes).where(notes.c.written_at >= since).order_by(notes.c.written_at, notes.c.id)
        with self.reading() as connection:
            return [(row.written_at, f"{row.author}: {row.text}") for row in connection.execute(query)]


def _change(connection: Connection, number: int, **values: Any) -> None:
    connection.execute(update(incidents).where(incidents.c.id == number).values(values))


def _announcement(connection: Connection, row: Row[Any], what: Outcome) -> Announcement:
    at, by, because = row.resolved_at, row.resolved_by, row.resolution
    if what == "acknowledged":
        at, by, because = row.acknowledged_at, row.acknowledged_by, ""
    held = quiet.holding(quiet.in_force(connection, at), quiet.faults_of(connection, row.id), row.pipeline, at)
    return Announcement(row.id, what, by, at, because, row.round, held is not None)
