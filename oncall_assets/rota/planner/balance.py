"""Whose share is how large, and what they carry over from before: what the loads of a window are held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.rota.availability import available_hours
from oncall_assets.rota.fairness import measure
from oncall_assets.rota.resolve import shifts
from oncall_assets.rota.turns import turn_number

_PAST = timedelta(weeks=52)


@dataclass(frozen=True, slots=True)
class Balance:
    """By engineer: hours available, the balance carried over in points, and who is there for all of the window."""

    available: Mapping[str, float]
    carried: Mapping[str, float]
    throughout: frozenset[str]

    @classmethod
    def of(cls, handbook: Handbook, start: datetime, end: datetime, carried: Mapping[str, float]) -> Balance:
        """Of a window, with what is `carried` into it."""
        team = handbook.team
        available = {who: available_hours(team, who, start, end) for who in team.engineers}
        hours = (end - start) / timedelta(hours=1)
        whole = frozenset(who for who, one in team.engineers.items() if available[who] >= one.works * hours)
        return cls(available, carried, whole)

    def share(self, who: str) -> float:
        """Their part of everybody's availability."""
        everybody = sum(self.available.values())
        return self.available[who] / everybody if everybody else 0.0


def carried_over(handbook: Handbook, start: datetime) -> dict[str, float]:
    """What each engineer carried beyond their share in the 52 weeks before `start`, in points; a newcomer nothing.

    By the final shifts, published or as the resolver has them, and not before the rotation began.
    """
    team = handbook.team
    first = max(start - _PAST, turn_number(team.rotation, ZoneInfo(team.timezone), 0).start)
    if first >= start:
        return {}
    found = measure(team, shifts(handbook, first, start), first, start)
    return {load.who: load.deviation for load in found.loads}
