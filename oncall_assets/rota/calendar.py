"""Shifts as calendars (RFC 5545), because people plan their lives in a calendar and not in a folder."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDuration, vText

from oncall_assets.handbook.team import Team
from oncall_assets.rota.shift import ROLES, Role, Shift, serving

# Of this project alone; another one would give every event a second copy in people's calendars.
_NAMESPACE: Final = UUID("6f1f5c0e-5f3a-4c0b-9a57-2f0f5f5a9d11")
_REFRESH: Final = timedelta(hours=12)


def team_calendar(team: Team, shifts: Iterable[Shift], written: datetime, revision: int) -> bytes:
    """Every shift as two events, one for each role.

    `written` (with its zone) becomes DTSTAMP and `revision` SEQUENCE: a calendar keeps the highest it saw of an
    event, and an event keeps its UID as long as its role starts at the same instant.
    """
    calendar = _calendar(f"On call: {team.team}")
    for shift in shifts:
        for role in ROLES:
            calendar.add_component(_event(team, shift, role, written, revision))
    return _written(calendar)


def personal_calendar(team: Team, who: str, shifts: Iterable[Shift], written: datetime, revision: int) -> bytes:
    """The events of `who` alone, under the same UIDs as in the team's calendar."""
    calendar = _calendar(f"On call: {team.team}, {team.engineers[who].name}")
    for shift in shifts:
        for role in ROLES:
            if serving(shift, role) == who:
                calendar.add_component(_event(team, shift, role, written, revision))
    return _written(calendar)


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//oncall-assets//rota//EN")
    calendar.add("method", "PUBLISH")
    # The name stands twice: RFC 7986 has NAME, and most programs still read the older spelling.
    calendar.add("name", _text(name))
    calendar.add("x-wr-calname", _text(name))
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(_REFRESH))
    return calendar


def _written(calendar: Calendar) -> bytes:
    content: bytes = calendar.to_ical()
    return content


def _event(team: Team, shift: Shift, role: Role, written: datetime, revision: int) -> Event:
    event = Event()
    event.add("uid", vText(str(uuid5(_NAMESPACE, f"{team.team}/{role}/{shift.start.isoformat()}"))))
    event.add("dtstamp", written)
    event.add("sequence", revision)
    event.add("dtstart", shift.start)
    event.add("dtend", shift.end)
    event.add("summary", _text(f"On call ({role}): {team.engineers[serving(shift, role)].name}"))
    event.add("description", _text(_description(team, shift, role)))
    event.add("categories", ["On call", role])
    # On call is not busy: meetings go on. No alarm either, as the night before is told through the outbox.
    event.add("transp", "TRANSPARENT")
    return event


def _description(team: Team, shift: Shift, role: Role) -> str:
    zone = ZoneInfo(team.timezone)
    other: Role = "secondary" if role == "primary" else "primary"
    partner = team.engineers[serving(shift, other)]
    start, end = shift.start.astimezone(zone), shift.end.astimezone(zone)
    lines = [
        f"With {partner.name} as {other}.",
        f"{start:%a %Y-%m-%d %H:%M} to {end:%a %Y-%m-%d %H:%M} {team.timezone}.",
        *(f"Because: {reason}" for reason in shift.why),
    ]
    return "\n".join(lines)


def _text(text: str) -> vText:
    # The library escapes commas, semicolons and line ends; other control characters no calendar may hold.
    return vText("".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text))
