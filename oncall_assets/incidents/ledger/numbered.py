"""An incident or a silence by the number that a person gave, who may have mistyped it or come too late."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select

from oncall_assets.handbook.team import WORST_FIRST, Severity
from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.incidents.ledger.tables import events, incidents
from oncall_assets.notify.message import in_utc

# What PostgreSQL takes as an integer.
_HIGHEST = 2**31 - 1


def any_incident(connection: Connection, number: int) -> Row[Any]:
    """The incident, open or not. Raises LedgerError if there is none."""
    row = numbered(connection, incidents, number)
    if row is None:
        raise LedgerError(f"there is no incident {number}; `oncall incidents` lists those that are open")
    return row


def numbered(connection: Connection, table: Table, number: int) -> Row[Any] | None:
    """The row with this number; none for one that the database could not even hold."""
    if abs(number) > _HIGHEST:
        return None
    return connection.execute(select(table).where(table.c.id == number)).one_or_none()


def open_incident(connection: Connection, number: int) -> Row[Any]:
    """The incident, which must be open. Raises LedgerError."""
    row = any_incident(connection, number)
    if row.resolved_at is not None:
        by = f"by {row.resolved_by}" if row.resolved_by else "by itself"
        raise LedgerError(
            f"incident {number} was resolved {by} at {in_utc(row.resolved_at)}: {row.resolution}; if it fails "
            "again, that is a new incident"
        )
    return row


def rise(before: Severity, after: Severity) -> str:
    """How a story says that an incident became worse."""
    return f"from {before} to {after}"


def raised_to(text: str) -> Severity:
    """The severity after what `rise` says, with or without a reason behind it."""
    words = text.partition(":")[0]
    return next(one for one in WORST_FIRST if words.endswith(f" to {one}"))


def happened(
    connection: Connection, number: int, at: datetime, what: str, text: str, who: str | None = None
) -> None:
    """Add a line to the incident's story."""
    values = {"incident_id": number, "at": at, "what": what, "who": who, "text": text}
    connection.execute(insert(events).values(values))
