"""Messages about an incident to one person: the page, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from oncall_assets.incidents.actions.offers import Launchpad, offers
from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.ledger.records import Announcement
from oncall_assets.incidents.policy.escalation import Standing
from oncall_assets.incidents.policy.recipients import name_of, shift_at
from oncall_assets.notify.message import Case, Page, Person, Tone, Update, instant, length


@dataclass(frozen=True, slots=True)
class Sofar:
    """What the ledger adds to a case: what opened it, how often it failed again, what else fails, some by name."""

    opened_by: str
    repeats: int
    others: tuple[str, ...]
    more_others: int


@dataclass(frozen=True, slots=True)
class Reaching:
    """Whom a page is for and why: the step of the escalation, what it does, and the sentence that says so."""

    person: str
    step: str
    telling: Tone
    why: str


def page_for(reaching: Reaching, case: Case, standing: Standing, sofar: Sofar, desk: Desk, now: datetime) -> Page:
    """The page to one person; the incident's number, severity and clocks are those of `standing`."""
    team, person = desk.handbook.team, reaching.person
    launchpad = Launchpad(desk.dagster_url, desk.location, person if person in team.engineers else "")
    targets = team.severities[standing.severity]
    shift = shift_at(desk.rota, now)
    return Page(
        **(case.model_dump() | {"severity": standing.severity}),
        id=f"incident {standing.number}/{reaching.step}/{person}",
        dedup=dedup_of(standing.number, sofar.opened_by),
        incident=standing.number,
        to=Person.of(team, person),
        telling=reaching.telling,
        why=reaching.why,
        told_at=now,
        primary=Person.of(team, shift.primary) if shift else None,
        secondary=Person.of(team, shift.secondary) if shift else None,
        because=shift.why if shift else (),
        respond=targets.respond,
        resolve=targets.resolve,
        respond_by=standing.respond_by,
        resolve_by=standing.resolve_by,
        repeats=sofar.repeats,
        others=sofar.others,
        more_others=sofar.more_others,
        offers=offers(desk.handbook, case, standing.number, launchpad),
    )


def update_for(
    one: Announcement, case: Case, opened_by: str, person: str, step: str, desk: Desk, now: datetime
) -> Update:
    """The word to one person that somebody has an incident, or that it is over."""
    by = name_of(one.by, desk.handbook) if one.by else "by itself: what failed passed"
    zone = Person.of(desk.handbook.team, person)
    rows = [("By", by), ("At", instant(one.at, zone.timezone))]
    if one.what == "resolved":
        rows.append(("After", length(max(one.at - case.happened_at, one.at - one.at))))
    if one.because:
        rows.append(("Because", one.because))
    return Update(
        id=f"incident {one.number}/{step}/{person}",
        dedup=dedup_of(one.number, opened_by),
        incident=one.number,
        to=zone,
        what=one.what,
        severity=case.severity,
        title=case.title,
        rows=tuple(rows),
        told_at=now,
    )


def dedup_of(number: int, opened_by: str) -> str:
    """Names the incident wherever it is told: numbers begin anew in each ledger, what opened it does not."""
    return f"oncall-{sha256(opened_by.encode()).hexdigest()[:12]}-{number}"
