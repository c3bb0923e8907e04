"""What happened to which accounts on a day: the one account of it that every other table follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from oncall_assets.sample.landing import instants, midnight, rows
from oncall_assets.sample.spelling import Integers, account_ids, record_ids


class Change(IntEnum):
    """What can happen to an account; the names in lower case are the contract's kinds."""

    SIGNUP = 0
    RENEWAL = 1
    CANCELLATION = 2
    REACTIVATION = 3
    SEAT_CHANGE = 4


@dataclass(frozen=True, slots=True)
class Traits:
    """What stays with an account for life; one entry per account, the account's number is its place."""

    seat_price: Integers
    """Cents per seat and cycle."""
    utc_offset: Integers
    """Hours."""
    keenness: npt.NDArray[np.float64]
    """How often its users come, as a ratio to the average."""

    def joined(self, newcomers: Traits) -> Traits:
        return Traits(
            np.concatenate([self.seat_price, newcomers.seat_price]),
            np.concatenate([self.utc_offset, newcomers.utc_offset]),
            np.concatenate([self.keenness, newcomers.keenness]),
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened on a day, one entry per change, in order of time."""

    account: Integers
    at: Integers
    """Microseconds since midnight UTC."""
    kind: Integers
    before: Integers
    """Seats."""
    after: Integers
    """Seats."""
    pays: npt.NDArray[np.bool_]
    """Whether a fee for a whole cycle is due."""
    days_left: Integers
    """Days of the current cycle still to come."""

    def joined(self, others: Changes) -> Changes:
        fields = self.__dataclass_fields__
        return Changes(*(np.concatenate([getattr(self, name), getattr(others, name)]) for name in fields))

    def where(self, chosen: npt.NDArray[np.bool_] | Integers) -> Changes:
        return Changes(*(getattr(self, field)[chosen] for field in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class AccountDay:
    """The accounts on one day; the opening stock counts as there on the first morning."""

    day: date
    traits: Traits
    morning: Integers
    """Seats of each account before the day's changes."""
    evening: Integers
    """Seats of each account after them."""
    changes: Changes

    def table(self) -> pa.Table:
        """The day's `account_events`."""
        changes = self.changes
        names = pa.array([kind.name.lower() for kind in Change])
        return rows(
            "account_events",
            {
                "event_id": record_ids("change", self.day, np.arange(len(changes.at))),
                "account_id": account_ids(changes.account),
                "occurred_at": instants(midnight(self.day) + changes.at),
                "kind": names.take(pa.array(changes.kind)),
                "seats": pa.array(changes.after),
            },
        )
