"""Reports as sent, held, released and restated, in SQL, so that recipients get one copy whatever dies when."""

from __future__ import annotations

from sqlalchemy import select

from oncall_assets.incidents.ledger.edition_claims import EditionClaims
from oncall_assets.incidents.ledger.edition_holds import EditionHolds
from oncall_assets.incidents.ledger.edition_records import EditionRecord
from oncall_assets.incidents.ledger.edition_rows import editions_where, of_period, with_copies
from oncall_assets.incidents.ledger.edition_tables import copies, editions, is_doubtful
from oncall_assets.incidents.ledger.restated import Restatements

__all__ = ["EditionBook"]


class EditionBook(EditionClaims, EditionHolds, Restatements):
    """Every report that was sent or is to be; each call is one transaction, several threads may use it at once.

    `report` is a report's key, `period` its days as `Days` writes them.
    """

    def edition(self, report: str, period: str, repeat: int = 0) -> EditionRecord | None:
        """The edition, if sending it ever began; `repeat` 0 is the first."""
        which = (of_period(editions, report, period), editions.c.repeat == repeat)
        with self._database.reading() as connection:
            return next(iter(editions_where(connection, *which)), None)

    def latest(self, report: str, period: str) -> EditionRecord | None:
        """The edition as it was begun last, whatever repeat that is."""
        with self._database.reading() as connection:
            found = editions_where(connection, of_period(editions, report, period))
        return found[-1] if found else None

    def sent(self, report: str | None = None, limit: int = 100) -> list[EditionRecord]:
        """The editions that somebody has got, or may have got, the newest first."""
        got = select(copies.c.edition_id).where(copies.c.state.in_(("sent", "doubtful")))
        query = select(editions).where(editions.c.id.in_(got))
        if report is not None:
            query = query.where(editions.c.report == report)
        newest = query.order_by(editions.c.composed_at.desc(), editions.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return with_copies(connection, connection.execute(newest).all())

    def doubtful(self) -> list[EditionRecord]:
        """The editions of which a copy is in doubt, the oldest first."""
        in_doubt = select(copies.c.edition_id).where(is_doubtful)
        with self._database.reading() as connection:
            return editions_where(connection, editions.c.id.in_(in_doubt))
