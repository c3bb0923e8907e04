"""What can be wrong with a day's data, by name, so that a demo and a test can break exactly one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

import numpy as np
import pyarrow as pa

from oncall_assets.sample import planting
from oncall_assets.sample.company import Company

Plant = Callable[[pa.Table, np.random.Generator], pa.Table]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault: the landed table it is planted in, what it does there, and the pure function that does it."""

    table: str
    description: str
    plant: Plant


# In the order in which the faults of one day are planted: those that change a schema come last, because
# the others need the columns as the contract has them.
FAULTS: Final[dict[str, FaultKind]] = {
    "missing-revenue": FaultKind(
        "revenue_records", "40 % of the day's revenue rows are gone", planting.missing_revenue
    ),
    "inflated-revenue": FaultKind(
        "revenue_records",
        "3 % of the amounts are a hundredfold: cents taken for dollars",
        planting.inflated_revenue,
    ),
    "foreign-currency": FaultKind("revenue_records", "5 % of the revenue rows say EUR", planting.foreign_currency),
    "unattributed-revenue": FaultKind(
        "revenue_records", "account_id is null in 5 % of the revenue rows", planting.null_accounts
    ),
    "duplicate-revenue": FaultKind(
        "revenue_records",
        "10 % of the revenue rows are booked twice under one record_id",
        planting.duplicate_revenue,
    ),
    "zero-amounts": FaultKind("revenue_records", "every amount of revenue is 0", planting.zero_amounts),
    "reordered-revenue": FaultKind(
        "revenue_records", "the revenue rows come in another order, which is no fault", planting.reordered_revenue
    ),
    "yesterdays-expenses": FaultKind(
        "expense_records",
        "the expense file is dated the day before, as yesterday's sent again",
        planting.yesterdays_expenses,
    ),
    "unknown-category": FaultKind(
        "expense_records", "5 % of the expenses are of category 'entertainment'", planting.unknown_category
    ),
    "missing-expenses": FaultKind("expense_records", "the expense file has no rows", planting.nothing),
    "unknown-kind": FaultKind(
        "account_events", "5 % of the account events are of kind 'paused'", planting.unknown_kind
    ),
    "negative-seats": FaultKind(
        "account_events", "seats are below zero in 5 % of the account events", planting.negative_seats
    ),
    "second-sign-up": FaultKind(
        "account_events", "5 % of the customers with an event sign up once more that day", planting.second_sign_up
    ),
    "two-variants": FaultKind(
        "experiment_assignments",
        "5 % of the accounts assigned that day are given the other variant too",
        planting.two_variants,
    ),
    "lopsided-assignments": FaultKind(
        "experiment_assignments",
        f"{planting.LOPSIDED} more accounts enter one experiment, and all are given the treatment",
        planting.lopsided_assignments,
    ),
    "null-accounts": FaultKind(
        "usage_events", "account_id is null in 5 % of the usage events", planting.null_accounts
    ),
    "duplicate-events": FaultKind(
        "usage_events", "30 % of the day's usage events come twice under one event_id", planting.duplicate_events
    ),
    "late-events": FaultKind(
        "usage_events",
        "25 % of the day's usage events come 49 to 96 hours later, on the days after",
        planting.late_events,
    ),
    "straggling-events": FaultKind(
        "usage_events",
        "10 % of the usage events that arrive occurred 49 to 96 hours before",
        planting.straggling_events,
    ),
    "replayed-events": FaultKind(
        "usage_events",
        "a tenth more usage events arrive, of days 8 to 11 days ago under new ids",
        planting.replayed_events,
    ),
    "no-events": FaultKind(
        "usage_events", "the stream was down: no usage event arrived that day", planting.nothing
    ),
    "impossible-scores": FaultKind(
        "feedback", "5 % of the feedback scores are above 10", planting.impossible_scores
    ),
    "not-a-number": FaultKind(
        "revenue_records", "amount_cents is a double, and NaN in 5 % of the revenue rows", planting.not_a_number
    ),
    "retyped-column": FaultKind(
        "revenue_records", "amount_cents is text in the revenue file", planting.retyped_column
    ),
    "renamed-column": FaultKind(
        "revenue_records", "amount_cents is called amount in the revenue file", planting.renamed_column
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A named fault on one UTC day. Raises ValueError for a name nobody knows."""

    name: str
    day: date

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            near = get_close_matches(self.name, FAULTS, n=2)
            meant = f"; did you mean {' or '.join(near)}?" if near else ";"
            raise ValueError(f"no fault is named {self.name!r}{meant} known faults: {', '.join(sorted(FAULTS))}")

    @property
    def kind(self) -> FaultKind:
        return FAULTS[self.name]

    def __str__(self) -> str:
        return f"{self.name}@{self.day}"


def parse_fault(text: str) -> Fault:
    """The fault that `NAME@YYYY-MM-DD` names; raises ValueError saying what is wrong and what is known."""
    name, at, day = text.partition("@")
    if not at:
        raise ValueError(f"fault {text!r} has no day; write NAME@YYYY-MM-DD, such as duplicate-events@2026-10-03")
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        parsed = None
    # fromisoformat also reads 20261003 and 2026-W40-6, which would make two names for one day.
    if parsed is None or parsed.isoformat() != day:
        raise ValueError(f"fault {text!r}: {day!r} is not a day; expected YYYY-MM-DD, such as 2026-10-03")
    return Fault(name, parsed)


def plant(company: Company, faults: Sequence[Fault], day: date, name: str, table: pa.Table) -> pa.Table:
    """The table `name` of `day` with the faults meant for it; the same table when there are none.

    Rows that `late-events` delays are still in it, with their new `ingested_at`. Raises ValueError when
    a fault finds nothing to change.
    """
    order = list(FAULTS)
    meant = [fault for fault in faults if fault.day == day and fault.kind.table == name]
    for fault in sorted(meant, key=lambda fault: order.index(fault.name)):
        planted = fault.kind.plant(table, company.chance(f"fault {fault.name}", day))
        if planted.equals(table):
            raise ValueError(
                f"fault {fault}: {name} has no row to change that day; take another day or more accounts"
            )
        table = planted
    return table
