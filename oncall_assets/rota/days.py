"""A shift cut into the local days of whoever serves, because a night or a holiday is where that person lives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from oncall_assets.handbook.team import Team
from oncall_assets.rota.holidays import major_holidays, public_holidays
from oncall_assets.rota.turns import wall_instant

_MIDNIGHT: Final = time(0)
# The night is from the one to the other.
_MORNING: Final = time(6)
_EVENING: Final = time(22)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Home:
    """Where one engineer lives: zone, public holidays of the region, and the major holidays the team lists."""

    zone: ZoneInfo
    holidays: Mapping[date, str]
    major: Mapping[date, str]

    @classmethod
    def of(cls, team: Team, who: str, start: datetime, end: datetime) -> Home:
        """Of the engineer `who`, good for `[start, end)`."""
        engineer = team.engineers[who]
        zone = ZoneInfo(engineer.timezone)
        years = range(start.astimezone(zone).year, end.astimezone(zone).year + 1)
        listed = team.holidays.major
        major = {day: name for year in years for name, day in major_holidays(listed, year).items()}
        return cls(zone, public_holidays(engineer.region, years), major)


@dataclass(frozen=True, slots=True)
class Piece:
    """Real hours of one local day, and how many of them between 22:00 and 06:00."""

    day: date
    hours: float
    night: float


def pieces(start: datetime, end: datetime, home: Home) -> Iterator[Piece]:
    """`[start, end)` cut at the midnights of the zone of home, in order; the hours add up to its length."""
    zone = home.zone
    day = start.astimezone(zone).date()
    midnight = wall_instant(day, _MIDNIGHT, zone)
    while midnight < end:
        following = wall_instant(day + _DAY, _MIDNIGHT, zone)
        first, last = max(start, midnight), min(end, following)
        if first < last:
            morning, evening = wall_instant(day, _MORNING, zone), wall_instant(day, _EVENING, zone)
            night = _overlap(first, last, midnight, morning) + _overlap(first, last, evening, following)
            yield Piece(day, (last - first) / _HOUR, night)
        day, midnight = day + _DAY, following


def _overlap(first: datetime, last: datetime, start: datetime, end: datetime) -> float:
    return max(min(last, end) - max(first, start), timedelta(0)) / _HOUR
