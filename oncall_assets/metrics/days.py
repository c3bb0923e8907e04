"""A stretch of UTC days, because every figure here is computed for one and clocks are arguments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

_BETWEEN: Final = "…"


@dataclass(frozen=True, slots=True)
class Days:
    """The days `first` to `last`, both included; `start` and `end` bound them half-open in UTC."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"days run backwards: {self.first} to {self.last}")

    @classmethod
    def one(cls, day: date) -> Days:
        return cls(day, day)

    @classmethod
    def parse(cls, first: str, last: str | None = None) -> Days:
        """From partition keys, `YYYY-MM-DD`. Raises ValueError on anything else."""
        return cls(date.fromisoformat(first), date.fromisoformat(last or first))

    @classmethod
    def read(cls, text: str) -> Days:
        """What `str` made of them. Raises ValueError on anything else."""
        first, between, last = text.partition(_BETWEEN)
        if between and not last:
            raise ValueError(
                f"{text!r} is no stretch of days; expected one such as 2026-10-03{_BETWEEN}2026-10-05"
            )
        return cls.parse(first, last)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), tzinfo=UTC)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time(), tzinfo=UTC)

    @property
    def each(self) -> list[date]:
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=offset) for offset in range(count)]

    @property
    def keys(self) -> list[str]:
        return [day.isoformat() for day in self.each]

    def widen(self, before: int = 0, after: int = 0) -> Days:
        """The same stretch with `before` more days in front and `after` more behind."""
        return Days(self.first - timedelta(days=before), self.last + timedelta(days=after))

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}{_BETWEEN}{self.last}"


def bounds(day: date, grain: str) -> tuple[date, date]:
    """First day of the period that holds `day`, and the first day after it; weeks start on Monday."""
    if grain == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    if grain == "month":
        first = day.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1)
    return day, day + timedelta(days=1)


def period_of(day: date, grain: str) -> Days:
    """The whole period that holds `day`, as `bounds` says."""
    first, after = bounds(day, grain)
    return Days(first, after - timedelta(days=1))


def stretches(days: Iterable[date]) -> list[Days]:
    """The days as unbroken stretches, oldest first."""
    found: list[Days] = []
    for day in sorted(set(days)):
        if found and found[-1].last + timedelta(days=1) == day:
            found[-1] = Days(found[-1].first, day)
        else:
            found.append(Days.one(day))
    return found
