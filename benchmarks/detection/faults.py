"""Faults of any size, smaller ones within larger ones, so that what is found small is found large as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from oncall_assets.sample.landing import DAY, HOUR, instants

ROWS: Final = (0.01, 0.003, 0.001, 0.0003, 0.0001)
CENTS: Final = (0.01, 0.003, 0.001)
WHOLE: Final = (1.0,)

Hit = npt.NDArray[np.bool_]
Unit = Literal["rows", "cents", "unit", "file"]
Spoil = Callable[[pa.Table, Hit, np.random.Generator], pa.Table]
Plant = Callable[[pa.Table, pa.Table, float, np.random.Generator], pa.Table]

# Beyond the 48 hours that an event is waited for.
LATE: Final = (49 * HOUR, 120 * HOUR)
# A client's clock that takes local time for UTC.
AHEAD: Final = 8 * HOUR


@dataclass(frozen=True, slots=True)
class Case:
    """A fault in one table. `plant(tonight, yesterday, size, chance)` gives the spoilt table.

    A size is a share of the table's rows or cents; a fault of one unit or a whole file has one size only.
    """

    fault: str
    table: str
    unit: Unit
    sizes: tuple[float, ...]
    plant: Plant

    def rows(self, tonight: int, size: float) -> int:
        """How many of the night's rows a fault of the size touches."""
        if self.unit == "unit":
            return 1
        return tonight if self.unit in ("cents", "file") else max(1, round(tonight * size))


def cases() -> Iterator[Case]:
    """Every fault in every table it is planted in."""
    for table in ("revenue_records", "expense_records", "account_events", "experiment_assignments", "feedback"):
        yield _rows("missing rows", table, _missing)
        yield _rows("duplicated rows", table, _twice)
    yield _rows("missing events", "usage_events", _missing)
    yield _rows("duplicate events", "usage_events", _sent_again)
    for table in ("revenue_records", "expense_records"):
        yield Case("inflated cents", table, "cents", CENTS, _scaled(1))
        yield Case("deflated cents", table, "cents", CENTS, _scaled(-1))
        yield _rows("foreign currency", table, _set("currency", "EUR"))
    for table in (
        "revenue_records",
        "expense_records",
        "account_events",
        "experiment_assignments",
        "usage_events",
    ):
        yield _rows("null accounts", table, _set("account_id", None))
    yield _rows("negative seats", "account_events", _negative_seats)
    yield _rows("unknown kinds", "account_events", _set("kind", "paused"))
    yield _rows("unknown kinds", "revenue_records", _set("kind", "voucher"))
    yield _rows("unknown kinds", "expense_records", _set("category", "sundry"))
    yield _rows("scores out of range", "feedback", _add("score", 90))
    yield _rows("late events", "usage_events", _late)
    yield _rows("clocks ahead", "usage_events", _ahead)
    for table, by in (("revenue_records", "booked_at"), ("account_events", "occurred_at")):
        yield _rows("rows of the day before", table, _moved(by))
    yield _rows("swapped variant", "experiment_assignments", _swapped)
    yield _rows("second variant", "experiment_assignments", _second_variant)
    for table, column in (
        ("aggregate_profit", "revenue_cents"),
        ("aggregate_profit", "profit_cents"),
        ("aggregate_growth", "closing_accounts"),
        ("aggregate_engagement", "events"),
        ("investor_report", "profit_cents"),
        ("investor_report", "closing_accounts"),
        ("investor_report", "active_users"),
    ):
        for grain in ("day", "month"):
            yield Case(f"{column} of the {grain} off by one", table, "unit", WHOLE, _off_by_one(column, grain))
    for table, by in (
        ("revenue_records", "booked_at"),
        ("expense_records", "booked_on"),
        ("account_events", "occurred_at"),
        ("usage_events", "ingested_at"),
        ("feedback", "submitted_at"),
    ):
        yield Case("yesterday's file, dated today", table, "file", WHOLE, _restamped(by))


def _rows(fault: str, table: str, spoil: Spoil) -> Case:
    def plant(tonight: pa.Table, _: pa.Table, size: float, chance: np.random.Generator) -> pa.Table:
        order = chance.permutation(len(tonight))
        return spoil(tonight, order < max(1, round(len(tonight) * size)), chance)

    return Case(fault, table, "rows", ROWS, plant)


def _missing(table: pa.Table, hit: Hit, _: np.random.Generator) -> pa.Table:
    return table.filter(pa.array(~hit))


