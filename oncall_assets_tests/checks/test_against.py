"""Rules against another table: the same to the unit, over the right days, or a plausible ratio."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.checks.rules import Unjudged, judge
from oncall_assets.handbook.rules import AgreesWith, CrossCheck
from oncall_assets.metrics.days import Days
from oncall_assets_tests.checks.tables import DAYS, FIRST, SECOND, evidence, verdict

MONDAY = date(2026, 1, 5)
PARTS = st.lists(st.tuples(st.sampled_from(DAYS.each), st.integers(-(10**9), 10**9)), min_size=1)


def agrees(**options: Any) -> AgreesWith:
    return AgreesWith(rule="agrees_with", column="n", other="parts", **{"other_column": "n", **options})


def ratio(**options: Any) -> CrossCheck:
    return CrossCheck(rule="cross_check", column="n", other="parts", **{"other_column": "n", **options})


def by_day(*rows: tuple[date, int], **more: list[str]) -> pa.Table:
    days, amounts = zip(*rows, strict=True) if rows else ((), ())
    return pa.table({"day": pa.array(days, pa.date32()), "n": pa.array(amounts, pa.int64()), **more})


@pytest.mark.parametrize(("whole", "passed", "difference"), [(7, True, 0), (8, False, 1), (6, False, -1)])
def test_an_aggregate_is_what_its_parts_add_up_to(whole: int, passed: bool, difference: int) -> None:
    found = evidence("whole", whole=by_day((SECOND, whole)), parts=by_day((SECOND, 3), (SECOND, 4), (FIRST, 9)))
    sentence = f"n of whole is {whole} on {SECOND}, against 7 for n of parts over {SECOND}."
    assert (passed, difference, sentence) == verdict(agrees(), found)


@pytest.mark.parametrize(("grain", "expected"), [("day", 1), ("week", 11), ("month", 111)])
def test_a_grain_adds_up_its_period_to_date_and_judges_its_own_rows(grain: str, expected: int) -> None:
    tuesday = date(2026, 1, 6)
    parts = by_day((date(2025, 12, 31), 1000), (date(2026, 1, 1), 100), (MONDAY, 10), (tuesday, 1))
    grains = {"day": 1, "week": 11, "month": 111}
    whole = by_day(*((tuesday, value) for value in grains.values()), grain=list(grains))
    rule = agrees(grain=grain)
    assert (True, 0) == verdict(rule, evidence("whole", Days.one(tuesday), whole=whole, parts=parts))[:2]
    one_less = parts.slice(0, 3)
    assert (False, 1) == verdict(rule, evidence("whole", Days.one(tuesday), whole=whole, parts=one_less))[:2]
    assert expected == grains[grain]


def test_each_day_of_a_stretch_has_its_own_period() -> None:
    days = Days.parse("2026-01-31", "2026-02-01")
    parts = by_day((date(2026, 1, 30), 5), (days.first, 6), (days.last, 7))
    whole = by_day((days.first, 11), (days.last, 7), grain=["month"] * 2)
    assert (True, 0) == verdict(agrees(grain="month"), evidence("whole", days, whole=whole, parts=parts))[:2]


def test_days_do_not_make_up_for_each_other() -> None:
    found = evidence("whole", DAYS, whole=by_day((FIRST, 4), (SECOND, 6)), parts=by_day((FIRST, 5), (SECOND, 5)))
    assert (False, 1) == verdict(agrees(), found)[:2]


def test_rows_are_counted_where_no_column_is_named_and_chosen_on_either_side() -> None:
    whole = by_day((SECOND, 2), (SECOND, 50), experiment_id=["company", "colour"])
    parts = by_day((SECOND, 0), (SECOND, 0), (SECOND, 0), transition=["churned", "churned", "new"])
    rule = agrees(where={"experiment_id": "company"}, other_column=None, other_where={"transition": "churned"})
    assert verdict(rule, evidence("whole", whole=whole, parts=parts)) == (
        True,
        0,
        f"n of whole is 2 on {SECOND}, against 2 for the rows of parts over {SECOND}.",
    )


def test_a_day_that_is_missing_on_one_side_does_not_agree() -> None:
    some, none = by_day((SECOND, 3)), by_day()
    assert (False, 3) == verdict(agrees(), evidence("whole", whole=some, parts=none))[:2]
    assert (False, -3) == verdict(agrees(), evidence("whole", whole=none, parts=some))[:2]
    assert (True, 0) == verdict(agrees(), evidence("whole", whole=none, parts=none))[:2]


def test_sums_agree_beyond_what_a_float_can_hold() -> None:
    found = evidence("whole", whole=by_day((SECOND, 2**60)), parts=by_day((SECOND, 2**60), (SECOND, 1)))
    assert (False, -1) == verdict(agrees(), found)[:2]


def test_only_whole_numbers_can_agree_to_the_unit() -> None:
    parts = by_day((SECOND, 1)).set_column(1, "n", pa.array([1.0]))
    with pytest.raises(Unjudged, match="column n of parts is float64"):
        judge(agrees(), evidence("whole", whole=by_day((SECOND, 1)), parts=parts))


def test_a_grain_wants_a_column_of_that_name() -> None:
    with pytest.raises(Unjudged, match="no column grain"):
        judge(agrees(grain="week"), evidence("whole", whole=by_day((SECOND, 1)), parts=by_day((SECOND, 1))))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(DAYS.each), st.integers(-(10**9), 10**9)), min_size=1), st.integers(1, 9)
)
def test_sums_always_agree_with_their_parts_and_never_with_a_unit_more(
    parts: list[tuple[date, int]], more: int
) -> None:
    sums = [(day, sum(value for on, value in parts if on == day)) for day in DAYS.each]
    right, wrong = by_day(*sums), by_day(sums[0], (sums[1][0], sums[1][1] + more))
    assert (True, 0) == verdict(agrees(), evidence("whole", DAYS, whole=right, parts=by_day(*parts)))[:2]
    assert (False, more) == verdict(agrees(), evidence("whole", DAYS, whole=wrong, parts=by_day(*parts)))[:2]


@pytest.mark.parametrize(
    ("own", "other", "passed", "observed"),
    [
        (80, 100, True, 0.8),
        (110, 100, True, 1.1),
        (79, 100, False, 0.79),
        (111, 100, False, 1.11),
        (0, 9, False, 0.0),
    ],
)
def test_a_ratio_may_reach_its_bounds(own: int, other: int, passed: bool, observed: float) -> None:
    found = evidence("whole", whole=by_day((SECOND, own)), parts=by_day((SECOND, other)))
    assert (passed, observed) == verdict(ratio(at_least=0.8, at_most=1.1), found)[:2]


def test_a_ratio_is_told_with_both_sides() -> None:
    judged = judge(ratio(at_least=2), evidence("whole", whole=by_day((SECOND, 30)), parts=by_day((SECOND, 20))))
    assert ("at least 2 for one of n of parts", False) == (judged.threshold, judged.passed)
    assert f"n of whole is 30 on {SECOND}, n of parts 20: 1.5 for one." == judged.sentence


def test_the_day_furthest_out_of_bounds_is_told() -> None:
    whole, parts = by_day((FIRST, 30), (SECOND, 2)), by_day((FIRST, 10), (SECOND, 10))
    found = evidence("whole", DAYS, whole=whole, parts=parts)
    assert (False, 3.0) == verdict(ratio(at_least=0.5, at_most=1), found)[:2]
    assert (False, 0.2) == verdict(ratio(at_least=0.5), found)[:2]


def test_nothing_to_divide_by_fails_and_nothing_at_all_is_not_judged() -> None:
    some, none = by_day((SECOND, 3)), by_day()
    alone = verdict(ratio(at_least=0.1), evidence("whole", whole=some, parts=none))
    assert (False, "nothing to divide by") == alone[:2]
    assert alone[2].endswith("n of parts 0: nothing to divide by.")
    nothing = verdict(ratio(at_least=0.1), evidence("whole", whole=none, parts=none))
    assert (True, "nothing to compare", f"Neither n nor n of parts has anything on {SECOND}.") == nothing


def test_a_table_may_be_held_against_itself() -> None:
    rows = by_day((SECOND, 4), (SECOND, 8), grain=["day", "month"])
    rule = CrossCheck(
        rule="cross_check", column="n", where={"grain": "day"}, other="whole", other_column="n",
        other_where={"grain": "month"}, at_most=0.5,
    )  # fmt: skip
    assert (True, 0.5) == verdict(rule, evidence("whole", whole=rows))[:2]
