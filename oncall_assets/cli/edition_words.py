"""Editions in words for people: how each stands, what holds it, and which copies are in doubt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.reports import Grain
from oncall_assets.incidents.ledger.edition_records import CopyRecord, EditionRecord, HoldRecord
from oncall_assets.notify.message import length
from oncall_assets.reports.business import business_days_between
from oncall_assets.reports.cadence import Planned, next_due, occasions

if TYPE_CHECKING:
    from oncall_assets.incidents.ledger.editions import EditionBook

# The longest that the last edition can lie back; a report before meetings has a month or more between them.
_BACK: Final[dict[Grain, timedelta]] = {
    "day": timedelta(days=7),
    "week": timedelta(days=21),
    "month": timedelta(days=400),
}
# Every edition of a daily report in a year, and more.
_EVERY: Final = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """An edition in a table: `due` is UTC."""

    report: str
    period: str
    due: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Standings:
    """How the editions of the handbook's reports stand at `now`, which is UTC."""

    handbook: Handbook
    book: EditionBook
    now: datetime

    def of(self, one: Planned, *, every: bool) -> list[Standing]:
        """What is held or in doubt, the last that was due and the next; with `every` all that was sent too.

        In the order in which they are due.
        """
        dues = {hold.period: hold.due for hold in self.book.holds() if hold.report == one.key}
        known = self.book.sent(one.key, _EVERY) if every else self.book.doubtful()
        dues |= {record.period: record.due for record in known if record.report == one.key}
        past = occasions(self.handbook, one, self.now - _BACK[one.report.period], self.now)
        coming = next_due(self.handbook, one, self.now)
        dues |= {occasion.period: occasion.due for occasion in (*past[-1:], *([coming] if coming else []))}
        ordered = sorted(dues.items(), key=lambda pair: (pair[1], pair[0]))
        return [Standing(one.key, period, due, self.state(one, period, due)) for period, due in ordered]

    def state(self, one: Planned, period: str, due: datetime) -> str:
        """One edition in a few words."""
        record = self.book.latest(one.key, period)
        if record is not None:
            return self._sent(record)
        hold = self.book.hold_of(one.key, period)
        held = self._held(hold) if hold is not None and hold.over_at is None else ""
        release = self.book.released(one.key, period)
        released = f"released by {release.by} because {release.because}" if release else ""
        when = self._due_in(due) if due > self.now else f"not sent, was due {length(self.now - due)} ago"
        return "; ".join(filter(None, (released or held, when)))

    def wall(self, at: datetime) -> str:
        """An instant as a clock of the team shows it."""
        return f"{at.astimezone(ZoneInfo(self.handbook.team.timezone)):%a %Y-%m-%d %H:%M}"

    def _due_in(self, due: datetime) -> str:
        zone = ZoneInfo(self.handbook.team.timezone)
        left = business_days_between(self.handbook, self.now.astimezone(zone).date(), due.astimezone(zone).date())
        return f"due in {length(due - self.now)}, {left} business day{'s' * (left != 1)} left"

    def _held(self, hold: HoldRecord) -> str:
        expected = f"; those who wait expect it at {self.wall(hold.expected_at)}" if hold.expected_at else ""
        return f"held since {self.wall(hold.held_at)}: {' '.join(hold.reasons)}{expected}"

    def _sent(self, record: EditionRecord) -> str:
        arrived = f"{sum(copy.state == 'sent' for copy in record.copies)} of {len(record.copies)}"
        again = f", sent again {times(record.repeat)}" if record.repeat else ""
        if record.state == "sending":
            error = f": {record.last_error}" if record.last_error else ""
            return f"sending, sent to {arrived}{again}{error}"
        refused = [f"; {_not_sent(copy)}" for copy in record.copies if copy.state == "refused"]
        doubt = sum(copy.state == "doubtful" for copy in record.copies)
        doubtful = f"; {doubt} in doubt, to settle with `oncall settle`" if doubt else ""
        at = f" at {self.wall(record.sent_at)}" if record.sent_at else ""
        return f"sent to {arrived}{at}{again}{''.join(refused)}{doubtful}"


def times(count: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def doubts(copies: Iterable[CopyRecord], standings: Standings) -> list[str]:
    """A line a copy in doubt, with all that it takes to find it in a mail server's log."""
    lines = []
    for copy in copies:
        tried = f", tried at {standings.wall(copy.tried_at)}" if copy.tried_at else ""
        why = copy.last_error or "nobody knows whether it arrived"
        lines.append(f"copy {copy.id} to {copy.address}{tried}: Message-ID {copy.message_id}; {why}")
    return lines


def outcome(record: EditionRecord) -> str:
    """What became of sending it, for whoever had it sent."""
    words = [f"sent to {sum(copy.state == 'sent' for copy in record.copies)} of {len(record.copies)}"]
    return "; ".join([*words, *(_not_sent(copy) for copy in record.copies if copy.state != "sent")])


def _not_sent(copy: CopyRecord) -> str:
    words = {"doubtful": "in doubt", "sending": "being sent"}.get(copy.state, copy.state)
    return f"{words} for {copy.address}" + (f": {copy.last_error}" if copy.last_error else "")
