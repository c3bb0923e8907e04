"""Money in: fees, upgrades and refunds, each the consequence of something an account did."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from oncall_assets.sample.accounts import CYCLE_DAYS
from oncall_assets.sample.changes import AccountDay, Change, Changes
from oncall_assets.sample.company import Company
from oncall_assets.sample.experiments import REAL_EFFECT_PERCENT, REAL_EXPERIMENT, Experiments
from oncall_assets.sample.landing import DAY, MICROSECONDS, Landing, instants, midnight, rows
from oncall_assets.sample.spelling import Integers, account_ids, record_ids

CURRENCY: Final = "USD"
# Of the fees, one to nine days after; every other refund gives back half.
REFUND_SHARE: Final = 0.012

_EARLIEST_REFUND: Final = 1 * DAY
_LATEST_REFUND: Final = 9 * DAY


class Revenue:
    """What is booked day by day, in order of days; refunds wait for the day they land on."""

    def __init__(self, company: Company, experiments: Experiments) -> None:
        self._company = company
        self._experiments = experiments
        self._landing = Landing("revenue_records")

    def book(self, life: AccountDay) -> pa.Table:
        """The day's `revenue_records`.

        A whole cycle's fee at sign-up, renewal and reactivation; for seats added in between, the days
        left of the cycle; less seats are paid less only from the next renewal on.
        """
        chance = self._company.chance("revenue", life.day)
        changes = life.changes
        grows = (changes.kind == Change.SEAT_CHANGE) & (changes.after > changes.before)
        charged = changes.where(changes.pays | grows)
        account, amounts = charged.account, self._amounts(life, charged)
        at = midnight(life.day) + charged.at + chance.integers(1, 90 * MICROSECONDS, len(account))
        kinds = pa.array(["upgrade", "subscription"]).take(pa.array(charged.pays.astype(np.int64)))
        numbers = np.arange(len(account))
        booked = _lines(record_ids("rev", life.day, numbers), account, at, kinds, amounts)
        self._landing.add(booked.sort_by("booked_at"))

        refunded = np.flatnonzero(charged.pays & (chance.random(len(account)) < REFUND_SHARE))
        wait = chance.integers(_EARLIEST_REFUND, _LATEST_REFUND, len(refunded))
        given_back = -(amounts[refunded] // chance.integers(1, 3, len(refunded)))
        kinds = pa.array(["refund"]).take(pa.array(np.zeros(len(refunded), np.int64)))
        ids = record_ids("refund", life.day, numbers[refunded])
        refunds = _lines(ids, account[refunded], at[refunded] + wait, kinds, given_back)
        self._landing.add(refunds.sort_by("booked_at"))
        return self._landing.take(life.day)

    def _amounts(self, life: AccountDay, charged: Changes) -> Integers:
        """Cents, rounded down to the cent."""
        seats = np.where(charged.pays, charged.after, charged.after - charged.before)
        days = np.where(charged.pays, CYCLE_DAYS, charged.days_left)
        treated = self._experiments.treated(REAL_EXPERIMENT, charged.account)
        percent = np.where(treated, 100 + REAL_EFFECT_PERCENT, 100)
        full = seats * life.traits.seat_price[charged.account]
        amounts: Integers = full * days * percent // (CYCLE_DAYS * 100)
        return amounts


def _lines(
    ids: pa.Array, account: Integers, at: Integers, kinds: pa.Array, amounts: npt.NDArray[np.int64]
) -> pa.Table:
    return rows(
        "revenue_records",
        {
            "record_id": ids,
            "account_id": account_ids(account),
            "booked_at": instants(at),
            "kind": kinds,
            "amount_cents": pa.array(amounts),
            "currency": pa.repeat(CURRENCY, len(account)),
        },
    )
