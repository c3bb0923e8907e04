"""Who was told that an edition is late, written with their letters: so two daemons tell once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from oncall_assets.incidents.ledger.edition_records import HoldRecord
from oncall_assets.incidents.ledger.edition_rows import hold_from, of_period
from oncall_assets.incidents.ledger.edition_tables import holds, is_held
from oncall_assets.incidents.ledger.tables import outbox


def held(connection: Connection, report: str, period: str) -> HoldRecord | None:
    """Why the edition is held; None if it never was, or is no more."""
    mine = (of_period(holds, report, period), is_held)
    row = connection.execute(select(holds).where(*mine)).one_or_none()
    return hold_from(row) if row else None


def write_told(connection: Connection, report: str, period: str, expected_at: datetime, now: datetime) -> None:
    """Those who wait are told in this transaction that the edition is expected then."""
    values = {"told_at": now, "expected_at": expected_at}
    connection.execute(update(holds).where(of_period(holds, report, period)).values(values))


def written_to(connection: Connection, beginning: str) -> list[str]:
    """The keys of those whom somebody has written to about subjects that begin so, each once, in order."""
    mine = outbox.c.subject.startswith(beginning, autoescape=True)
    query = select(outbox.c.person).where(mine).order_by(outbox.c.id)
    return list(dict.fromkeys(connection.execute(query).scalars()))
