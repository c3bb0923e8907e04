"""The size, span and seed of a sample company, so that one frozen value says which company is meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zlib import crc32

import numpy as np

from oncall_assets.metrics.days import Days

# Identities have six digits; five years of growth on the largest stock still fit.
MOST_ACCOUNTS: Final = 200_000
MOST_DAYS: Final = 5 * 366
MOST_EVENTS_PER_USER_DAY: Final = 1_000.0
# A session has an event at least, so this is also the fewest events a user can have on average.
SESSIONS_PER_USER_DAY: Final = 1.5
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Company:
    """Which sample company: the same value gives the same rows in every process.

    `accounts` is how many hold seats when the books open, at 00:00 UTC of `first_day`; more sign up
    later. A company of more `days` only adds days behind those of a shorter one. `events_per_user_day`
    is the mean number of usage events of a user on a day with any. Raises ValueError naming the field.
    """

    accounts: int = 2_000
    days: int = 60
    seed: int = 1
    first_day: date = date(2026, 9, 1)
    events_per_user_day: float = 6.0

    def __post_init__(self) -> None:
        _within("accounts", self.accounts, 1, MOST_ACCOUNTS)
        _within("days", self.days, 1, MOST_DAYS)
        _within("seed", self.seed, 0, 2**63 - 1)
        if not EARLIEST <= self.first_day < LATEST:
            raise ValueError(f"first_day: {self.first_day} is not from {EARLIEST} to before {LATEST}")
        least, most = SESSIONS_PER_USER_DAY, MOST_EVENTS_PER_USER_DAY
        # Also refuses NaN, which no comparison holds for.
        if not least <= self.events_per_user_day <= most:
            raise ValueError(f"events_per_user_day: {self.events_per_user_day} is not from {least} to {most:,.0f}")

    @property
    def calendar(self) -> Days:
        """The days the company lives, UTC, both ends included."""
        return Days(self.first_day, self.first_day + timedelta(days=self.days - 1))

    def chance(self, stream: str, day: date) -> np.random.Generator:
        """The random numbers of one stream on one day, so that no day depends on how many follow."""
        # crc32 and not hash(): the latter differs from process to process.
        return np.random.default_rng([self.seed, crc32(stream.encode()), day.toordinal()])


def _within(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ValueError(f"{field}: {value} is not a whole number from {least:,} to {most:,}")
