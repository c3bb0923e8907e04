"""An honest word to those who wait for a report before they have to ask: that it is late, and that it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.audiences import members
from oncall_assets.handbook.escalation import metric_owner_key
from oncall_assets.incidents.delivery.addressed import LAST_RESORT, addressed
from oncall_assets.incidents.ledger.edition_delays import held, write_told, written_to
from oncall_assets.incidents.ledger.edition_records import HoldRecord
from oncall_assets.incidents.ledger.ledger import Ledger, Pen
from oncall_assets.incidents.policy.recipients import can_be_told
from oncall_assets.incidents.tell import Teller
from oncall_assets.notify.message import Notice, Person, instant
from oncall_assets.reports.attempts import name_of
from oncall_assets.reports.cadence import Occasion
from oncall_assets.reports.gate.judgement import Hold, Kind

# Before an edition is due nobody waits for it; and what was late for a moment only is no news.
_AHEAD: Final = timedelta(minutes=30)
_SHORTEST: Final = timedelta(minutes=30)

# For people who may see none of the figures, nor what a check found in them.
_WORDS: Final[dict[Kind, str]] = {
    "check": "a check of its data that failed",
    "missing": "data that is not there yet",
    "stale": "a table that has to be computed again",
    "late events": "events that may still come in",
    "incident": "an incident with its data that is being worked on",
    "not judged": "somebody to look, as its data could not be checked",
    "not sent": "the mail, which could not be sent so far",
}


@dataclass(frozen=True)
class Delays:
    """Writes to the metric owner and the audiences in `delays_to`; the pager sends what is written here."""

    handbook: Handbook
    ledger: Ledger

    def late(self, occasion: Occasion, reasons: Sequence[Hold], now: datetime) -> bool:
        """Tell those who wait, if it is time to, that a held edition will be late; whether they were told now.

        From half an hour before it is due; once, and again whenever the time that was named has passed.
        """
        if now < occasion.due - _AHEAD:
            return False
        report, period = occasion.planned.key, occasion.period
        with self.ledger.reading() as connection:
            if not _to_tell(held(connection, report, period), now):
                return False
        with self.ledger.transaction() as connection:
            hold = held(connection, report, period)
            # Another daemon may have told them meanwhile, or found that it is held no more.
            if hold is None or not _to_tell(hold, now):
                return False
            expected = self._expected(occasion, hold, reasons, now)
            write_told(connection, report, period, expected, now)
            for key in self._waiting(occasion, now):
                notice = self._late(occasion, key, reasons, expected, now)
                self._teller.notify(Pen(connection), notice, now)
        return True

    def there(self, occasion: Occasion, sent_at: datetime, released_by: str | None, now: datetime) -> bool:
        """Tell all who were told that an edition is late that it was sent, once; whether they were told now."""
        if self.ledger.posted([_there_id(occasion)]):
            return False
        with self.ledger.transaction() as connection:
            told = [key for key in written_to(connection, _late(occasion)) if self._reads(key, now)]
            for key in told:
                notice = self._there(occasion, key, sent_at, released_by, now)
                self._teller.notify(Pen(connection), notice, now)
        return bool(told)

    @property
    def _teller(self) -> Teller:
        return Teller(self.ledger, addressed(self.handbook.team), LAST_RESORT)

    def _waiting(self, occasion: Occasion, now: datetime) -> list[str]:
        """The keys of those who wait, an address once, the metric owner first."""
        team, owner = self.handbook.team, metric_owner_key(occasion.planned.pipeline)
        found = {team.metric_owner(owner): owner}
        for audience in occasion.planned.report.delays_to:
            for key, member in members(team, audience).items():
                found.setdefault(member.address, key)
        return [key for key in found.values() if self._reads(key, now)]

    def _reads(self, key: str, now: datetime) -> bool:
        """Whether the handbook knows them still."""
        return can_be_told(key, self.handbook, now)

    def _expected(self, occasion: Occasion, hold: HoldRecord, reasons: Sequence[Hold], now: datetime) -> datetime:
        """When it is to be mended: the time to resolve what its pipeline's severity promises, to the minute.

        Counted from when it was first held, or from now where that was told and has passed; and not before what
        ends by itself has ended.
        """
        severity = self.handbook.severity(occasion.planned.pipeline)
        resolve = self.handbook.team.severities[severity].resolve
        begin = hold.held_at if hold.expected_at is None else now
        # Expected when it is due it would not be late.
        ends = [reason.until for reason in reasons if reason.until is not None]
        found = max(begin + resolve, now + _SHORTEST, occasion.due + _SHORTEST, *ends)
        whole = found.replace(second=0, microsecond=0)
        return whole if whole == found else whole + timedelta(minutes=1)

    def _late(
        self, occasion: Occasion, key: str, reasons: Sequence[Hold], expected: datetime, now: datetime
    ) -> Notice:
        zone = self.handbook.team.timezone
        is_late = "is late" if now >= occasion.due else "will be late"
        return Notice(
            id=_late(occasion) + expected.isoformat(),
            to=Person.of(self.handbook.team, key),
            title=f"{occasion.planned.report.title} for {occasion.period} {is_late}",
            rows=(
                ("Expected", instant(expected, zone)),
                ("Was due", instant(occasion.due, zone)),
                *(("Waits for", words) for words in dict.fromkeys(_WORDS[reason.kind] for reason in reasons)),
                ("", "You need not do anything; you are told when it is sent."),
            ),
            told_at=now,
        )

    def _there(
        self, occasion: Occasion, key: str, sent_at: datetime, released_by: str | None, now: datetime
    ) -> Notice:
        zone = self.handbook.team.timezone
        by = (("Released", f"by {released_by} although it was held; the report says why"),) if released_by else ()
        return Notice(
            id=_there_id(occasion),
            to=Person.of(self.handbook.team, key),
            title=f"{occasion.planned.report.title} for {occasion.period} is there now",
            rows=(
                ("Sent", instant(sent_at, zone)),
                ("Was due", instant(occasion.due, zone)),
                *by,
            ),
            told_at=now,
        )


def _to_tell(hold: HoldRecord | None, now: datetime) -> bool:
    return hold is not None and (hold.expected_at is None or hold.expected_at <= now)


def _late(occasion: Occasion) -> str:
    """How all that says that it is late is named, before the time that it is expected."""
    return f"late {name_of(occasion)} until "


def _there_id(occasion: Occasion) -> str:
    return f"sent {name_of(occasion)}"
