"""What each fault does to a day's table; pure, with the chance given, so that a seed says which rows are hit."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from oncall_assets.sample.landing import DAY, HOUR, MICROSECONDS, instants

# How much of the day a fault touches, as a share of the table's rows, but at least one row.
DUPLICATED_EVENTS: Final = 0.30
DUPLICATED_REVENUE: Final = 0.10
MISSING_REVENUE: Final = 0.40
DELAYED_EVENTS: Final = 0.25
SPOILT_ROWS: Final = 0.05
INFLATED_REVENUE: Final = 0.03
STRAGGLING_EVENTS: Final = 0.10
# How many accounts are given the same variant at once.
LOPSIDED: Final = 150
# Beyond the 48 hours that a late event is waited for.
DELAY: Final = (49 * HOUR, 96 * HOUR)
# Of days that are final.
REPLAY_DAYS: Final = (8, 12)


def duplicate_events(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    copies = table.filter(pa.array(_some(chance, table, DUPLICATED_EVENTS)))
    first = _microseconds(copies, "ingested_at")
    # Sent again within the minute, but still the same day.
    again = np.minimum(first + chance.integers(1, 60 * MICROSECONDS, len(first)), (first // DAY + 1) * DAY - 1)
    return pa.concat_tables([table, _with(copies, "ingested_at", instants(again))]).sort_by("ingested_at")


def duplicate_revenue(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    copies = table.filter(pa.array(_some(chance, table, DUPLICATED_REVENUE)))
    return pa.concat_tables([table, copies]).sort_by("booked_at")


def missing_revenue(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    return table.filter(pa.array(~_some(chance, table, MISSING_REVENUE)))


def nothing(table: pa.Table, _: np.random.Generator) -> pa.Table:
    return table.slice(0, 0)


def null_accounts(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    return _spoilt(table, "account_id", _some(chance, table, SPOILT_ROWS), pa.nulls(len(table), pa.string()))


def foreign_currency(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    return _spoilt(table, "currency", _some(chance, table, SPOILT_ROWS), pa.repeat("EUR", len(table)))


def unknown_kind(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    return _spoilt(table, "kind", _some(chance, table, SPOILT_ROWS), pa.repeat("paused", len(table)))


def negative_seats(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    negative = pc.negate(pc.max_element_wise(table["seats"], 1))
    return _spoilt(table, "seats", _some(chance, table, SPOILT_ROWS), negative)


def impossible_scores(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    beyond = pc.add(table["score"], 90)
    return _spoilt(table, "score", _some(chance, table, SPOILT_ROWS), beyond)


def inflated_revenue(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    hundredfold = pc.multiply(table["amount_cents"], 100)
    return _spoilt(table, "amount_cents", _some(chance, table, INFLATED_REVENUE), hundredfold)


def late_events(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    late = _some(chance, table, DELAYED_EVENTS)
    delay = np.where(late, chance.integers(*DELAY, len(table)), 0)
    delayed = _with(table, "ingested_at", instants(_microseconds(table, "ingested_at") + delay))
    return delayed.sort_by("ingested_at")


def reordered_revenue(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    return table.take(chance.permutation(len(table)))


def zero_amounts(table: pa.Table, _: np.random.Generator) -> pa.Table:
    return _with(table, "amount_cents", pa.repeat(0, len(table)))


def unknown_category(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    return _spoilt(table, "category", _some(chance, table, SPOILT_ROWS), pa.repeat("entertainment", len(table)))


def yesterdays_expenses(table: pa.Table, _: np.random.Generator) -> pa.Table:
    before = pc.subtract(table["booked_on"].cast(pa.int32()), pa.scalar(1, pa.int32()))
    return _with(table, "booked_on", before.cast(pa.date32()))


def second_sign_up(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    holders = table.filter(pc.not_equal(table["kind"], "signup"))
    again = holders.filter(pa.array(_some(chance, holders, SPOILT_ROWS)))
    again = _with(again, "event_id", pc.binary_join_element_wise(again["event_id"], "again", "-"))
    return pa.concat_tables([table, _with(again, "kind", pa.repeat("signup", len(again)))]).sort_by("occurred_at")


def straggling_events(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    late = _some(chance, table, STRAGGLING_EVENTS)
    delay = np.where(late, chance.integers(*DELAY, len(table)), 0)
    return _with(table, "occurred_at", instants(_microseconds(table, "occurred_at") - delay))


def replayed_events(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    copies = table.filter(pa.array(_some(chance, table, STRAGGLING_EVENTS)))
    days = chance.integers(*REPLAY_DAYS, len(copies)) * DAY
    copies = _with(copies, "occurred_at", instants(_microseconds(copies, "occurred_at") - days))
    copies = _with(copies, "event_id", pc.binary_join_element_wise(copies["event_id"], "replayed", "-"))
    return pa.concat_tables([table, copies]).sort_by("ingested_at")


def two_variants(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    again = table.filter(pa.array(_some(chance, table, SPOILT_ROWS)))
    other = pc.if_else(pc.equal(again["variant"], "control"), "treatment", "control")
    return pa.concat_tables([table, _with(again, "variant", other)]).sort_by("assigned_at")


def lopsided_assignments(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    one = table.slice(0, 1)
    accounts = pa.array([f"acc-bulk-{number}" for number in chance.permutation(LOPSIDED if len(one) else 0)])
    many = _with(one.take(pa.repeat(0, len(accounts))), "account_id", accounts.cast(pa.string()))
    return pa.concat_tables([table, _with(many, "variant", pa.repeat("treatment", len(many)))])


def not_a_number(table: pa.Table, chance: np.random.Generator) -> pa.Table:
    floats = _with(table, "amount_cents", table["amount_cents"].cast(pa.float64()))
    return _spoilt(floats, "amount_cents", _some(chance, table, SPOILT_ROWS), pa.repeat(float("nan"), len(table)))


def retyped_column(table: pa.Table, _: np.random.Generator) -> pa.Table:
    return _with(table, "amount_cents", table["amount_cents"].cast(pa.string()))


def renamed_column(table: pa.Table, _: np.random.Generator) -> pa.Table:
    return table.rename_columns({"amount_cents": "amount"})


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
