"""Days in the words of people, shared by all that holds an edition so that no day is written in two ways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from oncall_assets.metrics.days import Days, stretches


def listed(days: Iterable[date]) -> str:
    """For whoever has to compute them: `2026-10-03…2026-10-05, 2026-10-09`."""
    return ", ".join(map(str, stretches(days)))


def told(days: Iterable[date]) -> str:
    """For readers of a report: `30 and 31 October`, `3 to 5 October and 9 October`."""
    return joined([_stretch(one) for one in stretches(days)])


def joined(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def instant(at: datetime) -> str:
    """`3 November 00:00 UTC`."""
    return f"{_day(at.date())} {at:%H:%M} UTC"


def _stretch(days: Days) -> str:
    if days.first == days.last:
        return _day(days.first)
    dash = "and" if days.first + timedelta(days=1) == days.last else "to"
    same_month = (days.first.year, days.first.month) == (days.last.year, days.last.month)
    return f"{days.first.day if same_month else _day(days.first)} {dash} {_day(days.last)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
