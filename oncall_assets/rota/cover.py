"""From turns to shifts: base, plan, swaps, away, overrides, each leaving its reason; what was published stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.rota import Override, Swap
from oncall_assets.rota.agreed import Agreed, agreed
from oncall_assets.rota.away import Calendar
from oncall_assets.rota.plan import Plan
from oncall_assets.rota.segment import Segment, changed, merged
from oncall_assets.rota.sharing import shared
from oncall_assets.rota.shift import Reason, Shift
from oncall_assets.rota.standins import StandIns
from oncall_assets.rota.turns import Turn, turn_at, turn_number

_INSTANT = timedelta(microseconds=1)


class Cover:
    """All layers of one handbook. What it says of a turn depends on nothing but the turn, and so never on what
    window was asked for.
    """

    def __init__(self, handbook: Handbook) -> None:
        team = handbook.team
        self._rotation = team.rotation
        self._zone = ZoneInfo(team.timezone)
        self._plan = Plan(team)
        self.calendar = Calendar(team)
        self._stand_ins = StandIns(team, self.calendar)
        self._shares = team.holidays.share_multi_day
        made = [agreed(team, change) for change in team.changes]
        self._swaps = [one for one in made if isinstance(one.change, Swap)]
        self._overrides = [one for one in made if isinstance(one.change, Override)]
        self._frozen = _frozen(handbook)
        # A planner asks for the same stretch with many pairs.
        self._turn_from: dict[datetime, Turn] = {}
        self._told = _spans(segment for segment, _ in self._frozen)

    def at(self, at: datetime) -> Shift:
        """The shift that holds the instant `at`. Raises ValueError if `at` carries no zone."""
        return self.expand(at, at + _INSTANT)[0]

    def expand(self, start: datetime, end: datetime) -> list[Shift]:
        """Every shift that overlaps `[start, end)`, whole and in order; none if that is empty."""
        if start >= end:
            return []
        found: list[Shift] = []
        for one, told in self._frozen_in(start, end):
            swapped = _changed_by(self._late(self._swaps, told), [one])
            found += merged(_changed_by(self._late(self._overrides, told), swapped))
        for turn in self._turns(start, end):
            found += merged(_changed_by(self._overrides, self._planned(turn)))
        found.sort(key=lambda shift: shift.start)
        return [shift for shift in found if shift.start < end and start < shift.end]

    def owners(self, start: datetime, end: datetime, changes: Sequence[Agreed]) -> list[Segment]:
        """Whose roles `[start, end)` are after the swaps among `changes`, before anybody's absence counts."""
        swaps = [one for one in changes if isinstance(one.change, Swap)]
        found: list[Segment] = []
        for one, told in self._frozen_in(start, end):
            found += _changed_by(self._late(swaps, told), [one])
        for turn in self._turns(start, end):
            planned = _changed_by(swaps, self._plan.of(turn))
            found += [piece for one in planned for piece in _outside(one, self._told)]
        return [one.between(start, end) for one in found if one.start < end and start < one.end]

    def parts(self, start: datetime, end: datetime) -> Iterator[tuple[Turn, Segment]]:
        """Each turn and what one pair owns of it at a time, by the rotation; whole, where it overlaps."""
        for turn in self._turns(start, end):
            for part in self._plan.parts(turn):
                if part.start < end and start < part.end:
                    yield turn, part

    def season_from(self, part: Segment) -> date | None:
        """The first day of the season that the part of a turn is a day of; None if it is of none."""
        return self._plan.season_from(part.start)

    def settled(self, start: datetime, end: datetime) -> bool:
        """Whether anything in `[start, end)` is published, swapped or overridden, so that no plan moves it."""
        changes = (*self._swaps, *self._overrides)
        spans = (*self._told, *((one.start, one.end) for one in changes))
        return any(first < end and start < last for first, last in spans)

    def owned(self, start: datetime, end: datetime, primary: str, secondary: str) -> list[Segment]:
        """`[start, end)`, one of `parts`, if a plan gives it to that pair: the table applies, and who is away."""
        return [*self._covered(self.named(start, end, primary, secondary))]

    def named(self, start: datetime, end: datetime, primary: str, secondary: str) -> list[Segment]:
        """As `owned`, before anybody's absence counts."""
        if start not in self._turn_from:
            self._turn_from[start] = turn_at(self._rotation, self._zone, start)
        given = self._plan.given(self._turn_from[start], start, end, (primary, secondary))
        return self._plan.by_table([given])

    def told(self, start: datetime, end: datetime) -> list[datetime]:
        """When the published shifts that overlap `[start, end)` were published."""
        return [told for _, told in self._frozen_in(start, end)]

    def _frozen_in(self, start: datetime, end: datetime) -> Iterator[tuple[Segment, datetime]]:
        return ((one, told) for one, told in self._frozen if one.start < end and start < one.end)

    def _late(self, changes: Iterable[Agreed], told: datetime) -> list[Agreed]:
        """The changes that were requested since `told`; earlier ones are in what was published already."""
        return [change for change in changes if change.later_than(told, self._zone)]

    def _turns(self, start: datetime, end: datetime) -> Iterator[Turn]:
        turn = turn_at(self._rotation, self._zone, start)
        while turn.start < end:
            # A day that a zone skipped, as Samoa did in 2011, holds a turn without length.
            if turn.start < turn.end:
                yield turn
            turn = turn_number(self._rotation, self._zone, turn.index + 1)

    def _planned(self, turn: Turn) -> list[Segment]:
        """The turn as far as it is not published, everybody covered who is away."""
        if any(start <= turn.start and turn.end <= end for start, end in self._told):
            return []
        swapped = _changed_by(self._swaps, self._plan.of(turn))
        return [piece for one in self._covered(swapped) for piece in _outside(one, self._told)]

    def _covered(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        for one in segments:
            for part in shared(one, self._stand_ins) if self._shares else [one]:
                yield from self._stand_ins.cover(part)


def _changed_by(changes: Iterable[Agreed], segments: list[Segment]) -> list[Segment]:
    for change in changes:
        if segments and change.start < segments[-1].end and segments[0].start < change.end:
            segments = changed(segments, change.start, change.end, change)
    return segments


def _frozen(handbook: Handbook) -> list[tuple[Segment, datetime]]:
    """Every published shift, in order, with when it was published."""
    found = []
    for quarter, shifts in handbook.published.items():
        told = handbook.published_at[quarter]
        note = Reason("published", f"published as {quarter} on {told:%Y-%m-%d}")
        for one in shifts:
            reasons = (note, *(Reason("published", text) for text in one.why))
            found.append((Segment(one.start, one.end, one.primary, one.secondary, reasons), told))
    return sorted(found, key=lambda one: one[0].start)


def _spans(segments: Iterable[Segment]) -> list[tuple[datetime, datetime]]:
    """What the segments, which are in order, cover together."""
    found: list[tuple[datetime, datetime]] = []
    for one in segments:
        if found and found[-1][1] == one.start:
            found[-1] = (found[-1][0], one.end)
        else:
            found.append((one.start, one.end))
    return found


def _outside(one: Segment, spans: Iterable[tuple[datetime, datetime]]) -> Iterator[Segment]:
    """What of the segment lies in none of the spans."""
    begin = one.start
    for start, end in spans:
        if start < one.end and begin < end:
            if begin < start:
                yield one.between(begin, start)
            begin = max(begin, end)
    if begin < one.end:
        yield one.between(begin, one.end)
