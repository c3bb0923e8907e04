"""A quarter as people read it: the page, the team's calendar, and one for each engineer."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from oncall_assets.handbook.team import Team
from oncall_assets.rota.calendar import personal_calendar, team_calendar
from oncall_assets.rota.fairness import measure
from oncall_assets.rota.holidays import public_holidays
from oncall_assets.rota.quarters import Quarter
from oncall_assets.rota.sheet import Mark, Sheet, render
from oncall_assets.rota.shift import ROLES, Role, Shift, serving
from oncall_assets.rota.turns import turn_at

_DAY = timedelta(days=1)


def write_views(
    team: Team, quarter: Quarter, shifts: Sequence[Shift], written: datetime, revision: int, out: Path
) -> tuple[Path, ...]:
    """`rota.html`, `team.ics` and `engineers/<key>.ics` in `out`; the paths in this order.

    Everybody in the team has a file, so that a calendar once subscribed to never breaks. `revision` counts up.
    """
    files = {
        out / "rota.html": render(sheet(team, quarter, shifts, written)).encode(),
        out / "team.ics": team_calendar(team, shifts, written, revision),
    }
    for who in team.engineers:
        files[out / "engineers" / f"{who}.ics"] = personal_calendar(team, who, shifts, written, revision)
    for path, content in files.items():
        _write(path, content)
    return tuple(files)


def sheet(team: Team, quarter: Quarter, shifts: Sequence[Shift], written: datetime) -> Sheet:
    """What the page of these shifts shows."""
    start, end = shifts[0].start, shifts[-1].end
    zone = ZoneInfo(team.timezone)
    marks: dict[date, list[Mark]] = {}
    for day, mark in _marks(team, start.astimezone(zone).date(), end.astimezone(zone).date()):
        marks.setdefault(day, []).append(mark)
    return Sheet(
        team=team,
        title=f"{quarter.year} Q{quarter.number}",
        shifts=shifts,
        marks=marks,
        loads=measure(team, shifts, start, end).loads,
        changed=frozenset(
            (shift.start, role) for shift in shifts for role in ROLES if not _in_turn(team, shift, role, zone)
        ),
        written=written,
    )


def _in_turn(team: Team, shift: Shift, role: Role, zone: ZoneInfo) -> bool:
    turn = turn_at(team.rotation, zone, shift.start)
    return serving(shift, role) == (turn.primary if role == "primary" else turn.secondary)


def _marks(team: Team, first: date, last: date) -> Iterator[tuple[date, Mark]]:
    """Public holidays by name, then who is away by reason, of each day from `first` to `last`."""
    years = range(first.year, last.year + 1)
    holidays = {who: public_holidays(engineer.region, years) for who, engineer in team.engineers.items()}
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        yield from _grouped(day, "holiday", {who: found[day] for who, found in holidays.items() if day in found})
        away = {entry.who: entry.why for entry in team.away if entry.first <= day <= entry.last}
        yield from _grouped(day, "away", away)


def _grouped(day: date, kind: str, texts: dict[str, str]) -> Iterator[tuple[date, Mark]]:
    for text in dict.fromkeys(texts.values()):
        yield day, Mark(kind, text, tuple(who for who, found in texts.items() if found == text))


def _write(path: Path, content: bytes) -> None:
    """In one step: a calendar that is fetched meanwhile is the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()
