"""Letters on their way and the channels they go over, so that a page that was promised is sent by somebody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, exists, func, insert, literal_column, or_, select, true, update

from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.letters import FAILED, SENT, chunks, letter_from, put
from oncall_assets.incidents.ledger.records import ChannelState, Letter, Refusal
from oncall_assets.incidents.ledger.tables import channels, is_pending, is_refused, is_sent, outbox
from oncall_assets.notify.message import shorten

_ERROR_LIMIT = 1000


class Outbox(Database):
    """What the courier needs of the ledger; each call is a transaction of its own."""

    def pending(self, at: datetime, channel: str) -> list[Letter]:
        """The channel's letters that may be sent now and that nobody is sending, oldest first."""
        query = select(outbox).where(outbox.c.channel == channel, _free(at)).order_by(*_OLDEST_FIRST)
        with self.reading() as connection:
            return [letter_from(row) for row in connection.execute(query)]

    def claim(self, letters: Sequence[Letter], at: datetime, until: datetime) -> list[Letter]:
        """Take letters to send them: those that nobody else has, in their order and as they stand now.

        After `until` a letter is anybody's again, and `doubtful`, as it may have arrived.
        """
        taken: dict[int, Letter] = {}
        values = {
            "claimed_until": until,
            "doubtful": or_(outbox.c.doubtful, outbox.c.claimed_until.is_not(None)),
            "first_tried_at": func.coalesce(outbox.c.first_tried_at, at),
        }
        with self.transaction() as connection:
            for some in chunks([letter.id for letter in letters]):
                mine = update(outbox).where(outbox.c.id.in_(some), _free(at)).values(values).returning(outbox)
                taken.update({row.id: letter_from(row) for row in connection.execute(mine)})
        return [taken[letter.id] for letter in letters if letter.id in taken]

    def sent(self, letters: Sequence[Letter], at: datetime, receipt: str | None = None) -> None:
        """The letters arrived, all of them in one message."""
        if not letters:
            return
        together = min(letter.id for letter in letters)
        values = {
            "state": SENT,
            "sent_at": at,
            "sent_with": together,
            "receipt": receipt,
            "attempts": outbox.c.attempts + 1,
            "last_error": None,
            "claimed_until": None,
        }
        with self.transaction() as connection:
            for some in chunks([letter.id for letter in letters]):
                connection.execute(update(outbox).where(outbox.c.id.in_(some), is_pending).values(values))

    def aside(self, letter: Letter, error: str, until: datetime, in_doubt: bool) -> None:
        """The letter was tried in vain and stays, to be tried again but not before `until`."""
        with self.transaction() as connection:
            connection.execute(_ended(letter, in_doubt, error).values(not_before=until))

    def release(self, letters: Sequence[Letter], error: str | None, in_doubt: bool) -> None:
        """The letters are anybody's again at once; without `error` they were not tried."""
        with self.transaction() as connection:
            for letter in letters:
                connection.execute(_ended(letter, in_doubt, error))

    def refuse(self, letter: Letter, error: str, instead: str | None, at: datetime) -> None:
        """The letter cannot arrive; channel `instead` carries the same message unless it does or did already."""
        with self.transaction() as connection:
            failed = _ended(letter, False, error).values(state=FAILED, refused_at=at)
            if connection.execute(failed).rowcount and instead is not None:
                like = Letter(
                    0, letter.subject, letter.incident, letter.step, letter.person, instead, letter.message,
                    letter.created_at,
                )  # fmt: skip
                # It is as old as the one it stands for, and as late.
                put(connection, like, letter.created_at)

    def carried_by(self, letter: Letter) -> set[str]:
        """The channels on which the same message to the same person is, was, or was refused."""
        same = (outbox.c.subject == letter.subject, outbox.c.step == letter.step, outbox.c.person == letter.person)
        with self.reading() as connection:
            return set(connection.execute(select(outbox.c.channel).where(*same)).scalars())

    def receipt(self, incident: int, person: str, channel: str) -> str | None:
        """That of the first message about the incident that reached the person over this channel."""
        mine = (outbox.c.incident_id == incident, outbox.c.person == person, outbox.c.channel == channel)
        query = select(outbox.c.receipt).where(*mine, is_sent, outbox.c.receipt.is_not(None))
        with self.reading() as connection:
            return connection.execute(query.order_by(outbox.c.sent_at, outbox.c.id).limit(1)).scalar()

    def sent_times(self, person: str, channel: str, since: datetime) -> list[datetime]:
        """When messages reached the person over this channel since then, oldest first; a digest counts once."""
        mine = (outbox.c.channel == channel, outbox.c.person == person, outbox.c.sent_at >= since)
        query = select(func.min(outbox.c.sent_at).label("at")).where(*mine, is_sent).group_by(outbox.c.sent_with)
        with self.reading() as connection:
            return list(connection.execute(query.order_by("at")).scalars())

    def waiting(self) -> int:
        """How many letters are not delivered yet."""
        query = select(func.count()).select_from(outbox).where(is_pending)
        with self.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def overdue(self, before: datetime) -> list[Letter]:
        """Letters written before then and not delivered yet, oldest first."""
        query = select(outbox).where(is_pending, outbox.c.created_at < before).order_by(*_OLDEST_FIRST)
        with self.reading() as connection:
            return [letter_from(row) for row in connection.execute(query)]

    def posted(self, subjects: Sequence[str]) -> set[str]:
        """Those of the subjects that somebody has been written about."""
        found: set[str] = set()
        with self.reading() as connection:
            for some in chunks(list(subjects)):
                query = select(outbox.c.subject).where(outbox.c.subject.in_(some)).distinct()
                found.update(connection.execute(query).scalars())
        return found

    def refusals(self, since: datetime) -> list[Refusal]:
        """The last refusal since then for each person and channel that took nothing after it, oldest first."""
        later = outbox.alias("later")
        took = select(later.c.id).where(
            # Written out, or SQLite would not see that its index will do.
            later.c.state == literal_column("'sent'"),
            later.c.person == outbox.c.person,
            later.c.channel == outbox.c.channel,
            later.c.sent_at > outbox.c.refused_at,
        )
        query = select(outbox).where(is_refused, outbox.c.refused_at >= since, ~exists(took))
        with self.reading() as connection:
            rows = connection.execute(query.order_by(outbox.c.refused_at, outbox.c.id)).all()
        last: dict[tuple[str, str], Refusal] = {}
        for row in rows:
            last.pop((row.person, row.channel), None)
            last[row.person, row.channel] = Refusal(row.person, row.channel, row.last_error, row.refused_at)
        return list(last.values())

    def rest(self, channel: str, until: datetime, error: str, at: datetime) -> None:
        """The channel failed once more and is to rest."""
        with self.transaction() as connection:
            known = connection.execute(select(channels).where(channels.c.name == channel)).one_or_none()
            values = {
                "failures": (known.failures if known else 0) + 1,
                "rest_until": until,
                "last_error": shorten(error, _ERROR_LIMIT),
                "since": (known.since if known else None) or at,
            }
            if known:
                connection.execute(update(channels).where(channels.c.name == channel).values(values))
            else:
                connection.execute(insert(channels).values(name=channel, **values))

    def working(self, channel: str) -> None:
        """The channel works: its failures are over."""
        over = {"failures": 0, "rest_until": None, "since": None}
        with self.transaction() as connection:
            connection.execute(update(channels).where(channels.c.name == channel).values(over))

    def channel_states(self) -> dict[str, ChannelState]:
        """The state of every channel that ever failed."""
        with self.reading() as connection:
            return {
                row.name: ChannelState(row.failures, row.rest_until, row.last_error, row.since)
                for row in connection.execute(select(channels).order_by(channels.c.name))
            }


_OLDEST_FIRST = (outbox.c.created_at, outbox.c.id)


def _free(at: datetime) -> ColumnElement[bool]:
    claimable = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= at)
    return and_(is_pending, claimable, or_(outbox.c.not_before.is_(None), outbox.c.not_before <= at))


def _ended(letter: Letter, in_doubt: bool, error: str | None) -> Update:
    """A try is over; unless somebody has claimed the letter after this claim of it was over."""
    mine = outbox.c.claimed_until.is_not_distinct_from(letter.claimed_until)
    values: dict[str, Any] = {"claimed_until": None}
    if in_doubt:
        values["doubtful"] = true()
    if error is not None:
        values |= {"attempts": outbox.c.attempts + 1, "last_error": shorten(error, _ERROR_LIMIT)}
    return update(outbox).where(outbox.c.id == letter.id, is_pending, mine).values(values)
