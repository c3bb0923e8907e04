"""What can be wrong with a day's data, by name, so that a demo and a test can break exactly one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from oncall_assets.sample.company import Company
from oncall_assets.sample.landing import DAY, HOUR, MICROSECONDS, instants

Plant = Callable[[pa.Table, np.random.Generator], pa.Table]

# How much of the day a fault touches, as a share of the table's rows, but at least one row.
DUPLICATED_EVENTS: Final = 0.30
DUPLICATED_REVENUE: Final = 0.10
MISSING_REVENUE: Final = 0.40
DELAYED_EVENTS: Final = 0.25
SPOILT_ROWS: Final = 0.05
INFLATED_REVENUE: Final = 0.03
# Beyond the 48 hours that a late event is waited for.
DELAY: Final = (49 * HOUR, 96 * HOUR)


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault: the landed table it is planted in, what it does there, and the pure function that does it."""

    table: str
    description: str
    plant: Plant


def _duplicate_events(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    copies = table.filter(pa.array(_some(chance, table, DUPLICATED_EVENTS)))
    first = _microseconds(copies, "ingested_at")
    # Sent again within the minute, but still the same day.
    again = np.minimum(first + chance.integers(1, 60 * MICROSECONDS, len(first)), (first // DAY + 1) * DAY - 1)
    return pa.concat_tables([table, _with(copies, "ingested_at", instants(again))]).sort_by("ingested_at")


def _duplicate_revenue(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    copies = table.filter(pa.array(_some(chance, table, DUPLICATED_REVENUE)))
    return pa.concat_tables([table, copies]).sort_by("booked_at")


def _missing_revenue(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    return table.filter(pa.array(~_some(chance, table, MISSING_REVENUE)))


def _nothing(table: pa.Table, _: np.random.Generator) -> pa.Table:
    return table.slice(0, 0)


def _null_accounts(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    return _spoilt(table, "account_id", _some(chance, table, SPOILT_ROWS), pa.nulls(len(table), pa.string()))


def _foreign_currency(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    return _spoilt(table, "currency", _some(chance, table, SPOILT_ROWS), pa.repeat("EUR", len(table)))


def _unknown_kind(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    return _spoilt(table, "kind", _some(chance, table, SPOILT_ROWS), pa.repeat("paused", len(table)))


def _negative_seats(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    negative = pc.negate(pc.max_element_wise(table["seats"], 1))
    return _spoilt(table, "seats", _some(chance, table, SPOILT_ROWS), negative)


def _impossible_scores(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    beyond = pc.add(table["score"], 90)
    return _spoilt(table, "score", _some(chance, table, SPOILT_ROWS), beyond)


def _inflated_revenue(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    hundredfold = pc.multiply(table["amount_cents"], 100)
    return _spoilt(table, "amount_cents", _some(chance, table, INFLATED_REVENUE), hundredfold)


def _late_events(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    late = _some(chance, table, DELAYED_EVENTS)
    delay = np.where(late, chance.integers(*DELAY, len(table)), 0)
    delayed = _with(table, "ingested_at", instants(_microseconds(table, "ingested_at") + delay))
    return delayed.sort_by("ingested_at")


def _retyped_column(table: pa.Table, _: np.random.Generator) -> pa.Table:
    return _with(table, "amount_cents", table["amount_cents"].cast(pa.string()))


def _renamed_column(table: pa.Table, _: np.random.Generator) -> pa.Table:
    return table.rename_columns({"amount_cents": "amount"})


# In the order in which the faults of one day are planted: those that change a schema come last, because
# the others need the columns as the contract has them.
FAULTS: Final[dict[str, FaultKind]] = {
    "missing-revenue": FaultKind("revenue_records", "40 % of the day's revenue rows are gone", _missing_revenue),
    "inflated-revenue": FaultKind(
        "revenue_records", "3 % of the amounts are a hundredfold: cents taken for dollars", _inflated_revenue
    ),
    "foreign-currency": FaultKind("revenue_records", "5 % of the revenue rows say EUR", _foreign_currency),
    "unattributed-revenue": FaultKind(
        "revenue_records", "account_id is null in 5 % of the revenue rows", _null_accounts
    ),
    "duplicate-revenue": FaultKind(
        "revenue_records", "10 % of the revenue rows are booked twice under one record_id", _duplicate_revenue
    ),
    "missing-expenses": FaultKind("expense_records", "the expense file has no rows", _nothing),
    "unknown-kind": FaultKind("account_events", "5 % of the account events are of kind 'paused'", _unknown_kind),
    "negative-seats": FaultKind(
        "account_events", "seats are below zero in 5 % of the account events", _negative_seats
    ),
    "null-accounts": FaultKind("usage_events", "account_id is null in 5 % of the usage events", _null_accounts),
    "duplicate-events": FaultKind(
        "usage_events", "30 % of the day's usage events come twice under one event_id", _duplicate_events
    ),
    "late-events": FaultKind(
        "usage_events", "25 % of the day's usage events come 49 to 96 hours later, on the days after", _late_events
    ),
    "no-events": FaultKind("usage_events", "the stream was down: no usage event arrived that day", _nothing),
    "impossible-scores": FaultKind("feedback", "5 % of the feedback scores are above 10", _impossible_scores),
    "retyped-column": FaultKind("revenue_records", "amount_cents is text in the revenue file", _retyped_column),
    "renamed-column": FaultKind(
        "revenue_records", "amount_cents is called amount in the revenue file", _renamed_column
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


def _some(chance: np.random.Generator, table: pa.Table, share: float) -> npt.NDArray[np.bool_]:
    """Which rows are hit: `share` of them, at least one if there is any."""
    count = len(table)
    hit = np.zeros(count, dtype=bool)
    hit[chance.permutation(count)[: max(1, round(count * share))]] = True
    return hit


def _spoilt(table: pa.Table, column: str, hit: npt.NDArray[np.bool_], values: pa.Array) -> pa.Table:
    return _with(table, column, pc.if_else(pa.array(hit), values, table[column]))


def _with(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(column), column, values)


def _microseconds(table: pa.Table, column: str) -> npt.NDArray[np.int64]:
    microseconds: npt.NDArray[np.int64] = table[column].cast(pa.int64()).to_numpy()
    return microseconds
