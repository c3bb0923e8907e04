"""The geometry of a sheet: weeks of seven days, and shifts as bars on them, without a word about how they look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from oncall_assets.rota.shift import ROLES, Role, Shift, serving

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Piece:
    """A shift, or the part of it within one week, from `left` to `right` in percent of the week's wall time."""

    shift: Shift
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Bar:
    """The pieces that follow each other within one week in which `who` has the role.

    `starts` and `ends` say whether `who` begins and stops here, or serves in the week beside it as well.
    """

    role: Role
    who: str
    pieces: tuple[Piece, ...]
    starts: bool
    ends: bool

    @property
    def left(self) -> float:
        return self.pieces[0].left

    @property
    def width(self) -> float:
        return self.pieces[-1].right - self.left


@dataclass(frozen=True, slots=True)
class Week:
    """The seven local days from `monday` and the bars on them, primary ones first."""

    monday: date
    bars: tuple[Bar, ...]

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.monday + timedelta(days=number) for number in range(7))


def weeks(shifts: Sequence[Shift], zone: ZoneInfo) -> list[Week]:
    """The weeks that the shifts touch, in order, Monday first, by the wall clock of `zone`."""
    if not shifts:
        return []
    first, last = _wall(shifts[0].start, zone), _wall(shifts[-1].end, zone)
    monday = first.date() - timedelta(days=first.weekday())
    mondays = [monday + number * _WEEK for number in range((last - datetime.combine(monday, time())) // _WEEK + 1)]
    rows = [(monday, found) for monday in mondays if (found := tuple(_pieces(shifts, monday, zone)))]
    beside = [None, *(found[-1].shift for _, found in rows)], [*(found[0].shift for _, found in rows[1:]), None]
    return [
        Week(monday, tuple(bar for role in ROLES for bar in _bars(found, role, before, after)))
        for (monday, found), before, after in zip(rows, *beside, strict=False)
    ]


def _bars(pieces: Sequence[Piece], role: Role, before: Shift | None, after: Shift | None) -> Iterator[Bar]:
    """The bars of one week, which the shifts `before` and `after` stand beside."""
    for who, group in groupby(pieces, lambda piece: serving(piece.shift, role)):
        own = tuple(group)
        comes = own[0] is pieces[0] and before is not None and serving(before, role) == who
        goes = own[-1] is pieces[-1] and after is not None and serving(after, role) == who
        yield Bar(role, who, own, starts=not comes, ends=not goes)


def _pieces(shifts: Sequence[Shift], monday: date, zone: ZoneInfo) -> Iterator[Piece]:
    begin = datetime.combine(monday, time())
    for shift in shifts:
        # Wall times, as the days of a sheet are equally wide: a day of 23 hours has no narrower column.
        start, end = _wall(shift.start, zone), _wall(shift.end, zone)
        left, right = max(start, begin), min(end, begin + _WEEK)
        if left < right:
            yield Piece(shift, 100 * ((left - begin) / _WEEK), 100 * ((right - begin) / _WEEK))


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)
