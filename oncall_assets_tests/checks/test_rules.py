"""Each rule on a table made for it: what passes, what fails, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_assets.checks.rules import Evidence, Unjudged, Verdict, judge
from oncall_assets.handbook import rules as written
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets_tests.checks.tables import DAY, DAYS, FIRST, SECOND, evidence, filed, verdict


def daily(**columns: list[Any]) -> pa.Table:
    return pa.table(columns)


def feedback(count: int) -> pa.Table:
    schema = CONTRACTS["feedback"].schema.to_pyarrow()
    at = DAY.start
    row = {"account_id": "a", "submitted_at": at, "score": 5, "comment": None}
    return pa.Table.from_pylist([{"feedback_id": str(number), **row} for number in range(count)], schema)


def feedback_filed(rows: int, day: date = SECOND) -> pa.Table:
    return filed(("feedback", day, rows, 0))


COMPLETE = written.Completeness(rule="completeness", at_least=0.995)


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (200, (True, 1.0, "feedback has 200 of the 200 rows filed for 2026-01-02 (100.00%).")),
        (199, (True, 0.995, "feedback has 199 of the 200 rows filed for 2026-01-02 (99.50%).")),
        (198, (False, 0.99, "feedback has 198 of the 200 rows filed for 2026-01-02 (99.00%).")),
        (0, (False, 0.0, "feedback has 0 of the 200 rows filed for 2026-01-02 (0.00%).")),
    ],
)
def test_completeness_compares_with_the_rows_filed(present: int, expected: tuple[bool, float, str]) -> None:
    found = evidence("feedback", feedback=feedback(present), control_totals=feedback_filed(200))
    assert expected == verdict(COMPLETE, found)


def test_completeness_of_a_day_that_nobody_filed_fails() -> None:
    found = evidence("feedback", feedback=feedback(3), control_totals=feedback_filed(3, FIRST))
    passed, observed, sentence = verdict(COMPLETE, found)
    assert (passed, observed) == (False, "no control total")
    assert "nothing to compare with" in sentence


def test_completeness_takes_the_worst_day_of_a_stretch() -> None:
    totals = pa.concat_tables([feedback_filed(10), feedback_filed(4, FIRST)])
    found = evidence("feedback", DAYS, feedback=feedback(10), control_totals=totals)
    assert verdict(COMPLETE, found) == (False, 0.0, "feedback has 0 of the 4 rows filed for 2026-01-01 (0.00%).")


def test_completeness_may_be_of_a_source_further_up() -> None:
    rule = written.Completeness(rule="completeness", at_least=0.9, source="feedback")
    found = evidence("aggregate_engagement", feedback=feedback(2), control_totals=feedback_filed(2))
    assert verdict(rule, found)[:2] == (True, 1.0)


def test_not_null_counts_the_emptiest_column() -> None:
    rule = written.NotNull(rule="not_null", columns=["a", "b"], at_least=0.75)
    rows = daily(a=["x", "x", "x", None], b=["x", None, None, "x"])
    assert verdict(rule, evidence("t", t=rows)) == (False, 0.5, "2 of 4 rows have no b.")


def test_not_null_allows_what_it_is_told_to() -> None:
    rule = written.NotNull(rule="not_null", columns=["a"], at_least=0.75)
    assert verdict(rule, evidence("t", t=daily(a=["x", "x", "x", None])))[:2] == (True, 0.75)


def test_accepted_values_names_the_strangers() -> None:
    rule = written.AcceptedValues(rule="accepted_values", column="kind", values=["sale", "refund"])
    rows = daily(kind=["sale", "POST", "refund", "POST", None])
    judged = judge(rule, evidence("t", t=rows))
    assert (False, 2) == (judged.passed, judged.observed)
    assert "2 of 5 rows have a kind that is not accepted: 'POST'." == judged.sentence
    assert ({"kind": "POST"}, {"kind": "POST"}) == judged.sample


def test_unique_counts_the_rows_too_many() -> None:
    rule = written.Unique(rule="unique", columns=["day", "id"])
    rows = daily(day=[SECOND] * 5, id=["a", "a", "a", "b", "c"])
    judged = judge(rule, evidence("t", t=rows))
    assert (
        judged.passed,
        judged.observed,
        judged.sentence,
    ) == (False, 2, "2 of 5 rows repeat the day and id of another.")
    assert ({"day": SECOND, "id": "a", "times": 3},) == judged.sample


@given(st.lists(st.sampled_from("abcdef"), max_size=30))
def test_unique_observes_rows_less_distinct_values(values: list[str]) -> None:
    rule = written.Unique(rule="unique", columns=["id"])
    rows = pa.table({"id": pa.array(values, pa.string())})
    assert len(values) - len(set(values)) == judge(rule, evidence("t", t=rows)).observed


def test_schema_finds_missing_added_and_retyped_columns() -> None:
    rows = feedback(1).drop_columns(["comment"]).append_column("mood", pa.array(["ok"]))
    rows = rows.set_column(3, "score", pa.array([5.0]))
    judged = judge(written.Schema(rule="schema"), evidence("feedback", feedback=rows))
    assert (False, 3) == (judged.passed, judged.observed)
    findings = "comment is missing; mood was not promised; score is float64, promised int64"
    assert f"The stored table differs from its contract: {findings}." == judged.sentence


def test_schema_passes_on_every_contract_as_promised() -> None:
    for name, contract in CONTRACTS.items():
        rows = contract.schema.to_pyarrow().empty_table()
        found = evidence(name, **{name: rows})
        assert judge(written.Schema(rule="schema"), found).passed


def moved(**options: Any) -> written.DayOverDay:
    return written.DayOverDay(rule="day_over_day", column="cents", **{"at_most": 0.5, **options})


@pytest.mark.parametrize(
    ("old", "new", "passed", "observed"),
    [
        (100, 150, True, 0.5),
        (100, 151, False, 0.51),
        (100, 0, False, 1.0),
        (-100, 100, False, 2.0),
        (0, 0, True, 0.0),
    ],
)
def test_day_over_day_measures_the_move(old: int, new: int, passed: bool, observed: float) -> None:
    rows = daily(day=[FIRST, SECOND], cents=[old, new])
    assert (passed, observed) == verdict(moved(), evidence("t", t=rows))[:2]


def test_day_over_day_sums_only_the_rows_asked_for() -> None:
    rows = daily(day=[FIRST, SECOND, SECOND], grain=["day", "day", "month"], cents=[100, 120, 9000])
    assert verdict(moved(where={"grain": "day"}), evidence("t", t=rows)) == (
        True,
        0.2,
        "cents moved by 20.0%, from 100 to 120 on 2026-01-02.",
    )


def test_day_over_day_looks_back_as_far_as_it_is_told() -> None:
    rows = daily(day=[date(2025, 12, 26), FIRST, SECOND], cents=[100, 1, 110])
    assert verdict(moved(days_back=7), evidence("t", t=rows))[:2] == (True, 0.1)


def test_day_over_day_says_so_where_there_is_nothing_to_compare_with() -> None:
    rows = daily(day=[SECOND], cents=[100])
    assert verdict(moved(), evidence("t", t=rows)) == (
        True,
        "nothing to compare with",
        "No earlier cents to compare 2026-01-02 with.",
    )


@pytest.mark.parametrize(("value", "passed"), [(0, True), (10, True), (-1, False), (11, False)])
def test_bounds_allow_their_own_ends(value: int, passed: bool) -> None:
    rule = written.Bounds(rule="bounds", column="score", at_least=0, at_most=10)
    judged = judge(rule, evidence("t", t=daily(score=[5, value])))
    assert (passed, "at least 0 and at most 10") == (judged.passed, judged.threshold)


def test_finite_finds_empty_values_nan_and_infinity() -> None:
    rule = written.Finite(rule="finite", columns=["ratio"])
    rows = daily(ratio=[1.0, None, float("nan"), float("inf"), float("-inf")])
    assert verdict(rule, evidence("t", t=rows)) == (False, 4, "4 of 5 rows have no number in ratio.")


def test_a_rule_on_a_column_that_is_not_there_is_not_judged() -> None:
    rule = written.Finite(rule="finite", columns=["ratoi"])
    with pytest.raises(Unjudged, match="no column ratoi; the table has ratio"):
        judge(rule, evidence("t", t=daily(ratio=[1.0])))


def test_a_sample_never_has_more_than_five_rows() -> None:
    rule = written.Bounds(rule="bounds", column="score", at_most=0)
    assert len(judge(rule, evidence("t", t=daily(score=list(range(1, 100))))).sample) == 5


ON_NOTHING: dict[str, Callable[[], Verdict]] = {
    "not_null": lambda: judge(written.NotNull(rule="not_null", columns=["n"]), nothing()),
    "accepted_values": lambda: judge(
        written.AcceptedValues(rule="accepted_values", column="n", values=["1"]), nothing()
    ),
    "unique": lambda: judge(written.Unique(rule="unique", columns=["n"]), nothing()),
    "bounds": lambda: judge(written.Bounds(rule="bounds", column="n", at_least=0), nothing()),
    "finite": lambda: judge(written.Finite(rule="finite", columns=["n"]), nothing()),
}


def nothing() -> Evidence:
    return evidence("t", t=pa.table({"n": pa.array([], pa.int64())}))


@pytest.mark.parametrize("name", ON_NOTHING)
def test_a_table_without_rows_has_no_offending_rows(name: str) -> None:
    judged = ON_NOTHING[name]()
    assert (True, ()) == (judged.passed, judged.sample)
