"""What duty weighs, in whole numbers: what a solver counts exactly, it proves of what `measure` measures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from oncall_assets.handbook.team import Team
from oncall_assets.rota.days import Home, pieces
from oncall_assets.rota.fairness import POINTS, SECONDARY, Kind
from oncall_assets.rota.segment import Segment

# A minute of any kind of day and in any role is a whole number of these.
UNITS: Final = 720
_PER_HOUR: Final = UNITS / 24


@dataclass(frozen=True, slots=True)
class Outcome:
    """What final shifts bring whom: units of load, and major holidays with duty, by their nominal date.

    `leads` is who is primary for longest, `steps` who serves without owning and without being named by the table.
    """

    points: tuple[tuple[str, int], ...] = ()
    majors: tuple[tuple[str, date], ...] = ()
    leads: str = ""
    steps: tuple[str, ...] = ()


class Worth:
    """The weights of one team, good for `[start, end)`; engineers who live alike are looked up once."""

    def __init__(self, team: Team, start: datetime, end: datetime) -> None:
        self._homes = {who: Home.of(team, who, start, end) for who in team.engineers}
        self._alike = {who: (one.timezone, one.region) for who, one in team.engineers.items()}
        self._known: dict[tuple[object, ...], tuple[int, int, tuple[date, ...]]] = {}

    def of(self, who: str, start: datetime, end: datetime) -> tuple[int, int, tuple[date, ...]]:
        """Units of `[start, end)` as primary and as secondary, and the major holidays in it."""
        key = (*self._alike[who], start, end)
        if key not in self._known:
            self._known[key] = _weighed(self._homes[who], start, end)
        return self._known[key]

    def outcome(self, segments: Iterable[Segment], owners: Iterable[str], nobody: str = "") -> Outcome:
        """Of final `segments` of a block with these owners; whoever is called `nobody` does not count."""
        points: dict[str, int] = {}
        majors: dict[tuple[str, date], None] = {}
        led: dict[str, float] = {}
        steps: dict[str, None] = {}
        own = {nobody, *owners}
        for one in segments:
            led[one.primary] = led.get(one.primary, 0) + (one.end - one.start).total_seconds()
            for number, who in enumerate((one.primary, one.secondary)):
                if who == nobody:
                    continue
                *units, days = self.of(who, one.start, one.end)
                points[who] = points.get(who, 0) + units[number]
                majors |= dict.fromkeys((who, day) for day in days)
                if who not in own and who != one.named:
                    steps[who] = None
        leads = max(led, key=lambda who: led[who], default="")
        return Outcome(tuple(sorted(points.items())), tuple(sorted(majors)), leads, tuple(sorted(steps)))


def _weighed(home: Home, start: datetime, end: datetime) -> tuple[int, int, tuple[date, ...]]:
    primary = secondary = 0
    majors = []
    for piece in pieces(start, end, home):
        units = piece.hours * POINTS[_kind(home, piece.day)] * _PER_HOUR
        primary += round(units)
        secondary += round(units * SECONDARY)
        if piece.day in home.major:
            majors.append(piece.day)
    return primary, secondary, tuple(majors)


def _kind(home: Home, day: date) -> Kind:
    if day in home.major:
        return "major"
    if day in home.holidays:
        return "holiday"
    return "weekend" if day.weekday() >= 5 else "weekday"
