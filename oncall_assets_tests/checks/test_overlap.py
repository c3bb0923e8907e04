"""The rule about two sets that exclude each other: in one period, over one table or two, by the whole key."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.checks.rules import Unjudged, judge
from oncall_assets.handbook.rules import NoOverlap
from oncall_assets.metrics.days import Days
from oncall_assets_tests.checks.tables import DAYS, FIRST, SECOND, assigned, evidence, verdict

TABLE = "experiment_assignments"
LAST_MONTH = date(2025, 12, 31)
VARIANTS = st.sampled_from(["control", "bold"])


def apart(**options: Any) -> NoOverlap:
    sets = {"key": ["account_id"], "first": {"variant": "control"}, "second": {"variant": "bold"}}
    return NoOverlap.model_validate({"rule": "no_overlap", **sets, **options})


def test_a_key_in_both_sets_is_found_once_whatever_its_rows() -> None:
    rows = assigned(
        *[("x", "a", "control", SECOND)] * 2, *[("x", "a", "bold", SECOND)] * 3, ("x", "b", "bold", SECOND)
    )
    judged = judge(apart(), evidence(TABLE, experiment_assignments=rows))
    assert (False, 1, "none in both sets") == (judged.passed, judged.observed, judged.threshold)
    assert f"1 account_id of {SECOND} stand among both variant control and variant bold." == judged.sentence
    assert ({"account_id": "a", "period": SECOND},) == judged.sample


def test_sets_that_share_no_key_pass_without_a_sample() -> None:
    rows = assigned(("x", "a", "control", SECOND), ("x", "b", "bold", SECOND), ("x", "a", "other", SECOND))
    judged = judge(apart(), evidence(TABLE, experiment_assignments=rows))
    assert (True, 0, ()) == (judged.passed, judged.observed, judged.sample)


def test_all_columns_of_the_key_must_be_the_same() -> None:
    rows = assigned(("x", "a", "control", SECOND), ("y", "a", "bold", SECOND))
    found = evidence(TABLE, experiment_assignments=rows)
    assert (True, 0) == verdict(apart(key=["experiment_id", "account_id"]), found)[:2]
    assert (False, 1) == verdict(apart(), found)[:2]


def test_an_empty_key_is_nobody() -> None:
    rows = assigned(("x", None, "control", SECOND), ("x", None, "bold", SECOND))
    assert (True, 0) == verdict(apart(), evidence(TABLE, experiment_assignments=rows))[:2]


@pytest.mark.parametrize(
    ("earlier", "grain", "count"),
    [
        (FIRST, "day", 0),
        (FIRST, "week", 1),
        (FIRST, "month", 1),
        (LAST_MONTH, "week", 1),
        (LAST_MONTH, "month", 0),
    ],
)
def test_the_period_says_how_far_apart_two_rows_may_be(earlier: date, grain: str, count: int) -> None:
    rows = assigned(("x", "a", "control", earlier), ("x", "a", "bold", SECOND))
    found = evidence(TABLE, experiment_assignments=rows)
    assert (count == 0, count) == verdict(apart(grain=grain), found)[:2]


def test_days_of_a_stretch_are_periods_of_their_own() -> None:
    rows = assigned(("x", "a", "control", FIRST), ("x", "a", "bold", SECOND), ("x", "b", "control", FIRST))
    found = evidence(
        TABLE, DAYS, experiment_assignments=pa.concat_tables([rows, assigned(("x", "b", "bold", FIRST))])
    )
    assert (False, 1) == verdict(apart(), found)[:2]


def test_a_stretch_over_two_months_knows_both() -> None:
    rows = assigned(("x", "a", "control", LAST_MONTH), ("x", "a", "bold", SECOND))
    found = evidence(TABLE, Days(LAST_MONTH, SECOND), experiment_assignments=rows)
    assert (True, 0) == verdict(apart(grain="month"), found)[:2]


def test_the_second_set_may_be_of_another_table_and_a_list_is_a_choice() -> None:
    growth = pa.table(
        {
            "day": [SECOND] * 3,
            "account_id": ["a", "b", "c"],
            "transition": ["retained", "expanded", "new"],
        }
    )
    events = pa.table(
        {"account_id": ["b", "c"], "occurred_at": [Days.one(SECOND).start] * 2, "kind": ["signup", "signup"]}
    )
    rule = apart(first={"transition": ["retained", "expanded"]}, second={"kind": "signup"}, other="account_events")
    passed, observed, sentence = verdict(rule, evidence("growth", growth=growth, account_events=events))
    assert (False, 1) == (passed, observed)
    assert sentence.endswith("among both transition retained or expanded and kind signup of account_events.")


def test_a_key_that_one_of_the_tables_lacks_is_not_judged() -> None:
    rows = assigned(("x", "a", "control", SECOND))
    with pytest.raises(Unjudged, match="no column user_id"):
        judge(apart(key=["user_id"]), evidence(TABLE, experiment_assignments=rows))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.just("x"), st.sampled_from("abc"), VARIANTS, st.sampled_from(DAYS.each))))
def test_it_does_not_matter_which_set_comes_first(rows: list[tuple[str, str | None, str, date]]) -> None:
    found = evidence(TABLE, DAYS, experiment_assignments=assigned(*rows))
    one_way, other_way = apart(), apart(first={"variant": "bold"}, second={"variant": "control"})
    keys = {name: {(key, day) for _, key, variant, day in rows if variant == name} for name in ("control", "bold")}
    both = len(keys["control"] & keys["bold"])
    assert [(both == 0, both)] * 2 == [verdict(rule, found)[:2] for rule in (one_way, other_way)]
