"""Who sends an edition, and what becomes of each copy, so that everybody gets one and nobody two."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.edition_records import (
    Busy,
    Claimed,
    Done,
    EditionRecord,
    NewCopy,
    NewEdition,
    Won,
)
from oncall_assets.incidents.ledger.edition_rows import Shelf, editions_where, of_period
from oncall_assets.incidents.ledger.edition_tables import copies, editions
from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.notify.message import shorten

_ERROR_LIMIT = 1000


class EditionClaims(Shelf):
    """What a run that sends needs; each call is a transaction of its own.

    A copy is taken with `claim_copy` before anything is sent, and what became of it is said afterwards. Where that
    word is missing nobody takes the copy again: it is in doubt. A book remembers what it took: who comes back
    after others took the copy over ends no try but its own.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._tries: dict[int, datetime] = {}

    def begin(self, new: NewEdition, run_id: str, now: datetime, until: datetime) -> Claimed:
        """Begin to send an edition, or go on where a run that died had begun; the caller's until `until`.

        What was begun first goes on, in the words of its first try: all recipients get the same. Of a run that
        died, a copy that it was sending becomes doubtful. Of several recipients with one address the first gets a
        copy. Raises LedgerError if there is no recipient.
        """
        with self._database.transaction() as connection:
            known = editions_where(connection, of_period(editions, new.report, new.period))
            going_on = next((one for one in known if one.state == "sending"), None)
            if going_on is not None:
                return _take_over(connection, going_on, run_id, now, until)
            if known:
                return Done(known[-1])
            return Won(_insert(connection, new, 0, run_id, until))

    def again(
        self,
        report: str,
        period: str,
        recipients: Sequence[NewCopy],
        now: datetime,
        until: datetime,
        run_id: str,
    ) -> Claimed:
        """Send what was sent once more, to `recipients`, as the next repeat; the content says which it is.

        Raises LedgerError if it was never sent, if it is being sent or in doubt, or if a Message-ID is of an
        earlier mail of it.
        """
        with self._database.transaction() as connection:
            known = editions_where(connection, of_period(editions, report, period))
            last = _sent_before(known, report, period, recipients, now)
            repeat = last.repeat + 1
            said = json.dumps(
                json.loads(last.content) | {"repeat": repeat}, ensure_ascii=False, separators=(",", ":")
            )
            new = NewEdition(report, period, last.due, said, now, tuple(recipients))
            return Won(_insert(connection, new, repeat, run_id, until))

    def claim_copy(self, copy_id: int, now: datetime, until: datetime) -> bool:
        """Take a copy that is waiting, to send it; False if it is not waiting, and then nobody may send it.

        The claim to the whole edition goes on until `until` as well.
        """
        with self._database.transaction() as connection:
            values = {"state": "sending", "tried_at": now}
            waiting = (copies.c.id == copy_id, copies.c.state == "waiting")
            if not connection.execute(update(copies).where(*waiting).values(values)).rowcount:
                return False
            whole = select(copies.c.edition_id).where(copies.c.id == copy_id).scalar_subquery()
            connection.execute(update(editions).where(editions.c.id == whole).values(claimed_until=until))
        self._tries[copy_id] = now
        return True

    def copy_sent(self, copy_id: int, now: datetime) -> None:
        """The server took the copy. Whatever was believed of it meanwhile, and whoever has it: that is known."""
        tried = copies.c.tried_at.is_not(None) & copies.c.state.in_(("sending", "doubtful", "waiting"))
        self._ended(copy_id, tried, now, state="sent", sent_at=now, last_error=None)

    def copy_refused(self, copy_id: int, error: str, now: datetime) -> None:
        """The server will never take the copy. Raises LedgerError if this book did not take it."""
        self._ended(copy_id, self._own(copy_id), now, state="refused", last_error=shorten(error, _ERROR_LIMIT))

    def copy_waits(self, copy_id: int, error: str, now: datetime) -> None:
        """The try surely did not arrive, and another may. Raises LedgerError if this book did not take it."""
        self._ended(copy_id, self._own(copy_id), now, state="waiting", last_error=shorten(error, _ERROR_LIMIT))

    def copy_doubtful(self, copy_id: int, error: str, now: datetime) -> None:
        """Nobody knows whether the try arrived: it is not repeated until somebody says.

        Raises LedgerError if this book did not take it.
        """
        self._ended(copy_id, self._own(copy_id), now, state="doubtful", last_error=shorten(error, _ERROR_LIMIT))

    def finish(self, edition_id: int, now: datetime) -> EditionRecord:
        """The run has done what it could. Raises LedgerError if there is no such edition.

        Where a copy is waiting still, the edition is anybody's to go on with, and keeps what the try met. Else it
        is doubtful if a copy is, or sent.
        """
        with self._database.transaction() as connection:
            one = _weigh(connection, edition_id, now)
            if one.state != "sending":
                return one
            met = [copy.last_error for copy in one.copies if copy.state == "waiting" and copy.last_error]
            values = {"tried_at": now, "last_error": met[-1] if met else None}
            connection.execute(update(editions).where(editions.c.id == edition_id).values(values))
            return _edition(connection, edition_id)

    def settle(self, copy_id: int, arrived: bool, by: str, now: datetime) -> EditionRecord:
        """Somebody says what became of a copy in doubt: one that did not arrive is waiting again.

        Raises LedgerError if it is not in doubt.
        """
        with self._database.transaction() as connection:
            row = connection.execute(select(copies).where(copies.c.id == copy_id)).one_or_none()
            if row is None:
                raise LedgerError(f"there is no copy {copy_id}; `oncall editions` lists those in doubt")
            if row.state != "doubtful":
                raise LedgerError(
                    f"copy {copy_id} to {row.address} is {row.state} and not in doubt; there is nothing to settle"
                )
            values: dict[str, Any] = {"settled_by": by, "last_error": None}
            values |= {"state": "sent", "sent_at": row.tried_at} if arrived else {"state": "waiting"}
            connection.execute(update(copies).where(copies.c.id == copy_id).values(values))
            return _weigh_again(connection, row.edition_id, now)

    def _own(self, copy_id: int) -> ColumnElement[bool]:
        if copy_id not in self._tries:
            raise LedgerError(f"copy {copy_id} was not taken here, so no try of it can have ended; claim it first")
        return _TAKEN & (copies.c.tried_at == self._tries[copy_id])

    def _ended(self, copy_id: int, which: ColumnElement[bool], now: datetime, **values: Any) -> None:
        with self._database.transaction() as connection:
            change = update(copies).where(copies.c.id == copy_id, which).values(values)
            whole = connection.execute(change.returning(copies.c.edition_id)).scalar_one_or_none()
            if whole is not None:
                _weigh_again(connection, whole, now)


