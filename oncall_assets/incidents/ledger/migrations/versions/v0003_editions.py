"""Reports as sent get tables of their own: editions and their copies, what held or released them, restatements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _editions()
    _copies()
    _holds()
    _releases()
    _restatements()


def _editions() -> None:
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("repeat", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due", _INSTANT, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("composed_at", _INSTANT, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("claimed_until", _INSTANT),
        sa.Column("tried_at", _INSTANT),
        sa.Column("last_error", sa.Text),
        sa.Column("sent_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="editions_pk"),
        sa.UniqueConstraint("report", "period", "repeat", name="editions_report_period_repeat_uq"),
    )
    op.create_index("editions_by_time", "editions", ["composed_at"])


def _copies() -> None:
    op.create_table(
        "edition_copies",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("edition_id", sa.Integer, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tried_at", _INSTANT),
        sa.Column("sent_at", _INSTANT),
        sa.Column("last_error", sa.Text),
        sa.Column("settled_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="edition_copies_pk"),
        sa.UniqueConstraint("edition_id", "recipient", name="edition_copies_edition_id_recipient_uq"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="edition_copies_edition_id_fk"),
    )
    in_doubt = sa.text("state = 'doubtful'")
    op.create_index("copies_in_doubt", "edition_copies", ["id"], sqlite_where=in_doubt, postgresql_where=in_doubt)


def _holds() -> None:
    op.create_table(
        "edition_holds",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("due", _INSTANT, nullable=False),
        sa.Column("held_at", _INSTANT, nullable=False),
        sa.Column("judged_at", _INSTANT, nullable=False),
        sa.Column("told_at", _INSTANT),
        sa.Column("expected_at", _INSTANT),
        sa.Column("over_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="edition_holds_pk"),
        sa.UniqueConstraint("report", "period", name="edition_holds_report_period_uq"),
    )
    _index_of_open("open_holds", "edition_holds")


def _releases() -> None:
    op.create_table(
        "edition_releases",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="edition_releases_pk"),
        sa.UniqueConstraint("report", "period", name="edition_releases_report_period_uq"),
    )


def _restatements() -> None:
    op.create_table(
        "restatements",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("edition_id", sa.Integer, nullable=False),
        sa.Column("column", sa.Text, nullable=False),
        sa.Column("sent", sa.Text, nullable=False),
        sa.Column("now", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("found_at", _INSTANT, nullable=False),
        sa.Column("listed_in", sa.Integer),
        sa.Column("over_at", _INSTANT),
        sa.Column("closed_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="restatements_pk"),
        sa.UniqueConstraint("edition_id", "column", name="restatements_edition_id_column_uq"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="restatements_edition_id_fk"),
        sa.ForeignKeyConstraint(["listed_in"], ["editions.id"], name="restatements_listed_in_fk"),
    )
    _index_of_open("open_restatements", "restatements")


def _index_of_open(name: str, table: str) -> None:
    is_open = sa.text("over_at IS NULL")
    op.create_index(name, table, ["id"], sqlite_where=is_open, postgresql_where=is_open)
