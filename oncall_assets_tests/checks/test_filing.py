"""Rules against the accounting filing: to the cent, within what is allowed, and never on a day nobody filed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_assets.checks.rules import Unjudged, judge
from oncall_assets.handbook.rules import Completeness, MatchesTotal
from oncall_assets.handbook.tolerance import Tolerance, tolerance
from oncall_assets_tests.checks.tables import DAYS, FIRST, SECOND, booked, evidence, filed, verdict

SOURCE = "revenue_records"


def matches(within: object = 0, **options: str) -> MatchesTotal:
    return MatchesTotal.model_validate(
        {"rule": "matches_total", "column": "amount_cents", "within": within, **options}
    )


def said(sum_: int, total: int, within: object = 0) -> tuple[bool, float | int | str, str]:
    tables = {SOURCE: booked((SECOND, sum_)), "control_totals": filed((SOURCE, SECOND, 1, total))}
    return verdict(matches(within), evidence(SOURCE, **tables))


@pytest.mark.parametrize(
    ("sum_", "total", "within", "passed", "difference", "what"),
    [
        (120_000, 120_000, 0, True, 0, "as filed"),
        (119_999, 120_000, 0, False, -1, "1 cents too few"),
        (120_001, 120_000, 0, False, 1, "1 cents too many"),
        (119_500, 120_000, 500, True, -500, "500 cents too few"),
        (119_499, 120_000, 500, False, -501, "501 cents too few"),
        (121_200, 120_000, 0.01, True, 1_200, "1,200 cents too many"),
        (121_201, 120_000, 0.01, False, 1_201, "1,201 cents too many"),
        (-98_000, -100_000, 0.02, True, 2_000, "2,000 cents too many"),
        # A tenth is 10 cents of 100, though a float's tenth is a little more.
        (90, 100, 0.1, True, -10, "10 cents too few"),
        (7, 0, 0.5, False, 7, "7 cents too many"),
    ],
)
def test_the_sum_is_what_was_filed_within_what_is_allowed(
    sum_: int, total: int, within: object, passed: bool, difference: int, what: str
) -> None:
    sentence = f"amount_cents of {SOURCE} adds up to {sum_:,} on {SECOND}, the filing for {SOURCE} says {total:,}"
    assert (passed, difference, f"{sentence}: {what}.") == said(sum_, total, within)


def test_a_sum_is_exact_beyond_what_a_float_can_hold() -> None:
    assert (False, 1) == said(2**60 + 1, 2**60)[:2]


def test_refunds_are_taken_off() -> None:
    tables = {SOURCE: booked((SECOND, 900), (SECOND, -400)), "control_totals": filed((SOURCE, SECOND, 2, 500))}
    assert (True, 0) == verdict(matches(), evidence(SOURCE, **tables))[:2]


def test_a_day_without_rows_adds_up_to_nothing() -> None:
    tables = {SOURCE: booked(), "control_totals": filed((SOURCE, SECOND, 0, 0))}
    assert (True, 0) == verdict(matches(), evidence(SOURCE, **tables))[:2]


def test_days_are_not_set_off_against_each_other() -> None:
    tables = {
        SOURCE: booked((FIRST, 90), (SECOND, 110)),
        "control_totals": filed((SOURCE, FIRST, 1, 100), (SOURCE, SECOND, 1, 100)),
    }
    assert (False, 10) == verdict(matches(), evidence(SOURCE, DAYS, **tables))[:2]


def test_the_day_furthest_beyond_its_tolerance_is_told() -> None:
    # 60 cents of 10,000 are allowed, 20 of 100 are not.
    tables = {
        SOURCE: booked((FIRST, 10_060), (SECOND, 120)),
        "control_totals": filed((SOURCE, FIRST, 1, 10_000), (SOURCE, SECOND, 1, 100)),
    }
    passed, difference, sentence = verdict(matches(0.01), evidence(SOURCE, DAYS, **tables))
    assert (False, 20, True) == (passed, difference, str(SECOND) in sentence)


@pytest.mark.parametrize("rule", [matches(), Completeness(rule="completeness", at_least=0.5)])
def test_a_day_nobody_filed_or_two_people_did_cannot_pass(rule: MatchesTotal | Completeness) -> None:
    rows = booked((FIRST, 100), (SECOND, 100))
    only = filed((SOURCE, FIRST, 1, 100))
    other = filed((SOURCE, FIRST, 1, 100), ("expense_records", SECOND, 1, 100))
    twice = filed((SOURCE, FIRST, 1, 100), (SOURCE, SECOND, 1, 100), (SOURCE, SECOND, 2, 300))
    found = [
        judge(rule, evidence(SOURCE, DAYS, revenue_records=rows, control_totals=totals))
        for totals in (only, other, twice)
    ]
    refused = [(False, "no control total"), (False, "no control total"), (False, "2 control totals")]
    assert refused == [(one.passed, one.observed) for one in found]
    assert f"no control total of {SOURCE} for {SECOND}: nothing to compare with." in found[0].sentence
    assert f"2 control totals of {SOURCE} for {SECOND}, where one is right." in found[2].sentence


def test_text_where_an_amount_was_promised_is_not_judged() -> None:
    rows = booked((SECOND, 1))
    retyped = rows.set_column(4, "amount_cents", rows["amount_cents"].cast("string"))
    found = evidence(SOURCE, revenue_records=retyped, control_totals=filed((SOURCE, SECOND, 1, 1)))
    with pytest.raises(Unjudged, match="column amount_cents of revenue_records is string"):
        judge(matches(), found)


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12), st.integers(0, 10**12))
def test_a_tolerance_in_cents_is_the_largest_difference_allowed(sum_: int, total: int, cents: int) -> None:
    assert (abs(sum_ - total) <= tolerance(cents).allowed(total)) == (abs(sum_ - total) <= cents)


@given(st.integers(0, 10**12), st.integers(0, 99))
def test_a_tolerance_in_percent_is_rounded_down(total: int, percent: int) -> None:
    allowed = total * percent // 100
    assert (allowed, allowed) == tuple(tolerance(percent / 100).allowed(amount) for amount in (total, -total))


def test_a_tolerance_says_what_it_allows() -> None:
    written = [tolerance(value) for value in (0, 1500, 0.025, Tolerance(cents=3))]
    assert ["to the cent", "within 1,500 cents", "within 2.5 %", "within 3 cents"] == [str(one) for one in written]


@pytest.mark.parametrize("value", [True, -1, 1.0, -0.1, float("nan"), "0.5", None])
def test_what_is_no_tolerance_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is no tolerance"):
        tolerance(value)
