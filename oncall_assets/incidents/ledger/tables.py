"""The ledger's tables, apart from its verbs so that the schema can be read on one page.

The migrations make them; a test holds both together.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
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
    literal_column,
    or_,
)

# The last of the migrations, and the table in which a ledger keeps the last that it has had: not Alembic's own
# name, as Dagster's storage may be in the same database and has one of that name.
VERSION = "0003"
VERSION_TABLE = "ledger_version"


class Instant(TypeDecorator[datetime]):
    """An instant in UTC, also where the database keeps no zones. Raises ValueError for one without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no zone; the ledger keeps instants")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        if value is None:
            return None
        instant: datetime = value
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    }
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True),
    # The signal that opened it.
    Column("opened_by", Text, nullable=False, unique=True),
    # What it is about: a Case as JSON, written once.
    Column("about", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("pipeline", Text),
    # Whom to tell beside the on-call.
    Column("tell", Text),
    Column("opened_at", Instant, nullable=False),
    Column("repeats", Integer, nullable=False, default=0),
    # The round of the escalation, when its clock began, and the ends of the times to respond and to resolve.
    Column("round", Integer, nullable=False, default=1),
    Column("clock_from", Instant, nullable=False),
    Column("respond_by", Instant, nullable=False),
    Column("resolve_by", Instant, nullable=False),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Text),
    Column("resolved_at", Instant),
    # A person, or nobody: then it ended by itself. `resolution` says why in either case.
    Column("resolved_by", Text),
    Column("resolution", Text),
    # Whether those who were told of it still have to hear that somebody has it, that it is over.
    Column("tell_acknowledged", Boolean, nullable=False, default=False),
    Column("tell_resolved", Boolean, nullable=False, default=False),
)
is_open = incidents.c.resolved_at.is_(None)
to_announce = or_(incidents.c.tell_acknowledged, incidents.c.tell_resolved)
Index("open_incidents", incidents.c.id, sqlite_where=is_open, postgresql_where=is_open)
Index("incidents_to_announce", incidents.c.id, sqlite_where=to_announce, postgresql_where=to_announce)
Index("incidents_by_time", incidents.c.opened_at)

# What failed and has to succeed, once in each incident; `kind` is that of the trouble, or the class of the signal.
# Without a partition `partition` is empty. `key` is a digest of target and partition, as an index takes no name of
# any length.
faults = Table(
    "faults",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("partition", Text, nullable=False),
    # A JSON list.
    Column("assets", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("is_cause", Boolean, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("last_failed_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("cleared_at", Instant),
    UniqueConstraint("incident_id", "key"),
)
is_uncleared = faults.c.cleared_at.is_(None)
Index("open_faults", faults.c.incident_id, sqlite_where=is_uncleared, postgresql_where=is_uncleared)

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

# What happened to each incident, beside the letters about it.
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("what", Text, nullable=False),
    Column("who", Text),
    Column("text", Text, nullable=False),
)

# Messages on their way; `message` is JSON of this `kind`, `state` is pending, sent or failed. A person gets each
# once: `subject` is the incident or the notice, `step` which telling of it.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("incident_id", ForeignKey("incidents.id")),
    Column("step", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("state", Text, nullable=False, default="pending"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("created_at", Instant, nullable=False),
    Column("first_tried_at", Instant),
    # Not to be tried again before then.
    Column("not_before", Instant),
    # Until then another process may be sending it.
    Column("claimed_until", Instant),
    # A try whose end nobody knows may have arrived.
    Column("doubtful", Boolean, nullable=False, default=False),
    Column("sent_at", Instant),
    # The first of the letters that went in the same message: one digest is one message.
    Column("sent_with", Integer),
    # What the channel gave for it, to continue the incident's thread.
    Column("receipt", Text),
    Column("refused_at", Instant),
    UniqueConstraint("subject", "step", "person", "channel"),
    Index("letters_of_incident", "incident_id", "person", "channel"),
)
# Written out, because SQLite takes a partial index only where it can see that the query is within it.
is_pending = outbox.c.state == literal_column("'pending'")
is_sent = outbox.c.state == literal_column("'sent'")
is_refused = outbox.c.state == literal_column("'failed'")
Index(
    "letters_pending",
    *(outbox.c.channel, outbox.c.created_at, outbox.c.id),
    sqlite_where=is_pending,
    postgresql_where=is_pending,
)
Index(
    "letters_sent",
    *(outbox.c.channel, outbox.c.person, outbox.c.sent_at),
    sqlite_where=is_sent,
    postgresql_where=is_sent,
)
Index("letters_refused", outbox.c.refused_at, sqlite_where=is_refused, postgresql_where=is_refused)

# How the channels do that ever failed: failures since each last worked, and until when it rests.
channels = Table(
    "channels",
    metadata,
    Column("name", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("rest_until", Instant),
    Column("last_error", Text),
    Column("since", Instant),
)

# What is not to be told, in `[starts, ends)`: what is of all that asset, pipeline and check name.
silences = Table(
    "silences",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("author", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("asset", Text),
    Column("pipeline", Text),
    Column("check_name", Text),
    Column("lifted_at", Instant),
    Column("lifted_by", Text),
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