def _twice(table: pa.Table, hit: Hit, _: np.random.Generator) -> pa.Table:
    return pa.concat_tables([table, table.filter(pa.array(hit))])


def _sent_again(table: pa.Table, hit: Hit, _: np.random.Generator) -> pa.Table:
    """The same event a second later, or at the last instant of the day."""
    at = _microseconds(table, "ingested_at")
    later = instants(np.minimum(at + 1_000_000, (at // DAY + 1) * DAY - 1))
    return pa.concat_tables([table, with_column(table, "ingested_at", later).filter(pa.array(hit))])


def _set(column: str, value: str | None) -> Spoil:
    def spoil(table: pa.Table, hit: Hit, _: np.random.Generator) -> pa.Table:
        return _where(table, column, hit, pa.scalar(value, pa.string()))

    return spoil


def _add(column: str, amount: int) -> Spoil:
    def spoil(table: pa.Table, hit: Hit, _: np.random.Generator) -> pa.Table:
        return _where(table, column, hit, pc.add(table[column], amount))

    return spoil


def _negative_seats(table: pa.Table, hit: Hit, _: np.random.Generator) -> pa.Table:
    return _where(table, "seats", hit, pc.negate(pc.max_element_wise(table["seats"], 1)))


def _late(table: pa.Table, hit: Hit, chance: np.random.Generator) -> pa.Table:
    delay = chance.integers(*LATE, len(table))
    return _where(table, "occurred_at", hit, instants(_microseconds(table, "ingested_at") - delay))


def _ahead(table: pa.Table, hit: Hit, _: np.random.Generator) -> pa.Table:
    return _where(table, "occurred_at", hit, instants(_microseconds(table, "ingested_at") + AHEAD))


def _moved(by: str) -> Spoil:
    def spoil(table: pa.Table, hit: Hit, _: np.random.Generator) -> pa.Table:
        return _where(table, by, hit, instants(_microseconds(table, by) - DAY))

    return spoil


def _swapped(table: pa.Table, hit: Hit, _: np.random.Generator) -> pa.Table:
    """Control told as treatment, in as many rows; the other way round is the same to every detector."""
    controls = pc.equal(table["variant"], "control").to_numpy(zero_copy_only=False)
    # As many as were hit, of those that can be: counted along the order of the rows.
    chosen = controls & (np.cumsum(controls) <= hit.sum())
    return _where(table, "variant", chosen, pa.scalar("treatment"))


def _second_variant(table: pa.Table, hit: Hit, _: np.random.Generator) -> pa.Table:
    other = pc.if_else(pc.equal(table["variant"], "control"), "treatment", "control")
    return pa.concat_tables([table, with_column(table, "variant", other).filter(pa.array(hit))])


def _scaled(sign: int) -> Plant:
    """Every line a little more or less, as by a wrong rate."""

    def plant(tonight: pa.Table, _: pa.Table, size: float, __: np.random.Generator) -> pa.Table:
        cents = tonight["amount_cents"].to_numpy()
        return with_column(tonight, "amount_cents", pa.array(np.rint(cents * (1 + sign * size)).astype(np.int64)))

    return plant


def _off_by_one(column: str, grain: str) -> Plant:
    def plant(tonight: pa.Table, _: pa.Table, __: float, ___: np.random.Generator) -> pa.Table:
        hit = pc.equal(tonight["grain"], grain).to_numpy(zero_copy_only=False)
        return _where(tonight, column, hit, pc.add(tonight[column], 1))

    return plant


def _restamped(by: str) -> Plant:
    def plant(_: pa.Table, yesterday: pa.Table, __: float, ___: np.random.Generator) -> pa.Table:
        stamps = [field.name for field in yesterday.schema if pa.types.is_timestamp(field.type)]
        moved = yesterday
        for name in stamps:
            moved = with_column(moved, name, instants(_microseconds(moved, name) + DAY))
        if by not in stamps:
            days = pa.array(yesterday[by].cast(pa.int32()).to_numpy() + 1).cast(pa.date32())
            moved = with_column(moved, by, days)
        return moved

    return plant


def _where(table: pa.Table, column: str, hit: Hit, value: pa.Array | pa.Scalar) -> pa.Table:
    return with_column(table, column, pc.if_else(pa.array(hit), value, table[column]))


def with_column(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    """The table with other values in a column that it has."""
    return table.set_column(table.column_names.index(column), table.schema.field(column), values)


def _microseconds(table: pa.Table, column: str) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = table[column].cast(pa.int64()).to_numpy()
    return found
