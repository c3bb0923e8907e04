"""A quarter in one small picture, for places that show a picture and no page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from oncall_assets.handbook.team import Team
from oncall_assets.rota.markup import Markup, element
from oncall_assets.rota.palette import Look, looks
from oncall_assets.rota.shift import ROLES, Shift, serving
from oncall_assets.rota.turns import wall_instant

_NAMES: Final = 130.0
_TIME: Final = 690.0
_ROW: Final = 24.0
_HEAD: Final = 20.0
# Readable on a light page and on a dark one, as a picture does not know where it is shown.
_GREY: Final = "#7d8896"


def strip(team: Team, shifts: Sequence[Shift]) -> str:
    """An SVG of the shifts, at least one: a row for each engineer who serves, a full bar for each primary shift, a
    slim one for each secondary, and a line where a month begins."""
    zone = ZoneInfo(team.timezone)
    start, end = shifts[0].start, shifts[-1].end
    serving = {who for shift in shifts for who in (shift.primary, shift.secondary)}
    rows = {
        who: _HEAD + _ROW * number for number, who in enumerate(key for key in team.engineers if key in serving)
    }
    height = _HEAD + _ROW * len(rows)
    drawn = element(
        "svg",
        *(
            _month(day, _across(wall_instant(day, time(), zone), start, end), height)
            for day in _firsts(start, end, zone)
        ),
        *(
            element("text", team.engineers[who].name, x=_NAMES - 8, y=top + 16, text_anchor="end", fill=_GREY)
            for who, top in rows.items()
        ),
        *_bars(team, shifts, rows),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_NAMES + _TIME + 2:g} {height:g}",
        width=f"{_NAMES + _TIME + 2:g}",
        height=f"{height:g}",
        font_family="system-ui, sans-serif",
        font_size="12",
    )
    return str(drawn)


def _bars(team: Team, shifts: Sequence[Shift], rows: dict[str, float]) -> Iterator[Markup]:
    start, end = shifts[0].start, shifts[-1].end
    coloured = looks(team.engineers)
    for shift in shifts:
        left, right = _across(shift.start, start, end), _across(shift.end, start, end)
        for role in ROLES:
            who = serving(shift, role)
            yield _bar(coloured[who], left, right - left, rows[who], full=role == "primary")


def _bar(look: Look, left: float, width: float, top: float, *, full: bool) -> Markup:
    inset = 3.0 if full else 9.0
    return element(
        "rect",
        x=f"{left:.2f}",
        y=f"{top + inset:g}",
        width=f"{max(width - 1, 0.5):.2f}",
        height=f"{_ROW - 2 * inset:g}",
        rx="2",
        fill=look.fill,
        opacity=None if full else "0.45",
    )


def _month(day: date, left: float, height: float) -> Markup:
    return element(
        "g",
        element("path", d=f"M{left:.2f} 4V{height:g}", stroke=_GREY, stroke_opacity="0.4"),
        element("text", f"{day:%b}", x=f"{left + 4:.2f}", y="14", fill=_GREY),
    )


def _firsts(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The first days of the months that begin within the shifts."""
    day = start.astimezone(zone).date().replace(day=1)
    while day <= end.astimezone(zone).date():
        if start <= wall_instant(day, time(), zone) < end:
            yield day
        day = (day + timedelta(days=31)).replace(day=1)


def _across(at: datetime, start: datetime, end: datetime) -> float:
    return _NAMES + _TIME * ((at - start) / (end - start))
