"""How much of a window each engineer was there for: the share of the load that is fairly theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from oncall_assets.handbook.team import Team
from oncall_assets.rota.turns import wall_instant

# Ordinary vacation moves shifts, it does not cancel them; from here on it does.
LONG_LEAVE: Final = timedelta(days=14)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


def available_hours(team: Team, who: str, start: datetime, end: datetime) -> float:
    """Real hours of `[start, end)` from `joined` to `left`, long leave taken off, times the fraction `works`."""
    engineer = team.engineers[who]
    zone = ZoneInfo(engineer.timezone)
    first = max(start, _midnight(engineer.joined, zone)) if engineer.joined else start
    last = min(end, _midnight(engineer.left + _DAY, zone)) if engineer.left else end
    there = max(last - first, timedelta(0))
    for gone, back in _long_leaves(team, who):
        absent = min(_midnight(back, zone), last) - max(_midnight(gone, zone), first)
        there -= max(absent, timedelta(0))
    return engineer.works * (there / _HOUR)


def _long_leaves(team: Team, who: str) -> Iterator[tuple[date, date]]:
    """`[first day gone, first day back)` of each leave of 14 days and more; entries that touch are one leave."""
    leaves = sorted((away.first, away.last + _DAY) for away in team.away if away.who == who)
    merged: list[tuple[date, date]] = []
    for gone, back in leaves:
        if merged and gone <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], back)
        else:
            merged.append((gone, back))
    return ((gone, back) for gone, back in merged if back - gone >= LONG_LEAVE)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return wall_instant(day, time(0), zone)
