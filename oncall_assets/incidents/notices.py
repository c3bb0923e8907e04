"""Notices of the rota: people who know a week ahead can plan, and nobody learns by accident that a shift moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.published import PublishedShift
from oncall_assets.incidents.ledger.ledger import IncidentLine
from oncall_assets.notify.message import Notice, Person, instant, length
from oncall_assets.rota import Rota, Shift
from oncall_assets.rota.shift import ROLES, Role, serving

# Somebody who learns of a hand-off only half a day after it has long been found by other means.
_AFTER = timedelta(hours=12)
# Back far enough to see where the duty that runs now began.
_LONGEST_TURN = timedelta(weeks=4)
_LISTED = 10


@dataclass(frozen=True, slots=True)
class Duty:
    """One person in one role without a break, `[start, end)` in UTC."""

    person: str
    role: Role
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """What there is to hand over: incidents, and notes with the instant each was written."""

    incidents: Sequence[IncidentLine]
    notes: Sequence[tuple[datetime, str]]


def turn_notices(handbook: Handbook, rota: Rota, past: Past, now: datetime) -> list[Notice]:
    """For each duty about to start or just started, the notice whose time it is.

    One for each span in `notices.ahead` of team.yaml and one at the hand-off; whoever is told late is told
    what is still true. None if the team asked for no notices.
    """
    if handbook.team.notices is None:
        return []
    ahead = sorted({*handbook.team.notices.ahead, timedelta(0)}, reverse=True)
    found = []
    for duty in duties(rota, now - _LONGEST_TURN, now + ahead[0] + timedelta(seconds=1)):
        lead = duty.start - now
        if lead > ahead[0] or now >= min(duty.end, duty.start + _AFTER):
            continue
        # The nearest of the times that have come.
        due = min(span for span in ahead if span >= lead) if lead > timedelta(0) else timedelta(0)
        found.append(_turn_notice(handbook, rota, duty, due, past, now))
    return found


def duties(rota: Rota, start: datetime, end: datetime) -> list[Duty]:
    """Every duty that begins in `[start, end)`; one that runs at `start` began before."""
    shifts = rota.shifts(start, end)
    found = []
    for role in ROLES:
        served = [(serving(shift, role), shift) for shift in shifts]
        begins = [later for earlier, later in pairwise(served) if earlier[0] != later[0]]
        for person, shift in begins:
            if start <= shift.start < end:
                found.append(Duty(person, role, shift.start, _until(rota, role, person, shift)))
    return sorted(found, key=lambda duty: (duty.start, duty.role))


def change_notices(handbook: Handbook, rota: Rota, now: datetime) -> list[Notice]:
    """For each published shift that is not as published and not over: one to who has it now, one to who had it."""
    if handbook.team.notices is None:
        return []
    found: list[Notice] = []
    for name, published in handbook.published.items():
        end = max(shift.end for shift in published)
        if end <= now:
            continue
        for change in _changes(published, rota.shifts(min(shift.start for shift in published), end)):
            if change.end > now:
                found += _change_notices(handbook, name, change, now)
    return found


@dataclass(frozen=True, slots=True)
class _Change:
    role: Role
    start: datetime
    end: datetime
    before: str
    after: str
    why: tuple[str, ...]


def _until(rota: Rota, role: Role, person: str, shift: Shift) -> datetime:
    end = shift.end
    for later in rota.shifts(shift.end, shift.end + _LONGEST_TURN):
        if serving(later, role) != person:
            break
        end = later.end
    return end


def _turn_notice(
    handbook: Handbook,
    rota: Rota,
    duty: Duty,
    due: timedelta,
    past: Past,
    now: datetime,
) -> Notice:
    zone = handbook.team.engineers[duty.person].timezone
    shift = rota.on_call(duty.start)
    partner = handbook.team.engineers[shift.secondary if duty.role == "primary" else shift.primary].name
    when = "now" if duty.start <= now else f"in {length(duty.start - now)}"
    started = rota.on_call(duty.start - timedelta(microseconds=1)).start
    over = [one for one in past.incidents if one.resolved_at and one.opened_at >= started]
    return Notice(
        id=f"turn {duty.start.isoformat()} {duty.role} {duty.person} {length(due)} ahead",
        to=Person.of(handbook.team, duty.person),
        title=f"You are on call ({duty.role}) {when}, from {instant(duty.start, zone)}",
        rows=(
            ("Until", instant(duty.end, zone)),
            ("With", partner),
            *(("Because", text) for text in shift.why),
            ("Open", _listed([one for one in past.incidents if one.resolved_at is None])),
            ("Last turn", _listed(over)),
            *(("Note", text) for at, text in past.notes if at >= started),
        ),
        told_at=now,
    )


def _changes(published: Iterable[PublishedShift], current: Sequence[Shift]) -> Iterator[_Change]:
    """Where a role is served by somebody else than published, piece by piece."""
    for old in published:
        for new in current:
            start, end = max(old.start, new.start), min(old.end, new.end)
            if start >= end:
                continue
            for role in ROLES:
                before, after = serving(old, role), serving(new, role)
                if before != after:
                    yield _Change(role, start, end, before, after, new.why)


def _change_notices(handbook: Handbook, quarter: str, change: _Change, now: datetime) -> list[Notice]:
    people = handbook.team.engineers
    rows = (("Quarter", quarter), *(("Because", text) for text in change.why))
    told = []
    for person, title in (
        (change.after, f"You now have the {change.role} shift of {people[change.before].name}"),
        (change.before, f"{people[change.after].name} now has your {change.role} shift"),
    ):
        zone = people[person].timezone
        span = f"{instant(change.start, zone)} to {instant(change.end, zone)}"
        told.append(
            Notice(
                id=f"changed {change.start.isoformat()} {change.role} {change.before} {change.after} {person}",
                to=Person.of(handbook.team, person),
                title=title,
                rows=(("Shift", span), *rows),
                told_at=now,
            )
        )
    return told


def _listed(incidents: Sequence[IncidentLine]) -> str:
    shown = [
        f"#{one.number} {one.severity}: {one.title}{f' ({one.partition})' if one.partition else ''}"
        for one in incidents[:_LISTED]
    ]
    more = [f"and {len(incidents) - _LISTED} more"] if len(incidents) > _LISTED else []
    return "; ".join([*shown, *more]) or "none"
