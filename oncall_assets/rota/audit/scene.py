"""The final shifts of a window beside the facts that rules speak of: turns, seasons, absences, what is agreed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.published import PublishedShift
from oncall_assets.handbook.rota import Override, Season
from oncall_assets.rota.agreed import Agreed, agreed
from oncall_assets.rota.away import Calendar
from oncall_assets.rota.cover import Cover
from oncall_assets.rota.shift import ROLES, Role, Shift
from oncall_assets.rota.turns import turn_at, wall_instant

DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
Pair = tuple[str, str]
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Served:
    """`[start, end)` in UTC as it is served in the end."""

    start: datetime
    end: datetime
    primary: str
    secondary: str


@dataclass(frozen=True, slots=True)
class Block:
    """A turn's own time, or one day of the season that begins on the local date `season`: what one pair owns."""

    start: datetime
    end: datetime
    turn: int
    day: date
    season: date | None


class Scene:
    """One audit: `shifts` are served in `[start, end)`, and before it whatever the rota says.

    `owners` is by block start, `(primary, secondary)`; where it is silent, who served longest counts as owner.
    """

    def __init__(
        self,
        handbook: Handbook,
        shifts: Iterable[Shift | PublishedShift],
        start: datetime,
        end: datetime,
        owners: Mapping[datetime, Pair] | None,
    ) -> None:
        self.handbook, self.team = handbook, handbook.team
        self.start, self.end = start, end
        self.zone = ZoneInfo(self.team.timezone)
        self.owners = owners or {}
        self.calendar = Calendar(self.team)
        # Whoever is no engineer has no zone, no absence and no holiday: that is a finding by itself.
        self.given = sorted((one for one in shifts if one.start < end and start < one.end), key=_begins)
        self.served = [
            Served(max(one.start, start), min(one.end, end), one.primary, one.secondary)
            for one in self.given
            if {one.primary, one.secondary} <= set(self.team.engineers)
        ]
        self._rota = Cover(handbook)
        self._served_in = cache(self._look)

    @cached_property
    def takers(self) -> tuple[str, ...]:
        """Who takes turns: the ring, and whoever joined since its order was written."""
        joined = [who for who, engineer in self.team.engineers.items() if engineer.joined]
        return tuple(dict.fromkeys((*self.team.rotation.ring, *joined)))

    @cached_property
    def pool(self) -> tuple[str, ...]:
        """Who can be asked to serve: whoever takes turns, and the volunteers."""
        return tuple(dict.fromkeys((*self.takers, *self.team.volunteers)))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Every block of the window, and of the turn before it unless the rotation had not begun."""
        rotation = self.team.rotation
        first = turn_at(rotation, self.zone, self.start).index - 1
        last = turn_at(rotation, self.zone, self.end - _INSTANT).index
        return tuple(block for index in range(max(first, 0), last + 1) for block in self._blocks_of(index))

    def _blocks_of(self, index: int) -> Iterator[Block]:
        rotation = self.team.rotation
        first = rotation.start + index * rotation.turn
        seasons = [self.season_of(first + number * DAY) for number in range(rotation.turn.days)]
        number = 0
        while number < len(seasons):
            length = 1
            while seasons[number] is None and number + length < len(seasons) and seasons[number + length] is None:
                length += 1
            day = first + number * DAY
            start, end = self.handoff(day), self.handoff(day + length * DAY)
            if start < end:
                yield Block(start, end, index, day, seasons[number])
            number += length

    def season_of(self, day: date) -> date | None:
        """The first day of the season that holds the day of hand-off; None where turns are whole."""
        season = next((one for one in self.team.holidays.seasons if _in_season(one, day)), None)
        if season is None:
            return None
        here = day
        while _in_season(season, here - DAY) and (here.month, here.day) != season.first:
            here -= DAY
        return here

    def handoff(self, day: date) -> datetime:
        return wall_instant(day, time.fromisoformat(self.team.rotation.hour), self.zone)

    def during(self, start: datetime, end: datetime) -> tuple[Served, ...]:
        """What is served in `[start, end)`, cut to it: as planned in the window, by the rota before it."""
        return self._served_in(start, end)

    def _look(self, start: datetime, end: datetime) -> tuple[Served, ...]:
        before = self._rota.expand(start, min(end, self.start)) if start < self.start else []
        every: Sequence[Served | Shift] = [*before, *(one for one in self.served if one.start < end)]
        limits = [(start, min(end, self.start))] * len(before) + [(start, end)] * (len(every) - len(before))
        return tuple(
            Served(max(one.start, first), min(one.end, last), one.primary, one.secondary)
            for one, (first, last) in zip(every, limits, strict=True)
            if one.start < last and first < one.end
        )

    def longest(self, role: Role, start: datetime, end: datetime) -> str | None:
        """Who has the role for most of `[start, end)`, the earlier among equals."""
        return _longest(self.during(start, end), role)

    def owner(self, block: Block, role: Role) -> str | None:
        """Whose the role is, whoever stands in; before the window, and of what is settled, the rota says."""
        if block.start < self.start or self.is_settled(block):
            owned = self._rota.owners(block.start, block.end, self.changes)
            return _longest((Served(one.start, one.end, one.primary, one.secondary) for one in owned), role)
        if block.start in self.owners:
            return self.owners[block.start][ROLES.index(role)]
        return self.longest(role, block.start, block.end)

    @cached_property
    def changes(self) -> tuple[Agreed, ...]:
        return tuple(agreed(self.team, change) for change in self.team.changes)

    @cached_property
    def published(self) -> tuple[Span, ...]:
        """Every published shift, as a span of time."""
        return tuple((one.start, one.end) for told in self.handbook.published.values() for one in told)

    def is_published(self, start: datetime, end: datetime) -> bool:
        """Whether any of `[start, end)` was told to people."""
        return any(first < end and start < last for first, last in self.published)

    def is_changed(self, block: Block) -> bool:
        """Whether a swap or an override of `team.yaml` concerns the block."""
        return any(one.start < block.end and block.start < one.end for one in self.changes)

    def is_settled(self, block: Block) -> bool:
        """Whether it was not the plan's to decide."""
        return self.is_published(block.start, block.end) or self.is_changed(block)

    def agreed_in(self, start: datetime, end: datetime) -> bool:
        """Whether any of `[start, end)` is published, swapped or overridden."""
        changed = any(one.start < end and start < one.end for one in self.changes)
        return changed or self.is_published(start, end)

    def firmly_away(self, who: str, start: datetime, end: datetime) -> bool:
        return bool(self.calendar.firm(who, start, end))

    def rota(self, start: datetime, end: datetime) -> list[Shift]:
        """What the rota says today, without the plan; whole shifts."""
        return self._rota.expand(start, end)

    def when(self, at: datetime) -> str:
        """An instant as people of the team read it."""
        return f"{at.astimezone(self.zone):%a %Y-%m-%d %H:%M}"

    def day(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d}"


def forced(change: Agreed) -> bool:
    """Whether somebody was put on duty with open eyes, though away."""
    return isinstance(change.change, Override) and change.change.force


def _begins(one: Shift | PublishedShift) -> tuple[datetime, datetime]:
    return one.start, one.end


def _in_season(season: Season, day: date) -> bool:
    here = (day.month, day.day)
    if season.first <= season.last:
        return season.first <= here <= season.last
    return not season.last < here < season.first


def _longest(pieces: Iterable[Served], role: Role) -> str | None:
    lengths: dict[str, timedelta] = {}
    for one in pieces:
        who = one.primary if role == "primary" else one.secondary
        lengths[who] = lengths.get(who, timedelta(0)) + (one.end - one.start)
    return max(lengths, key=lambda who: lengths[who], default=None)
