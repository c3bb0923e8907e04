"""The ledger's tables, apart from its verbs so that the schema can be read on one page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Instant(TypeDecorator[datetime]):
    """An instant in UTC, also where the database keeps no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        if value is None:
            return None
        instant: datetime = value
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


metadata = MetaData()

incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True),
    # What the incident is about: at most one open incident has it.
    Column("key", Text, nullable=False),
    Column("opened_by", Text, nullable=False, unique=True),
    Column("partition", Text),
    # A JSON list of what must succeed to resolve it.
    Column("covers", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("pipeline", Text),
    Column("opened_at", Instant, nullable=False),
    Column("last_failed_at", Instant, nullable=False),
    Column("repeats", Integer, nullable=False, default=0),
    Column("resolved_at", Instant),
    Column("resolved_by", Text),
)
_open = incidents.c.resolved_at.is_(None)
Index("one_open_incident", incidents.c.key, unique=True, sqlite_where=_open, postgresql_where=_open)

# Every signal once, with what was done about it and why.
decisions = Table(
    "decisions",
    metadata,
    Column("signal_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("incident_id", ForeignKey("incidents.id")),
)

# Messages on their way; `message` is JSON, `state` is pending, sent or failed. A person gets each once:
# `subject` is the incident or the notice, `step` which telling of it.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("incident_id", ForeignKey("incidents.id")),
    Column("step", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("state", Text, nullable=False, default="pending"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("created_at", Instant, nullable=False),
    # Until then another process may be sending it.
    Column("claimed_until", Instant),
    Column("sent_at", Instant),
    UniqueConstraint("subject", "step", "person", "channel"),
    Index("messages_by_state", "state"),
)

# What somebody on call leaves for the next one; `author` is an engineer's key.
notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("written_at", Instant, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
)
