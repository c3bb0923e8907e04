"""Letters as rows, for whoever puts them into the outbox and whoever takes them out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, exists, insert, select

from oncall_assets.incidents.ledger.records import Letter
from oncall_assets.incidents.ledger.tables import outbox

PENDING, SENT, FAILED = "pending", "sent", "failed"

# A database takes so many values in one statement, and some more.
_CHUNK = 500

_T = TypeVar("_T")


def put(connection: Connection, letter: Letter, written_at: datetime) -> bool:
    """Put a letter into the outbox; False if the person has its like on that channel. Its `id` is ignored."""
    values = {
        "subject": letter.subject,
        "step": letter.step,
        "person": letter.person,
        "channel": letter.channel,
    }
    same = select(outbox.c.id).where(*(outbox.c[name] == value for name, value in values.items()))
    if connection.execute(select(exists(same))).scalar_one():
        return False
    more = {
        "incident_id": letter.incident,
        "kind": _kind(letter.message),
        "message": letter.message,
        "created_at": written_at,
    }
    connection.execute(insert(outbox).values(values | more))
    return True


def letter_from(row: Row[Any]) -> Letter:
    """The letter of a row of the outbox."""
    return Letter(
        row.id, row.subject, row.incident_id, row.step, row.person, row.channel, row.message, row.created_at,
        row.attempts, row.doubtful, row.claimed_until,
    )  # fmt: skip


def chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """The values in pieces that one statement can take."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _kind(message: str) -> str:
    try:
        found = json.loads(message)
    except ValueError:
        found = None
    # Whether it can be read is for the courier to find out, who can refuse it.
    return str(found.get("kind", "")) if isinstance(found, dict) else ""
