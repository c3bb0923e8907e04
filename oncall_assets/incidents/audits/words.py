"""What the watchdog says of a finding, in the messages that every channel knows."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.audits.advice import GUIDE, advice
from oncall_assets.incidents.audits.finding import group_of
from oncall_assets.incidents.audits.memory import Known
from oncall_assets.incidents.policy.recipients import shift_at
from oncall_assets.notify.message import Link, Page, Person, Update, instant, length
from oncall_assets.rota import Rota

# No incident of the ledger has this number: the ledger may be what is broken.
_NO_INCIDENT = 0


class Words:
    """Writes for the team of `handbook`; `url` is the address of Dagster's web server."""

    def __init__(self, handbook: Handbook, rota: Rota, url: str) -> None:
        self._team = handbook.team
        self._rota = rota
        self._url = url

    def page(self, key: str, known: Known, others: tuple[str, ...], person: str, now: datetime) -> Page:
        """The page of a finding to one person; `others` are what else it explains. The same until it was told."""
        began = known.begun_at or now
        targets = self._team.severities["critical"]
        shift = shift_at(self._rota, now)
        again = bool(known.told)
        group = group_of(key)
        since = f", and has been so for {length(now - known.since)}" if again else ""
        return Page(
            key=key,
            title=known.title,
            severity="critical",
            what=f"the on-call system itself ({group})",
            finding=known.detail,
            happened_at=known.since,
            runbook=GUIDE,
            steps=advice(group),
            links=(Link(title="Dagster", url=f"{self._url}/deployment"),),
            id=f"{self._dedup(key, known)} {began.isoformat()} {person}",
            dedup=self._dedup(key, known),
            incident=_NO_INCIDENT,
            to=Person.of(self._team, person),
            telling="reminded" if again else "opened",
            why=f"what pages rest on is broken{since}; the watchdog tells you past the pager",
            told_at=now,
            primary=Person.of(self._team, shift.primary) if shift else None,
            secondary=Person.of(self._team, shift.secondary) if shift else None,
            because=shift.why if shift else (),
            respond=targets.respond,
            resolve=targets.resolve,
            respond_by=known.since + targets.respond,
            resolve_by=known.since + targets.resolve,
            others=others,
        )

    def over(self, key: str, known: Known, person: str, now: datetime) -> Update:
        """That a finding is over, to somebody who was told of it."""
        who = Person.of(self._team, person)
        ended = known.over_at or now
        rows = (
            ("Since", instant(known.since, who.timezone)),
            ("Over", f"{instant(ended, who.timezone)}, after {length(ended - known.since)}"),
        )
        return Update(
            id=f"{self._dedup(key, known)} over {person}",
            dedup=self._dedup(key, known),
            incident=_NO_INCIDENT,
            to=who,
            what="resolved",
            severity="critical",
            title=known.title,
            rows=rows,
            told_at=now,
        )

    def _dedup(self, key: str, known: Known) -> str:
        where = f"{self._team.team} {self._url} {known.since.isoformat()}"
        return f"watch {key} {sha256(where.encode()).hexdigest()[:12]}"
