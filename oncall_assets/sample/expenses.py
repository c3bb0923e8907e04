"""Money out: salaries, infrastructure and licences, set so that the company as a whole earns its keep."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from oncall_assets.sample.changes import AccountDay
from oncall_assets.sample.company import Company
from oncall_assets.sample.landing import rows
from oncall_assets.sample.revenue import CURRENCY
from oncall_assets.sample.seasons import yearly
from oncall_assets.sample.spelling import Integers, account_ids, record_ids

# Cents a day, by team, for each seat there was on the first of the month: pay follows the budget, and is
# booked by the day because a figure of daily profit needs a daily cost.
PAYROLL: Final = (14, 8, 7, 5)
# Cents a day for each seat: computing, storage, network.
SHARED_INFRASTRUCTURE: Final = (3, 2, 1)
# Accounts of this many seats have servers of their own, for so many cents a seat and day.
DEDICATED_FROM_SEATS: Final = 15
DEDICATED_CENTS: Final = 9
# Day of the month and cents a seat and month, by vendor.
LICENCES: Final = ((2, 16), (6, 12), (11, 14), (16, 10), (23, 15))


class Expenses:
    """What is spent day by day, in order of days."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._budgeted_seats = 0

    def book(self, life: AccountDay) -> pa.Table:
        """The day's `expense_records`: shared lines first, then those of accounts with servers of their own."""
        chance = self._company.chance("expenses", life.day)
        if life.day.day == 1 or not self._budgeted_seats:
            self._budgeted_seats = int(life.morning.sum())
        shared = self._shared(chance, life)
        owners = np.flatnonzero(life.evening >= DEDICATED_FROM_SEATS)
        direct = _dedicated(chance, life.evening[owners])
        categories = [category for category, _ in shared] + ["infrastructure"] * len(owners)
        count = len(categories)
        owned = pa.chunked_array([pa.nulls(len(shared), pa.string()), account_ids(owners)])
        return rows(
            "expense_records",
            {
                "record_id": record_ids("exp", life.day, np.arange(count)),
                "booked_on": pa.repeat(pa.scalar(life.day, pa.date32()), count),
                "category": pa.array(categories, pa.string()),
                "account_id": owned,
                "amount_cents": pa.array(
                    np.concatenate([[amount for _, amount in shared], direct]).astype(np.int64)
                ),
                "currency": pa.repeat(CURRENCY, count),
            },
        )

    def _shared(self, chance: np.random.Generator, life: AccountDay) -> list[tuple[str, int]]:
        seats = int(life.evening.sum())
        load = yearly(life.day) * chance.uniform(0.95, 1.05, len(SHARED_INFRASTRUCTURE))
        salaries = [("salaries", self._budgeted_seats * cents) for cents in PAYROLL]
        servers = [
            ("infrastructure", round(seats * cents * ratio))
            for cents, ratio in zip(SHARED_INFRASTRUCTURE, load, strict=True)
        ]
        licences = [("licences", seats * cents) for due, cents in LICENCES if due == life.day.day]
        return salaries + servers + licences


def _dedicated(chance: np.random.Generator, seats: Integers) -> Integers:
    return np.rint(seats * DEDICATED_CENTS * chance.uniform(0.9, 1.1, len(seats))).astype(np.int64)
