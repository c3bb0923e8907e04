"""An incident by the number that a person gave, who may have mistyped it or come too late."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.incidents.ledger.tables import events, incidents


def any_incident(connection: Connection, number: int) -> Row[Any]:
    """The incident, open or not. Raises LedgerError if there is none."""
    row = connection.execute(select(incidents).where(incidents.c.id == number)).one_or_none()
    if row is None:
        raise LedgerError(f"there is no incident {number}; `oncall incidents` lists those that are open")
    return row


def open_incident(connection: Connection, number: int) -> Row[Any]:
    """The incident, which must be open. Raises LedgerError."""
    row = any_incident(connection, number)
    if row.resolved_at is not None:
        by = f"by {row.resolved_by}" if row.resolved_by else "by itself"
        raise LedgerError(
            f"incident {number} was resolved {by} at {utc(row.resolved_at)}: {row.resolution}; if it fails again, "
            "that is a new incident"
        )
    return row


def happened(
    connection: Connection, number: int, at: datetime, what: str, text: str, who: str | None = None
) -> None:
    """Add a line to the incident's story."""
    values = {"incident_id": number, "at": at, "what": what, "who": who, "text": text}
    connection.execute(insert(events).values(values))


def utc(at: datetime) -> str:
    """The instant as it stands in a sentence for people of any zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
