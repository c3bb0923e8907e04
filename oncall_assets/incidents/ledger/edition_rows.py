"""Rows of editions as records, for the verbs that change them and those that only read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select

from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.edition_records import (
    CopyRecord,
    EditionRecord,
    HoldRecord,
    ReleaseRecord,
    RestatementRecord,
)
from oncall_assets.incidents.ledger.edition_tables import copies, editions
from oncall_assets.incidents.ledger.letters import chunks


class Shelf:
    """Where editions are kept: the ledger that all verbs about them write to and read from."""

    def __init__(self, database: Database) -> None:
        self._database = database


def editions_where(connection: Connection, *which: ColumnElement[bool]) -> list[EditionRecord]:
    """The editions with their copies, in the order they were begun."""
    rows = connection.execute(select(editions).where(*which).order_by(editions.c.id)).all()
    return with_copies(connection, rows)


def with_copies(connection: Connection, rows: Sequence[Row[Any]]) -> list[EditionRecord]:
    """The editions of these rows with their copies, in the order of the rows."""
    found: dict[int, list[CopyRecord]] = defaultdict(list)
    for some in chunks([row.id for row in rows]):
        query = select(copies).where(copies.c.edition_id.in_(some)).order_by(copies.c.id)
        for row in connection.execute(query):
            found[row.edition_id].append(_copy(row))
    return [edition_from(row, tuple(found[row.id])) for row in rows]


def edition_from(row: Row[Any], its_copies: tuple[CopyRecord, ...] = ()) -> EditionRecord:
    """The edition of a row that has all columns of the table."""
    return EditionRecord(
        row.id, row.report, row.period, row.repeat, row.state, row.due, row.content, row.composed_at, row.run_id,
        row.claimed_until, row.tried_at, row.last_error, row.sent_at, its_copies,
    )  # fmt: skip


def hold_from(row: Row[Any]) -> HoldRecord:
    return HoldRecord(
        row.report, row.period, tuple(json.loads(row.reasons)), row.due, row.held_at, row.judged_at, row.told_at,
        row.expected_at, row.over_at,
    )  # fmt: skip


def release_from(row: Row[Any]) -> ReleaseRecord:
    return ReleaseRecord(row.report, row.period, row.by, row.at, row.because, tuple(json.loads(row.reasons)))


def restatement_from(row: Row[Any], edition: EditionRecord) -> RestatementRecord:
    return RestatementRecord(
        row.id, edition, row.column, row.sent, row.now, row.cause, row.found_at, row.listed_in, row.over_at,
        row.closed_by,
    )  # fmt: skip


def of_period(table: Table, report: str, period: str) -> ColumnElement[bool]:
    """What a table of editions, holds or releases has for this report and period."""
    return (table.c.report == report) & (table.c.period == period)


def _copy(row: Row[Any]) -> CopyRecord:
    return CopyRecord(
        row.id, row.recipient, row.address, row.message_id, row.state, row.tried_at, row.sent_at, row.last_error,
        row.settled_by,
    )  # fmt: skip
