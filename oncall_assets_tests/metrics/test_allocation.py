from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import ibis
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oncall_assets.metrics.allocation import allocate
from oncall_assets_tests.metrics.tables import Run

FIRST = date(2026, 1, 1)
Day = tuple[int, dict[str, int]]

ACCOUNTS = st.sampled_from(["a", "b", "c", "d", "e", "f", "g"])
AMOUNTS = st.one_of(st.integers(-500, 500), st.integers(-(2**62), 2**62))
SEATS = st.one_of(st.integers(1, 9), st.integers(1, 2**31 // 7))
DAYS = st.lists(st.tuples(AMOUNTS, st.dictionaries(ACCOUNTS, SEATS, min_size=1)), min_size=1, max_size=15)


def allocated(run: Run, days: list[Day]) -> list[dict[str, int]]:
    """Per day, who got how many cents."""
    amounts = [{"day": FIRST + timedelta(days=n), "amount_cents": amount} for n, (amount, _) in enumerate(days)]
    holders = [
        {"day": FIRST + timedelta(days=n), "account_id": account, "seats": seats}
        for n, (_, held) in enumerate(days)
        for account, seats in held.items()
    ]
    amount_schema = pa.schema({"day": pa.date32(), "amount_cents": pa.int64()})
    holder_schema = pa.schema({"day": pa.date32(), "account_id": pa.string(), "seats": pa.int64()})
    shares = allocate(
        ibis.memtable(pa.Table.from_pylist(amounts, schema=amount_schema)),
        ibis.memtable(pa.Table.from_pylist(holders, schema=holder_schema)),
    )
    found: list[dict[str, int]] = [{} for _ in days]
    for row in run(shares):
        found[(row["day"] - FIRST).days][row["account_id"]] = row["allocated_cents"]
    return found


@settings(deadline=None, max_examples=30)
@given(DAYS)
@example([(2**62, {"a": 1}), (-(2**62), {"a": 2**30, "b": 2**30 - 1}), (1, {"a": 1, "b": 1, "c": 1})])
@example([(2**53 + 1, {"a": 3, "b": 4}), (0, {"a": 5}), (-1, {"a": 1, "b": 1})])
def test_shares_add_up_to_the_cent_and_are_within_one_cent_of_proportional(run: Run, days: list[Day]) -> None:
    for (amount, held), shares in zip(days, allocated(run, days), strict=True):
        assert held.keys() == shares.keys()
        assert amount == sum(shares.values())
        for account, seats in held.items():
            assert abs(Fraction(amount * seats, sum(held.values())) - shares[account]) < 1


def test_cents_left_over_go_to_the_largest_remainders(run: Run) -> None:
    # 14 2/7, 28 4/7 and 57 1/7: one cent is left, and the second is closest to it.
    assert [{"a": 14, "b": 29, "c": 57}] == allocated(run, [(100, {"a": 1, "b": 2, "c": 4})])


def test_equal_remainders_go_by_account(run: Run) -> None:
    assert [{"a": 1, "b": 1, "c": 0}] == allocated(run, [(2, {"c": 1, "b": 1, "a": 1})])


def test_a_credit_note_is_shared_as_its_opposite(run: Run) -> None:
    cost, credit = allocated(run, [(101, {"a": 1, "b": 2, "c": 4}), (-101, {"a": 1, "b": 2, "c": 4})])
    assert cost == {account: -share for account, share in credit.items()}


def test_a_day_with_an_amount_but_no_holder_gets_no_share(run: Run) -> None:
    assert [{}, {"a": 3}] == allocated(run, [(5, {}), (3, {"a": 1})])
