"""Load as a picture, because that weekends and Christmas fell on the same two people hides in a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import east_asian_width

from oncall_assets.handbook.team import Team
from oncall_assets.rota.fairness import POINTS, Fairness, Kind, Load
from oncall_assets.rota.holidays import major_holidays
from oncall_assets.rota.markup import Markup, element
from oncall_assets.rota.shift import ROLES, Role

# From the ordinary to the rare. Apart under every common colour blindness, on a light page and on a dark one; none
# of an engineer's colours, which mean something else in the picture above.
_FILLS: Final[dict[Kind, str]] = {
    "weekday": "#8a9bb0",
    "weekend": "#4477cc",
    "holiday": "#ddaa33",
    "major": "#cc4455",
}
_LABELS: Final[dict[Kind, str]] = {
    "weekday": "weekday",
    "weekend": "weekend",
    "holiday": "public holiday",
    "major": "major holiday",
}
# Read on a light page and on a dark one alike, as a picture does not know where it is shown.
_GREY: Final = "#75808c"
_WIDTH: Final = 822.0
_FIGURES: Final = 128.0
# What a letter takes at most, on average, in the fonts that systems come with.
_LETTER: Final = 7.2
_LONGEST: Final = 32
_LEGEND: Final = 34.0
_TICKS: Final = 18.0
_COLUMN: Final = 17.0
_DUTY: Final = "Holidays on duty"


@dataclass(frozen=True, slots=True)
class _Column:
    """How often each engineer served on a holiday, or on holidays of a sort, of one year; `times` by key."""

    year: int
    head: str
    times: Mapping[str, int]
    single: bool


def load_chart(found: Fairness, team: Team) -> str:
    """An SVG: a bar of points for each engineer, a stroke where their share ends, and the holidays of each year.

    A bar is stacked by kind of time, first primary duty in full height, then secondary duty, slim and pale. Below,
    a square is a major holiday on duty in either role; a number counts public holidays with primary duty.
    """
    return _Chart(found, team).drawn()


class _Chart:
    """The parts of one picture, placed from top to bottom."""

    def __init__(self, found: Fairness, team: Team) -> None:
        self._found = found
        self._names = {load.who: _printed(team.engineers[load.who].name) for load in found.loads}
        self._columns = list(_columns(found.loads, team))
        self._left = 14 + _LETTER * max(_letters(_short(name)) for name in (_DUTY, *self._names.values()))
        self._width = max(_WIDTH, self._left + 8 + _COLUMN * (len(self._columns) + len(_years(self._columns))))
        self._heads = 24 + _LETTER * max((len(column.head) for column in self._columns), default=0)
        self._row = 24.0 if len(found.loads) <= 20 else 17.0
        self._scale = (_WIDTH - _FIGURES - self._left) / self._end

    def drawn(self) -> str:
        bars = _LEGEND + _TICKS
        grid = bars + self._row * len(self._found.loads) + 14
        height = grid + (self._heads + self._row * len(self._found.loads) + 8 if self._columns else 0)
        svg = element(
            "svg",
            element("title", f"Load in points, spread {self._found.spread:.1f}"),
            *self._legend(),
            *self._ticks(_LEGEND + 12, grid - 10),
            *(part for number, load in enumerate(self._found.loads) for part in self._bar(load, number, bars)),
            *(self._grid(grid) if self._columns else ()),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {self._width:g} {height:g}",
            width=f"{self._width:g}",
            height=f"{height:g}",
            role="img",
            font_family="system-ui, sans-serif",
            font_size="12" if self._row > 20 else "11",
        )
        return str(svg)

    @property
    def _end(self) -> float:
        """Where the axis ends, in points."""
        return max((max(load.points, load.due) for load in self._found.loads), default=0.0) or 1.0

    def _legend(self) -> Iterator[Markup]:
        left = 2.0
        for kind in POINTS:
            yield _rect(left, 8, 12, 12, _FILLS[kind])
            yield _text(left + 17, 18, _LABELS[kind])
            left += 32 + _LETTER * len(_LABELS[kind])
        yield _rect(left, 8, 16, 12, _GREY)
        yield _text(left + 21, 18, "primary")
        yield _rect(left + 76, 11, 16, 6, _GREY, pale=True)
        yield _text(left + 97, 18, "secondary")
        yield _stroke(left + 174, 5, 23)
        yield _text(left + 181, 18, "share to carry")
        yield _text(_WIDTH - 2, 18, f"spread {self._found.spread:.1f}", end=True)

    def _ticks(self, top: float, bottom: float) -> Iterator[Markup]:
        step = _round_step(self._end / 5)
        for number in range(int(self._end / step) + 1):
            left = self._left + number * step * self._scale
            yield element("path", d=f"M{left:.2f} {top + 5:g}V{bottom:g}", stroke=_GREY, stroke_opacity="0.3")
            unit = " points" if not number else ""
            yield _text(left, top + 2, f"{number * step:g}{unit}", middle=bool(number))
        yield _text(_WIDTH - 66, top + 2, "points", end=True)
        yield _text(_WIDTH - 2, top + 2, "to share", end=True)

    def _bar(self, load: Load, number: int, top: float) -> Iterator[Markup]:
        top += self._row * number
        yield self._name(load.who, top)
        left = self._left
        for role in ROLES:
            for kind in POINTS:
                points = load.by_kind.get((role, kind), 0.0)
                if points:
                    yield self._piece(load.who, (role, kind), points, left, top)
                    left += points * self._scale
        yield _stroke(self._left + max(load.due, 0.0) * self._scale, top, top + self._row)
        base = top + self._row / 2 + 4
        yield _text(_WIDTH - 66, base, f"{load.points:.0f}", end=True)
        yield _text(_WIDTH - 2, base, f"{load.deviation:+.1f}", end=True)

    def _piece(self, who: str, part: tuple[Role, Kind], points: float, left: float, top: float) -> Markup:
        role, kind = part
        inset = 3.0 if role == "primary" else self._row / 3
        told = f"{self._names[who]}: {points:.1f} points of {_LABELS[kind]}, {role}"
        width, height = points * self._scale, self._row - 2 * inset
        return _rect(left, top + inset, width, height, _FILLS[kind], pale=role == "secondary", told=told)

    def _grid(self, top: float) -> Iterator[Markup]:
        rows = top + self._heads
        yield _text(self._left - 8, rows - 8, _DUTY, end=True)
        for number, load in enumerate(self._found.loads):
            line = rows + self._row * number
            path = f"M{self._left:.2f} {line:g}H{self._left + self._columns_width:.2f}"
            yield element("path", d=path, stroke=_GREY, stroke_opacity="0.3")
            yield self._name(load.who, line)
        left, year = self._left, 0
        for column in self._columns:
            if column.year != year:
                year = column.year
                yield _text(left + 5, top + 14, str(year), bold=True)
                yield element(
                    "path",
                    d=f"M{left:.2f} {top + 4:g}V{rows + self._row * len(self._found.loads):g}",
                    stroke=_GREY,
                    stroke_opacity="0.6",
                )
                left += _COLUMN / 2
            yield from self._column(column, left, rows)
            left += _COLUMN

    @property
    def _columns_width(self) -> float:
        return _COLUMN * (len(self._columns) + len(_years(self._columns)) / 2)

    def _column(self, column: _Column, left: float, rows: float) -> Iterator[Markup]:
        middle = left + _COLUMN / 2
        place = f"rotate(-90 {middle + 4:g} {rows - 6:g})"
        yield _text(middle + 4, rows - 6, column.head, transform=place)
        for number, load in enumerate(self._found.loads):
            times = column.times.get(load.who, 0)
            top = rows + self._row * number
            if times and column.single:
                told = f"{self._names[load.who]}: {column.head} {column.year}"
                yield _rect(middle - 5, top + self._row / 2 - 5, 10, 10, _FILLS["major"], told=told)
            elif times:
                yield _text(middle, top + self._row / 2 + 4, str(times), middle=True)

    def _name(self, who: str, top: float) -> Markup:
        return _text(self._left - 8, top + self._row / 2 + 4, _short(self._names[who]), end=True)


def _columns(loads: Sequence[Load], team: Team) -> Iterator[_Column]:
    """By year the major holidays somebody served on, by date, and then how many public ones each one had."""
    years = {year for load in loads for year in load.major} | {day.year for load in loads for day in load.holidays}
    for year in sorted(years):
        for name in sorted(team.holidays.major, key=lambda name: major_holidays([name], year)[name]):
            times = {load.who: 1 for load in loads if name in load.major.get(year, ())}
            if times:
                yield _Column(year, name, times, single=True)
        public = {load.who: sum(day.year == year for day in load.holidays) for load in loads}
        if any(public.values()):
            yield _Column(year, "public holidays", public, single=False)


def _years(columns: Sequence[_Column]) -> set[int]:
    return {column.year for column in columns}


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20 … that is no smaller."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)


def _printed(name: str) -> str:
    # XML has no way to write most control characters, escaped or not.
    return "".join(letter if letter.isprintable() else " " for letter in name)


def _short(name: str) -> str:
    while _letters(name) > _LONGEST:
        name = name.removesuffix("…")[:-1] + "…"
    return name


def _letters(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _rect(
    left: float, top: float, width: float, height: float, fill: str, *, pale: bool = False, told: str = ""
) -> Markup:
    return element(
        "rect",
        *([element("title", told)] if told else ()),
        x=f"{left:.2f}",
        y=f"{top:g}",
        width=f"{width:.2f}",
        height=f"{height:g}",
        fill=fill,
        opacity="0.55" if pale else None,
    )


def _stroke(left: float, top: float, bottom: float) -> Markup:
    """Black within white: one of the two is seen on whatever lies below."""
    return element(
        "g",
        element("path", d=f"M{left:.2f} {top:g}V{bottom:g}", stroke="#ffffff", stroke_width="4"),
        element("path", d=f"M{left:.2f} {top:g}V{bottom:g}", stroke="#1b2430", stroke_width="2"),
    )


def _text(
    left: float,
    base: float,
    text: str,
    *,
    end: bool = False,
    middle: bool = False,
    bold: bool = False,
    transform: str | None = None,
) -> Markup:
    return element(
        "text",
        text,
        x=f"{left:.2f}",
        y=f"{base:g}",
        text_anchor="end" if end else "middle" if middle else None,
        font_weight="600" if bold else None,
        transform=transform,
        fill=_GREY,
    )
