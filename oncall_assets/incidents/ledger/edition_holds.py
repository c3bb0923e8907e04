"""What keeps an edition from being sent, who was told that it will be late, and who let it go nevertheless."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update

from oncall_assets.incidents.ledger.edition_records import HoldRecord, ReleaseRecord
from oncall_assets.incidents.ledger.edition_rows import Shelf, hold_from, of_period, release_from
from oncall_assets.incidents.ledger.edition_tables import editions, holds, is_held, releases
from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.notify.message import in_utc


class EditionHolds(Shelf):
    """Holds and releases by report and period; each call is a transaction of its own."""

    def hold(self, report: str, period: str, reasons: Sequence[str], due: datetime, now: datetime) -> HoldRecord:
        """The edition is held at `now` for these reasons, in sentences; the first time since when it was not.

        Raises LedgerError without a reason.
        """
        if not reasons:
            raise LedgerError(f"edition {report} for {period} is held for no reason; say what holds it")
        judged = {"reasons": json.dumps(list(reasons), ensure_ascii=False), "due": due, "judged_at": now}
        anew = {"held_at": now, "told_at": None, "expected_at": None, "over_at": None}
        mine = of_period(holds, report, period)
        with self._database.transaction() as connection:
            known = connection.execute(select(holds).where(mine)).one_or_none()
            if known is None:
                connection.execute(insert(holds).values(report=report, period=period, **judged, **anew))
            else:
                values = judged if known.over_at is None else judged | anew
                connection.execute(update(holds).where(mine).values(values))
            return hold_from(connection.execute(select(holds).where(mine)).one())

    def over(self, report: str, period: str, now: datetime) -> None:
        """The edition is not held, or not any more."""
        with self._database.transaction() as connection:
            mine = update(holds).where(of_period(holds, report, period), is_held)
            connection.execute(mine.values(over_at=now))

    def holds(self) -> list[HoldRecord]:
        """Those that are held now, the one that was held first in front."""
        query = select(holds).where(is_held)
        with self._database.reading() as connection:
            found = sorted(connection.execute(query), key=lambda row: (row.held_at, row.id))
        return [hold_from(row) for row in found]

    def hold_of(self, report: str, period: str) -> HoldRecord | None:
        """The last time that it was held, if it ever was; `over_at` tells whether that is over."""
        with self._database.reading() as connection:
            row = connection.execute(select(holds).where(of_period(holds, report, period))).one_or_none()
        return None if row is None else hold_from(row)

    def release(
        self, report: str, period: str, by: str, because: str, reasons: Sequence[str], now: datetime
    ) -> None:
        """`by` lets the edition go although `reasons` hold it.

        Raises LedgerError if that was said before, or if the edition is sent already.
        """
        name = f"edition {report} for {period}"
        with self._database.transaction() as connection:
            before = connection.execute(select(releases).where(of_period(releases, report, period))).one_or_none()
            if before is not None:
                at = in_utc(before.at)
                raise LedgerError(f"{name} was released by {before.by} at {at} already: {before.because}")
            first = (of_period(editions, report, period), editions.c.repeat == 0)
            sent = connection.execute(select(editions).where(*first)).one_or_none()
            if sent is not None:
                how = f"was sent at {in_utc(sent.sent_at)}" if sent.sent_at else "is on its way"
                raise LedgerError(f"{name} {how} already; there is nothing to release")
            values = {
                "report": report,
                "period": period,
                "by": by,
                "at": now,
                "because": because,
                "reasons": json.dumps(list(reasons), ensure_ascii=False),
            }
            connection.execute(insert(releases).values(values))

    def released(self, report: str, period: str) -> ReleaseRecord | None:
        """Who released it, if anybody did."""
        with self._database.reading() as connection:
            row = connection.execute(select(releases).where(of_period(releases, report, period))).one_or_none()
        return None if row is None else release_from(row)
