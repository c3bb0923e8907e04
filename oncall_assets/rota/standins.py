"""Who serves for those who are away: the secondary steps up, the next free one in (DESIGN, rota rule 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from oncall_assets.handbook.team import Team
from oncall_assets.rota.away import Absence, Calendar
from oncall_assets.rota.segment import Segment
from oncall_assets.rota.shift import Reason


@dataclass(frozen=True, slots=True)
class _Gap:
    """A piece of a segment in which one or both are away; `here` is who of them is not."""

    start: datetime
    end: datetime
    here: tuple[str, ...]


class StandIns:
    """The rule of one team for those who are away."""

    def __init__(self, team: Team, calendar: Calendar) -> None:
        self.calendar = calendar
        self.ring = team.rotation.ring
        self.volunteers = tuple(dict.fromkeys(team.volunteers))
        self.secondary_covers = team.holidays.rule == "secondary_covers"

    def cover(self, segment: Segment) -> Iterator[Segment]:
        """The segment with everybody who is away replaced, in order and without a gap."""
        stretch = _Stretch(self, segment)
        if not (stretch.away(segment.primary) or stretch.away(segment.secondary)):
            yield segment
            return
        yield from stretch.covered()

    def after(self, who: str) -> tuple[str, ...]:
        """Everybody in order, beginning after `who`, and then the volunteers who take no turns."""
        number = self.ring.index(who) + 1 if who in self.ring else 0
        return tuple(dict.fromkeys((*self.ring[number:], *self.ring[:number], *self.volunteers)))


class _Stretch:
    """One segment and who is away in it, looked up once for each person that is asked about."""

    def __init__(self, rule: StandIns, segment: Segment) -> None:
        self._rule = rule
        self._segment = segment
        self._away: dict[str, list[Absence]] = {}
        others = dict.fromkeys(rule.after(segment.secondary))
        self._in_order = tuple(who for who in others if who not in (segment.primary, segment.secondary))
        self._willing_first = tuple(sorted(self._in_order, key=lambda who: who not in rule.volunteers))
        self._willing_last = tuple(sorted(self._in_order, key=lambda who: who in rule.volunteers))

    def away(self, who: str) -> list[Absence]:
        """The absences of `who` in the segment that count there."""
        if who not in self._away:
            one, calendar = self._segment, self._rule.calendar
            found = calendar.firm(who, one.start, one.end)
            # Who covers the holidays of others, or was named for this one, is not excused by it.
            covers = self._rule.secondary_covers and who == one.secondary
            if not covers and who != one.named:
                found = found + calendar.holidays(who, one.start, one.end)
            self._away[who] = found
        return self._away[who]

    def covered(self) -> Iterator[Segment]:
        """Pieces in which everybody serves who should, and stand-ins for the stretches in which not."""
        pair = (self._segment.primary, self._segment.secondary)
        pieces = [
            piece
            for start, end in self._cut(self._segment.start, self._segment.end, pair)
            for piece in self._enough(start, end)
        ]
        for missing, run in groupby(pieces, key=lambda piece: isinstance(piece, _Gap)):
            if missing:
                yield from self._stood_in([piece for piece in run if isinstance(piece, _Gap)])
            else:
                yield from (piece for piece in run if isinstance(piece, Segment))

    def _enough(self, start: datetime, end: datetime) -> Iterator[_Gap | Segment]:
        """What is settled at once, and gaps in all of which two at least are free."""
        one = self._segment
        here = tuple(who for who in (one.primary, one.secondary) if self._free(who, start, end))
        if len(here) == 2:
            yield one.between(start, end)
        elif self._two_free(here, start, end):
            yield _Gap(start, end, here)
        else:
            for first, last in self._cut(start, end, self._in_order):
                if self._two_free(here, first, last):
                    yield _Gap(first, last, here)
                else:
                    yield self._unexcused(first, last)

    def _two_free(self, here: tuple[str, ...], start: datetime, end: datetime) -> bool:
        needed = 2 - len(here)
        for who in self._in_order:
            if self._free(who, start, end):
                needed -= 1
                if not needed:
                    return True
        return False

    def _unexcused(self, start: datetime, end: datetime) -> Segment:
        """Fewer than two are free: as many holidays as must be are worked, by those first whose turn it is."""
        one = self._segment
        order = (one.primary, one.secondary, *self._in_order)
        free = [who for who in order if self._free(who, start, end)]
        excused = [who for who in order if who not in free and not self._firmly_away(who, start, end)]
        serving = {*free, *excused[: 2 - len(free)]}
        # Outside any handbook that was checked, as before anybody joined: somebody has to be named.
        serving.update([who for who in order if who not in serving][: max(2 - len(serving), 0)])
        pair = sorted((who for who in order if who in serving), key=lambda who: self._firmly_away(who, start, end))
        if self._rule.secondary_covers and one.primary in excused:
            # The primary's holiday is the secondary's to cover: the primary only backs up.
            pair.sort(key=lambda who: who == one.primary)
        worked = [
            Reason("holiday", f"{who} serves on {absence.why}, as fewer than two would be free")
            for who in pair
            if who in excused
            for absence in self._in(who, start, end)
        ]
        gone = [who for who in (one.primary, one.secondary) if who not in pair]
        return one.between(start, end).by(pair[0], pair[1], *self._reasons(gone, start, end), *worked)

    def _stood_in(self, run: list[_Gap]) -> Iterator[Segment]:
        """A run of gaps with one stand-in for all of it where anybody can, and a second where both are away."""
        first = self._assigned(run[0].start, run[-1].end, self._willing_first)
        second: list[tuple[datetime, datetime, str]] = []
        for nobody, gaps in groupby(run, key=lambda gap: not gap.here):
            if nobody:
                both_away = list(gaps)
                for start, end, who in _overlapping(first, both_away[0].start, both_away[-1].end):
                    others = tuple(other for other in self._willing_last if other != who)
                    second += self._assigned(start, end, others)
        for gap in run:
            for start, end, who in _overlapping(first, gap.start, gap.end):
                if gap.here:
                    yield self._stepped_in(start, end, gap.here[0], who)
                else:
                    for begin, finish, other in _overlapping(second, start, end):
                        yield self._stepped_in(begin, finish, *self._first_of(who, other))

    def _first_of(self, one: str, other: str) -> tuple[str, str]:
        """Two stand-ins in their roles: volunteers offered to be secondary."""
        volunteers = self._rule.volunteers
        return (other, one) if one in volunteers and other not in volunteers else (one, other)

    def _stepped_in(self, start: datetime, end: datetime, primary: str, secondary: str) -> Segment:
        one = self._segment
        gone = [who for who in (one.primary, one.secondary) if who not in (primary, secondary)]
        because = self._reasons(gone, start, end)
        layer = because[0].layer
        if primary == one.secondary:
            because.append(Reason(layer, f"{primary}, the secondary, becomes primary"))
        elif primary != one.primary:
            because.append(Reason(layer, f"{primary}, next in order, becomes primary"))
        if secondary in self._rule.volunteers:
            because.append(Reason("volunteer", f"{secondary}, a volunteer, becomes secondary"))
        else:
            because.append(Reason(layer, f"{secondary}, next in order, becomes secondary"))
        return one.between(start, end).by(primary, secondary, *because)

    def _assigned(
        self, start: datetime, end: datetime, order: tuple[str, ...]
    ) -> list[tuple[datetime, datetime, str]]:
        """Who of `order` covers `[start, end)`: one where anybody can, else as few as can."""
        # Mostly somebody near can, and the absences of all the others need no looking up.
        whole = next((who for who in order if self._free(who, start, end)), None)
        if whole:
            return [(start, end, whole)]
        found = []
        while start < end:
            # Who lasts longest, the first in order among equals.
            until, who = max(((self._free_until(who, start, end), who) for who in order), key=lambda one: one[0])
            found.append((start, until, who))
            start = until
        return found

    def _free_until(self, who: str, at: datetime, end: datetime) -> datetime:
        return min((max(one.start, at) for one in self._in(who, at, end)), default=end)

    def _free(self, who: str, start: datetime, end: datetime) -> bool:
        return not any(one.start < end and start < one.end for one in self.away(who))

    def _firmly_away(self, who: str, start: datetime, end: datetime) -> bool:
        return any(not one.excused for one in self._in(who, start, end))

    def _in(self, who: str, start: datetime, end: datetime) -> list[Absence]:
        return [one for one in self.away(who) if one.start < end and start < one.end]

    def _reasons(self, gone: Iterable[str], start: datetime, end: datetime) -> list[Reason]:
        # Time off that was entered twice is one reason.
        return [*dict.fromkeys(one.reason for who in gone for one in self._in(who, start, end))]

    def _cut(self, start: datetime, end: datetime, people: Iterable[str]) -> Iterator[tuple[datetime, datetime]]:
        """`[start, end)` in pieces in which nobody of `people` comes or goes."""
        edges = {start, end}
        for who in people:
            for one in self._in(who, start, end):
                edges |= {max(one.start, start), min(one.end, end)}
        return pairwise(sorted(edges))


def _overlapping(
    pieces: Iterable[tuple[datetime, datetime, str]], start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, str]]:
    for first, last, who in pieces:
        if first < end and start < last:
            yield max(first, start), min(last, end), who
