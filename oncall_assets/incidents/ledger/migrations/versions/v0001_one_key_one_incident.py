"""The first tables: an incident is open for a key, and covers what must succeed to resolve it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("partition", sa.Text),
        sa.Column("covers", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("pipeline", sa.Text),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("last_failed_at", _INSTANT, nullable=False),
        sa.Column("repeats", sa.Integer, nullable=False),
        sa.Column("resolved_at", _INSTANT),
        sa.Column("resolved_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="incidents_pkey"),
        sa.UniqueConstraint("opened_by", name="incidents_opened_by_key"),
    )
    is_open = sa.text("resolved_at IS NULL")
    op.create_index(
        "one_open_incident", "incidents", ["key"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_table(
        "decisions",
        sa.Column("signal_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("happened_at", _INSTANT, nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("incident_id", sa.Integer),
        sa.PrimaryKeyConstraint("signal_id", name="decisions_pkey"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="decisions_incident_id_fkey"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("incident_id", sa.Integer),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("claimed_until", _INSTANT),
        sa.Column("sent_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="outbox_incident_id_fkey"),
        sa.UniqueConstraint("subject", "step", "person", "channel", name="outbox_subject_step_person_channel_key"),
    )
    op.create_index("messages_by_state", "outbox", ["state"])
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="notes_pkey"),
    )