_TAKEN = copies.c.state == "sending"


def _take_over(connection: Connection, one: EditionRecord, run_id: str, now: datetime, until: datetime) -> Claimed:
    if one.claimed_until is not None and one.claimed_until > now:
        return Busy(one.run_id, one.claimed_until)
    lost = "the run that was sending it ended without a word; it may have arrived"
    left = update(copies).where(copies.c.edition_id == one.id, _TAKEN)
    connection.execute(left.values(state="doubtful", last_error=lost))
    mine = update(editions).where(editions.c.id == one.id)
    connection.execute(mine.values(run_id=run_id, claimed_until=until))
    return Won(_edition(connection, one.id))


def _insert(connection: Connection, new: NewEdition, repeat: int, run_id: str, until: datetime) -> EditionRecord:
    one_each = {copy.address.casefold(): copy for copy in reversed(new.copies)}
    if not one_each:
        raise LedgerError(
            f"edition {new.report} for {new.period} is for nobody; name addresses in `audiences` of team.yaml"
        )
    values = {
        "report": new.report,
        "period": new.period,
        "repeat": repeat,
        "state": "sending",
        "due": new.due,
        "content": new.content,
        "composed_at": new.composed_at,
        "run_id": run_id,
        "claimed_until": until,
    }
    number = int(connection.execute(insert(editions).values(values).returning(editions.c.id)).scalar_one())
    chosen = [copy for copy in new.copies if one_each[copy.address.casefold()] is copy]
    connection.execute(insert(copies), [_waiting(number, copy) for copy in chosen])
    return _edition(connection, number)


def _waiting(edition_id: int, copy: NewCopy) -> dict[str, Any]:
    return {
        "edition_id": edition_id,
        "recipient": copy.recipient,
        "address": copy.address,
        "message_id": copy.message_id,
        "state": "waiting",
    }


def _sent_before(
    known: Sequence[EditionRecord], report: str, period: str, recipients: Iterable[NewCopy], now: datetime
) -> EditionRecord:
    """The latest of what was sent, if it may be sent again."""
    name = f"edition {report} for {period}"
    if not known:
        raise LedgerError(f"{name} was never sent, so it cannot be sent again; materialise editions/{report}")
    for one in known:
        if one.state == "sending":
            claimed = one.claimed_until is not None and one.claimed_until > now
            who = f"run {one.run_id} is sending it" if claimed else f"run {one.run_id} left copies of it waiting"
            raise LedgerError(f"{name} is not sent yet: {who}; let it end, or materialise editions/{report}")
        if one.state == "doubtful":
            raise LedgerError(f"{name} is in doubt; say first with `oncall settle` what became of its copies")
    used = {copy.message_id for one in known for copy in one.copies}
    if twice := used.intersection(copy.message_id for copy in recipients):
        raise LedgerError(
            f"{name} was sent as {min(twice)} before; somebody else has sent it again meanwhile: look, and then "
            "send it again if it is still wanted"
        )
    return known[-1]


def _weigh(connection: Connection, edition_id: int, now: datetime) -> EditionRecord:
    """The edition in the state that follows from its copies, and nobody's but for one that is being sent."""
    one = _edition(connection, edition_id)
    having = {copy.state for copy in one.copies}
    values: dict[str, Any] = {} if "sending" in having else {"claimed_until": None}
    if having & {"waiting", "sending"}:
        values["state"] = "sending"
    elif "doubtful" in having:
        values["state"] = "doubtful"
    else:
        values |= {"state": "sent", "sent_at": now, "last_error": None}
    connection.execute(update(editions).where(editions.c.id == edition_id).values(values))
    return _edition(connection, edition_id)


def _weigh_again(connection: Connection, edition_id: int, now: datetime) -> EditionRecord:
    """As `_weigh`, but of one that a run may be sending nothing is said before that run has finished."""
    one = _edition(connection, edition_id)
    return one if one.state == "sending" else _weigh(connection, edition_id, now)


def _edition(connection: Connection, edition_id: int) -> EditionRecord:
    found = editions_where(connection, editions.c.id == edition_id)
    if not found:
        raise LedgerError(f"there is no edition with the number {edition_id} in the ledger")
    return found[0]
