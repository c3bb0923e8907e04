"""Partitions as signals write them, compared by the days they stand for, so that a range and a day can meet."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

# Between the first and the last day of a range.
RANGE: Final = "…"

# A longer range stays as it is written: nobody needs three years of faults one by one.
DAYS_LIMIT: Final = 1000

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@lru_cache(maxsize=65_536)
def days_of(partition: str) -> tuple[date, date] | None:
    """First and last day of `2026-01-02` or `2026-01-02…2026-01-04`; None for what is no day and no such range."""
    first, dots, last = partition.partition(RANGE)
    last = last if dots else first
    if not (_DAY.fullmatch(first) and _DAY.fullmatch(last)):
        return None
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    return days if days[0] <= days[1] else None


def is_range(partition: str | None) -> bool:
    """Whether it stands for several days."""
    return partition is not None and RANGE in partition and days_of(partition) is not None


def each(partition: str | None, *, whole: bool = False) -> tuple[str | None, ...]:
    """Each day of a range of at most 1,000 days; of anything else, or what is wrong as a `whole`, itself."""
    days = days_of(partition) if partition and RANGE in partition and not whole else None
    if days is None or (days[1] - days[0]).days >= DAYS_LIMIT:
        return (partition,)
    return tuple(str(days[0] + timedelta(days=number)) for number in range((days[1] - days[0]).days + 1))


def tells_of(success: str | None, fault: str | None) -> bool:
    """Whether a success for days judged as one tells of the fault: a week may be fine as a whole and a day not."""
    return not is_range(success) or fault is None or days_of(fault) is None or is_range(fault)


def overlap(one: str | None, other: str | None) -> bool:
    """Whether they have a part in common: they are equal, either is absent, or their days meet."""
    if one is None or other is None or one == other:
        return True
    ours, theirs = days_of(one), days_of(other)
    return bool(ours and theirs and ours[0] <= theirs[1] and theirs[0] <= ours[1])


def mends(success: str | None, fault: str | None) -> bool:
    """Whether what succeeded for one partition mends the other: all of its days, or either is absent."""
    if success is None or fault is None or success == fault:
        return True
    good, bad = days_of(success), days_of(fault)
    return bool(good and bad and good[0] <= bad[0] and bad[1] <= good[1])
