"""Rules about the reporting database: the same rows whatever their order, and the readers of the handbook."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.checks.rules import Evidence, Unjudged, Verdict
from oncall_assets.checks.rules.facts import Facts
from oncall_assets.checks.rules.reporting import grants, published_matches
from oncall_assets.handbook.rules import Grants, PublishedMatches
from oncall_assets.metrics.days import Days
from oncall_assets_tests.checks.tables import DAY, DAYS, FIRST, SECOND, evidence

ASSET = "reporting/aggregate_profit"
Change = Callable[[list[dict[str, Any]]], object]


@dataclass
class Database:
    """A reporting database of a test, which remembers what it was asked for."""

    tables: dict[str, pa.Table] = field(default_factory=dict)
    reads: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    asked: list[object] = field(default_factory=list)

    def published(self, table: str, days: Days) -> pa.Table | None:
        self.asked.append((table, str(days)))
        return self.tables.get(table)

    def readers(self, table: str) -> frozenset[str]:
        self.asked.append(table)
        return self.reads

    def allowed(self, table: str) -> frozenset[str]:
        self.asked.append(table)
        return self.may


def row(day: date, grain: str = "day", cents: int = 1234567, margin: float | None = 0.5) -> dict[str, Any]:
    counts = dict.fromkeys(("days_with_data", "days_so_far", "accounts", "direct_cost_cents"), 1)
    return {
        "day": day, "grain": grain, "period_start": day, "period_end": day, "is_complete": True, **counts,
        "revenue_cents": cents, "allocated_cost_cents": 0, "profit_cents": cents, "margin": margin,
    }  # fmt: skip


ROWS = [row(SECOND, grain) for grain in ("day", "week", "month")]


def judged(ours: list[dict[str, Any]], theirs: pa.Table | list[dict[str, Any]], days: Days = DAY) -> Verdict:
    stored = pa.Table.from_pylist(ours) if ours else pa.Table.from_pylist([row(SECOND)]).slice(0, 0)
    if isinstance(theirs, list):
        theirs = pa.Table.from_pylist(theirs, stored.schema)
    found = evidence(ASSET, days, aggregate_profit=stored)
    facts = Facts(reporting=Database({"aggregate_profit": theirs}))
    return published_matches(PublishedMatches(rule="published_matches"), replace(found, facts=facts))


def changed(change: Change) -> list[dict[str, Any]]:
    rows = [dict(one) for one in ROWS]
    change(rows)
    return rows


def test_the_same_rows_in_any_order_match_and_both_are_asked_for_the_same_days() -> None:
    table = pa.Table.from_pylist([row(FIRST), *ROWS])
    database = Database({"aggregate_profit": pa.Table.from_pylist([*reversed(ROWS), row(FIRST)])})
    found: Evidence = replace(evidence(ASSET, DAYS, aggregate_profit=table), facts=Facts(reporting=database))
    verdict = published_matches(PublishedMatches(rule="published_matches"), found)
    sentence = f"The reporting database has the 4 rows of aggregate_profit on {DAYS}, equal in every column."
    assert (True, 0, sentence, ()) == (verdict.passed, verdict.observed, verdict.sentence, verdict.sample)
    assert [("aggregate_profit", str(DAYS))] == database.asked


@pytest.mark.parametrize(
    ("change", "observed", "lacks", "otherwise", "too_many"),
    [
        (lambda rows: rows.clear(), 3, 3, 0, 0),
        (lambda rows: rows.pop(), 1, 1, 0, 0),
        (lambda rows: rows.append(dict(rows[0])), 1, 0, 0, 1),
        (lambda rows: rows.append(row(SECOND, "year")), 1, 0, 0, 1),
        (lambda rows: rows[1].update(revenue_cents=1234568), 1, 0, 1, 0),
        (lambda rows: rows[1].update(grain="year"), 2, 1, 0, 1),
        (lambda rows: (rows.pop(0), rows[0].update(margin=None)), 2, 1, 1, 0),
        (lambda rows: rows[0].update(is_complete=False), 1, 0, 1, 0),
    ],
)
def test_what_is_missing_too_many_and_different_is_told_apart(
    change: Change, observed: int, lacks: int, otherwise: int, too_many: int
) -> None:
    verdict = judged(ROWS, changed(change))
    words = f"lacks {lacks} and has {otherwise} otherwise; {too_many} of its rows are too many."
    assert (False, observed) == (verdict.passed, verdict.observed)
    assert words in verdict.sentence
    assert 0 < len(verdict.sample) <= 5
    assert 1 == len({tuple(line) for line in verdict.sample})


def test_two_rows_of_one_key_are_both_paired_with_what_stands_in_their_place() -> None:
    verdict = judged([row(SECOND, cents=1), row(SECOND, cents=2)], [row(SECOND, cents=3), row(SECOND, cents=4)])
    assert "lacks 0 and has 2 otherwise; 0 of its rows" in verdict.sentence


def test_a_changed_value_is_named_with_its_row_and_both_values() -> None:
    verdict = judged(ROWS, changed(lambda rows: rows[1].update(revenue_cents=7, margin=None)))
    ending = f"revenue_cents (day {SECOND}, grain week) is 7 there, 1,234,567 in the asset."
    assert verdict.sentence.endswith(ending)
    expected = {"day": str(SECOND), "grain": "week", "found": "differs"}
    assert (
        {**expected, "column": "revenue_cents", "asset": "1,234,567", "reporting": "7"},
        {**expected, "column": "margin", "asset": "0.5", "reporting": "empty"},
    ) == verdict.sample


@pytest.mark.parametrize(
    ("own", "other", "same"),
    [
        (math.nan, math.nan, True),
        (-0.0, 0.0, True),
        (None, None, True),
        (None, math.nan, False),
        (None, 0.0, False),
        (0.1 + 0.2, 0.3, False),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
    ],
)
def test_values_that_mean_the_same_are_equal(own: float | None, other: float | None, same: bool) -> None:
    # Beside a row whose value makes the column one of numbers.
    ours, theirs = ([row(SECOND, margin=value), row(SECOND, "week")] for value in (own, other))
    assert same == judged(ours, theirs).passed


def test_money_is_compared_to_the_last_cent_of_an_int64() -> None:
    assert not judged([row(SECOND, cents=2**63 - 1)], [row(SECOND, cents=2**63 - 2)]).passed


def test_a_value_of_another_kind_is_a_difference() -> None:
    theirs = pa.Table.from_pylist([row(SECOND)])
    position = theirs.column_names.index("revenue_cents")
    words = theirs.set_column(position, "revenue_cents", pa.array(["a lot"]))
    assert "is a lot there, 1,234,567 in the asset." in judged([row(SECOND)], words).sentence


def test_a_table_that_is_gone_and_a_column_that_is_gone_are_said() -> None:
    found = replace(
        evidence(ASSET, aggregate_profit=pa.Table.from_pylist(ROWS)), facts=Facts(reporting=Database())
    )
    gone = published_matches(PublishedMatches(rule="published_matches"), found)
    assert (False, "no such table") == (gone.passed, gone.observed)
    without = judged(ROWS, pa.Table.from_pylist(ROWS).drop_columns(["margin", "accounts"]))
    assert (False, "no column accounts, margin") == (without.passed, without.observed)


def test_nothing_on_both_sides_is_the_same() -> None:
    assert judged([], []).passed
    assert not judged([], ROWS).passed


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
@settings(max_examples=100, deadline=None)
def test_two_tables_match_just_when_they_have_the_same_rows_as_often(ours: list[str], theirs: list[str]) -> None:
    left, right = ([row(SECOND, grain) for grain in grains] for grains in (ours, theirs))
    verdict = judged(left, right)
    assert (sorted(ours) == sorted(theirs)) == verdict.passed
    if not verdict.passed:
        apart = [abs(ours.count(grain) - theirs.count(grain)) for grain in "abc"]
        assert sum(apart) == verdict.observed


def granted(readers: set[str], allowed: set[str]) -> Verdict:
    database = Database(reads=frozenset(readers), may=frozenset(allowed))
    verdict = grants(Grants(rule="grants"), Evidence(ASSET, DAY, _nothing, facts=Facts(reporting=database)))
    assert ["aggregate_profit"] * 2 == database.asked
    return verdict


def _nothing(_: str, __: Days) -> Any:
    raise AssertionError("who may read is no question of rows")


@pytest.mark.parametrize("both", [set(), {"bi"}, {"bi", "finance"}])
def test_those_that_the_handbook_names_and_nobody_else_may_read(both: set[str]) -> None:
    verdict = granted(both, both)
    assert (True, "as named") == (verdict.passed, verdict.observed)


@pytest.mark.parametrize(
    ("readers", "allowed", "observed", "words"),
    [
        ({"bi", "PUBLIC"}, {"bi"}, "1 too many, 0 missing", "PUBLIC may read it and the handbook does not say so"),
        (set(), {"bi"}, "0 too many, 1 missing", "bi may not read it though the handbook says so"),
        ({"bi (may change)"}, {"bi"}, "1 too many, 0 missing", ": bi may change it."),
        ({"eve (may change)"}, set(), "1 too many, 0 missing", "eve may change it and is not in the handbook"),
        ({"eve"}, {"bi"}, "1 too many, 1 missing", "does not say so; bi may not read it"),
        ({"others (file mode)"}, set(), "1 too many, 0 missing", "others (file mode) may read it"),
    ],
)
def test_one_too_many_and_one_missing_are_named(
    readers: set[str], allowed: set[str], observed: str, words: str
) -> None:
    verdict = granted(readers, allowed)
    assert (False, observed) == (verdict.passed, verdict.observed)
    assert words in verdict.sentence
    named = {line["who"] for line in verdict.sample}
    assert readers - allowed <= named


def test_without_a_reporting_database_neither_can_be_judged() -> None:
    found = evidence(ASSET, aggregate_profit=pa.Table.from_pylist(ROWS))
    with pytest.raises(Unjudged, match="no resource `reporting`"):
        published_matches(PublishedMatches(rule="published_matches"), found)
    with pytest.raises(Unjudged, match="no resource `reporting`"):
        grants(Grants(rule="grants"), found)
