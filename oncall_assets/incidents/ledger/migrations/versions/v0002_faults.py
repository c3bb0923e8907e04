"""An incident becomes a set of faults with clocks, people and a story; letters can wait and be in doubt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oncall_assets.incidents.ledger.migrations.carry import carry_over

revision = "0002"
down_revision = "0001"

_INSTANT = sa.DateTime(timezone=True)
_Within = sa.ColumnElement[bool] | sa.TextClause

_BEFORE = ("outbox", "decisions", "notes", "incidents")


def upgrade() -> None:
    op.drop_index("one_open_incident", "incidents")
    op.drop_index("messages_by_state", "outbox")
    # SQLite cannot alter a table that others refer to: the old ones step aside and are dropped in the end.
    for name in _BEFORE:
        op.rename_table(name, f"before_{name}")
    _incidents()
    _faults()
    _decisions()
    _events()
    _outbox()
    _channels()
    _silences()
    _notes()
    carry_over(op.get_bind())
    for name in _BEFORE:
        op.drop_table(f"before_{name}")


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("urgency", sa.Text, nullable=False),
        sa.Column("pipeline", sa.Text),
        sa.Column("tell", sa.Text),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("repeats", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("clock_from", _INSTANT, nullable=False),
        sa.Column("respond_by", _INSTANT, nullable=False),
        sa.Column("resolve_by", _INSTANT, nullable=False),
        sa.Column("acknowledged_at", _INSTANT),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("resolved_at", _INSTANT),
        sa.Column("resolved_by", sa.Text),
        sa.Column("resolution", sa.Text),
        sa.Column("tell_acknowledged", sa.Boolean, nullable=False),
        sa.Column("tell_resolved", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="incidents_pk"),
        sa.UniqueConstraint("opened_by", name="incidents_opened_by_uq"),
    )
    flagged = sa.column("tell_acknowledged", sa.Boolean), sa.column("tell_resolved", sa.Boolean)
    _partial_index("open_incidents", "incidents", ["id"], sa.text("resolved_at IS NULL"))
    _partial_index("incidents_to_announce", "incidents", ["id"], sa.or_(*flagged))
    op.create_index("incidents_by_time", "incidents", ["opened_at"])


def _faults() -> None:
    op.create_table(
        "faults",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("incident_id", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("partition", sa.Text, nullable=False),
        sa.Column("assets", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("is_cause", sa.Boolean, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("last_failed_at", _INSTANT, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("cleared_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="faults_pk"),
        sa.UniqueConstraint("incident_id", "key", name="faults_incident_id_key_uq"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="faults_incident_id_fk"),
    )
    _partial_index("open_faults", "faults", ["incident_id"], sa.text("cleared_at IS NULL"))


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("signal_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("happened_at", _INSTANT, nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("incident_id", sa.Integer),
        sa.PrimaryKeyConstraint("signal_id", name="decisions_pk"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="decisions_incident_id_fk"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("incident_id", sa.Integer, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("who", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="events_pk"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="events_incident_id_fk"),
    )
    op.create_index("events_incident_id_ix", "events", ["incident_id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("incident_id", sa.Integer),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("first_tried_at", _INSTANT),
        sa.Column("not_before", _INSTANT),
        sa.Column("claimed_until", _INSTANT),
        sa.Column("doubtful", sa.Boolean, nullable=False),
        sa.Column("sent_at", _INSTANT),
        sa.Column("sent_with", sa.Integer),
        sa.Column("receipt", sa.Text),
        sa.Column("refused_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="outbox_pk"),
        sa.UniqueConstraint("subject", "step", "person", "channel", name="outbox_subject_step_person_channel_uq"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="outbox_incident_id_fk"),
    )
    op.create_index("letters_of_incident", "outbox", ["incident_id", "person", "channel"])
    _partial_index("letters_pending", "outbox", ["channel", "created_at", "id"], sa.text("state = 'pending'"))
    _partial_index("letters_sent", "outbox", ["channel", "person", "sent_at"], sa.text("state = 'sent'"))
    _partial_index("letters_refused", "outbox", ["refused_at"], sa.text("state = 'failed'"))


def _channels() -> None:
    op.create_table(
        "channels",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("rest_until", _INSTANT),
        sa.Column("last_error", sa.Text),
        sa.Column("since", _INSTANT),
        sa.PrimaryKeyConstraint("name", name="channels_pk"),
    )


def _silences() -> None:
    op.create_table(
        "silences",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("starts", _INSTANT, nullable=False),
        sa.Column("ends", _INSTANT, nullable=False),
        sa.Column("asset", sa.Text),
        sa.Column("pipeline", sa.Text),
        sa.Column("check_name", sa.Text),
        sa.Column("lifted_at", _INSTANT),
        sa.Column("lifted_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="silences_pk"),
    )


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="notes_pk"),
    )


def _partial_index(name: str, table: str, columns: list[str], within: _Within) -> None:
    op.create_index(name, table, columns, sqlite_where=within, postgresql_where=within)
