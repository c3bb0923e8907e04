"""The rule about who was given what: p-values from printed tables, each test by itself, and nobody unexpected."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.checks.rules import Unjudged, judge
from oncall_assets.handbook.rules import SampleRatio
from oncall_assets_tests.checks.tables import DAYS, FIRST, SECOND, assigned, evidence, verdict

TABLE = "experiment_assignments"
HALVES = {"control": 0.5, "bold": 0.5}


def split(expected: dict[str, float] = HALVES, **options: Any) -> SampleRatio:
    return SampleRatio(rule="sample_ratio", column="variant", expected=expected, **options)


def counts(**variants: int) -> pa.Table:
    """A readout of one day: how many accounts each variant has."""
    size = len(variants)
    return pa.table({"day": [SECOND] * size, "variant": list(variants), "accounts": list(variants.values())})


def p(variants: dict[str, int], expected: dict[str, float] = HALVES) -> float:
    judged = judge(split(expected, counts="accounts"), evidence("t", t=counts(**variants)))
    assert isinstance(judged.observed, float)
    return judged.observed


@pytest.mark.parametrize(
    ("variants", "expected", "probability"),
    [
        ({"control": 50, "bold": 50}, HALVES, 1.0),
        # (10² + 10²) / 50 = 4 with one degree of freedom: two standard deviations.
        ({"control": 60, "bold": 40}, HALVES, math.erfc(math.sqrt(2))),
        # 20² / 80 + 20² / 20 = 25: five standard deviations.
        ({"control": 60, "bold": 40}, {"control": 0.8, "bold": 0.2}, math.erfc(5 / math.sqrt(2))),
        # 10² / 20 twice is 10 with two degrees of freedom.
        ({"a": 10, "b": 20, "c": 30}, {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, math.exp(-5)),
        # Nobody was given b: 30² / 10 - 30 is 60 with two degrees of freedom.
        ({"a": 30}, {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, math.exp(-30)),
    ],
)
def test_the_probability_is_that_of_a_chi_squared_test(
    variants: dict[str, int], expected: dict[str, float], probability: float
) -> None:
    assert probability == pytest.approx(p(variants, expected), rel=1e-8)


@pytest.mark.parametrize(("bold", "passed"), [(40, True), (36, False)])
def test_it_alarms_below_the_probability_asked_for(bold: int, passed: bool) -> None:
    rows = assigned(*[("x", "a", "control", SECOND)] * 64, *[("x", "a", "bold", SECOND)] * bold)
    judged = judge(split(alarm_below=0.01), evidence(TABLE, experiment_assignments=rows))
    assert (passed, "a probability of at least 0.01 for control 0.5, bold 0.5") == (
        judged.passed,
        judged.threshold,
    )
    assert judged.sentence.startswith(f"variant is split control 64, bold {bold} on {SECOND}, which has a probab")
    assert passed is not bool(judged.sample)


def test_each_experiment_is_tested_by_itself() -> None:
    # Together they are even; each alone is not.
    rows = assigned(
        *[("x", "a", "control", SECOND)] * 90,
        *[("x", "a", "bold", SECOND)] * 10,
        *[("y", "a", "control", SECOND)] * 8,
        *[("y", "a", "bold", SECOND)] * 92,
    )
    found = evidence(TABLE, experiment_assignments=rows)
    assert verdict(split(), found)[0]
    passed, observed, sentence = verdict(split(by="experiment_id"), found)
    assert (False, True) == (passed, float(observed) < 1e-15)
    assert sentence.startswith(f"variant of y is split control 8, bold 92 on {SECOND}")


def test_days_are_not_set_off_against_each_other() -> None:
    rows = [(FIRST, "control", 80), (FIRST, "bold", 20), (SECOND, "control", 20), (SECOND, "bold", 80)]
    days, variants, accounts = (list(column) for column in zip(*rows, strict=True))
    table = pa.table({"day": days, "variant": variants, "accounts": accounts})
    assert not verdict(split(counts="accounts"), evidence("t", DAYS, t=table))[0]


def test_a_variant_nobody_expected_fails_whatever_its_share() -> None:
    rows = counts(control=500, bold=500, bald=1, blond=1)
    judged = judge(split(counts="accounts"), evidence("t", t=rows))
    assert (False, "unexpected value") == (judged.passed, judged.observed)
    assert "variant of t has values that are not expected: 'bald' and 1 more." == judged.sentence
    assert ["bald", "blond"] == [row["value"] for row in judged.sample]


@pytest.mark.parametrize(("many", "judged"), [(49, False), (50, True)])
def test_too_few_for_the_smallest_share_are_not_judged(many: int, judged: bool) -> None:
    found = evidence("t", t=counts(control=many))
    rule = split({"control": 0.9, "bold": 0.1}, counts="accounts")
    assert judged is not ("too few to judge" == verdict(rule, found)[1])


def test_nobody_assigned_is_too_few() -> None:
    found = evidence(TABLE, experiment_assignments=assigned())
    sentence = f"Too few rows of {TABLE} on {SECOND} to judge how variant is split."
    assert (True, "too few to judge", sentence) == verdict(split(by="experiment_id"), found)


def test_rows_without_a_variant_are_not_counted() -> None:
    rows = pa.table({"day": [SECOND] * 3, "variant": [None, "control", "bold"], "accounts": [900, 50, 50]})
    assert (True, 1.0) == verdict(split(counts="accounts"), evidence("t", t=rows))[:2]


def test_a_column_that_is_not_there_is_not_judged() -> None:
    with pytest.raises(Unjudged, match="no column experiment_id"):
        judge(split(by="experiment_id"), evidence("t", t=counts(control=1)))


@settings(max_examples=15, deadline=None)
@given(st.integers(5, 10**6), st.integers(5, 10**6))
def test_two_variants_are_those_of_the_error_function_whichever_comes_first(one: int, two: int) -> None:
    square = (one - two) ** 2 / (one + two)
    expected = math.erfc(math.sqrt(square / 2))
    for variants in ({"control": one, "bold": two}, {"control": two, "bold": one}):
        assert expected == pytest.approx(p(variants), rel=1e-5, abs=1e-12)
