"""Figures that were sent and say something else now, until those who got them know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from oncall_assets.incidents.ledger.edition_records import RestatementRecord
from oncall_assets.incidents.ledger.edition_rows import Shelf, edition_from, restatement_from
from oncall_assets.incidents.ledger.edition_tables import editions, is_restated, restatements
from oncall_assets.incidents.ledger.letters import chunks
from oncall_assets.incidents.ledger.numbered import numbered
from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.notify.message import in_utc


class Restatements(Shelf):
    """One for each edition and column, of the latest change; each call is a transaction of its own."""

    def restate(self, edition_id: int, column: str, sent: str, now_value: str, cause: str, at: datetime) -> bool:
        """The figure was `sent` and is `now_value`, both JSON; False if that is known, or was told already.

        Raises LedgerError if there is no such edition.
        """
        values = {"sent": sent, "now": now_value, "cause": cause, "found_at": at}
        anew = {"listed_in": None, "over_at": None, "closed_by": None}
        with self._database.transaction() as connection:
            if numbered(connection, editions, edition_id) is None:
                raise LedgerError(f"there is no edition with the number {edition_id} in the ledger")
            known = _known(connection, edition_id, column)
            if known is None:
                new = {"edition_id": edition_id, "column": column, **values}
                connection.execute(insert(restatements).values(new))
                return True
            if known.now == now_value:
                return False
            mine = update(restatements).where(restatements.c.id == known.id)
            connection.execute(mine.values(values | anew))
            return True

    def as_sent_again(self, edition_id: int, column: str, at: datetime) -> None:
        """The figure is what it was when it was sent; if it changes after that, that is a new one."""
        with self._database.transaction() as connection:
            known = _known(connection, edition_id, column)
            if known is not None and known.now != known.sent:
                values: dict[str, Any] = {"now": known.sent, "over_at": known.over_at or at}
                connection.execute(update(restatements).where(restatements.c.id == known.id).values(values))

    def restatements(self, report: str | None = None, *, open_only: bool = True) -> list[RestatementRecord]:
        """Those of one report or of all, the one found first in front."""
        query = select(restatements).where(is_restated) if open_only else select(restatements)
        if report is not None:
            query = query.join(editions, restatements.c.edition_id == editions.c.id)
            query = query.where(editions.c.report == report)
        with self._database.reading() as connection:
            rows = sorted(connection.execute(query), key=lambda row: (row.found_at, row.id))
            of = {}
            for some in chunks(sorted({row.edition_id for row in rows})):
                wanted = select(editions).where(editions.c.id.in_(some))
                of.update({row.id: edition_from(row) for row in connection.execute(wanted)})
        return [restatement_from(row, of[row.edition_id]) for row in rows]

    def listed(self, ids: Sequence[int], edition_id: int, at: datetime) -> None:
        """The edition tells of these, so that they are over."""
        with self._database.transaction() as connection:
            for some in chunks(list(ids)):
                mine = update(restatements).where(restatements.c.id.in_(some), is_restated)
                connection.execute(mine.values(listed_in=edition_id, over_at=at))

    def close_restatement(self, number: int, by: str, at: datetime) -> None:
        """Nobody has to hear of it, says `by`. Raises LedgerError if there is none, or if it is over."""
        with self._database.transaction() as connection:
            row = numbered(connection, restatements, number)
            if row is None:
                raise LedgerError(f"there is no restatement {number}; `oncall restated` lists them")
            if row.over_at is not None:
                who = f"by {row.closed_by} " if row.closed_by else ""
                raise LedgerError(f"restatement {number} was closed {who}at {in_utc(row.over_at)} already")
            mine = update(restatements).where(restatements.c.id == number)
            connection.execute(mine.values(over_at=at, closed_by=by))


def _known(connection: Connection, edition_id: int, column: str) -> Row[Any] | None:
    mine = (restatements.c.edition_id == edition_id, restatements.c.column == column)
    return connection.execute(select(restatements).where(*mine)).one_or_none()
