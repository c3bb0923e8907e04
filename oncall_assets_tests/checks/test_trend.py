"""The rule about a figure's own past: quiet on growth, seasons and noise, and loud where a day is far off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.checks.rules import Evidence, Unjudged, Verdict, judge
from oncall_assets.handbook import rules as written
from oncall_assets.metrics.days import Days
from oncall_assets.sample import Company
from oncall_assets_tests.checks.tables import evidence
from oncall_assets_tests.checks.world import World, landed

START = date(2026, 1, 1)
LENGTH = 100
COMPANY = Company(accounts=400, days=124, seed=7, first_day=date(2026, 5, 1))

noises = st.lists(st.floats(-0.05, 0.05), min_size=LENGTH, max_size=LENGTH)
weekly = st.lists(st.floats(0.2, 3), min_size=7, max_size=7)


def rule(**fields: Any) -> written.WithinTrend:
    return written.WithinTrend(rule="within_trend", column="n", **fields)


def series(level: int, growth: float, week: list[float], noise: list[float]) -> list[int]:
    return [
        round(level * (1 + growth) ** number * week[number % 7] * (1 + noise[number])) for number in range(LENGTH)
    ]


def judged(values: list[Any], first: int, last: int | None = None, **fields: Any) -> Verdict:
    """Of the days from number `first` to `last`; a value of None is a day without rows."""
    rows = [(START + timedelta(days=number), value) for number, value in enumerate(values) if value is not None]
    days = Days(START + timedelta(days=first), START + timedelta(days=first if last is None else last))
    table = pa.table({"day": [day for day, _ in rows], "n": [value for _, value in rows]})
    return judge(rule(**fields), evidence("figure", days, figure=table))


@given(level=st.integers(10_000, 10**11), growth=st.floats(-0.005, 0.02), week=weekly, noise=noises)
@settings(max_examples=60, deadline=None)
def test_growth_with_a_weekly_pattern_and_noise_is_no_alarm(
    level: int, growth: float, week: list[float], noise: list[float]
) -> None:
    verdict = judged(series(level, growth, week, noise), 0, LENGTH - 1)
    assert verdict.passed, verdict.sentence


@given(
    level=st.integers(10_000, 10**11),
    growth=st.floats(-0.005, 0.02),
    week=weekly,
    noise=noises,
    bad=st.integers(70, LENGTH - 1),
    times=st.sampled_from([0, 0.3, 3, 100]),
)
@settings(max_examples=60, deadline=None)
def test_a_day_far_off_is_an_alarm_and_is_named(
    level: int, growth: float, week: list[float], noise: list[float], bad: int, times: float
) -> None:
    values = series(level, growth, week, noise)
    values[bad] = round(values[bad] * times)
    verdict = judged(values, bad)
    assert not verdict.passed, verdict.sentence
    assert [START + timedelta(days=bad)] == [row["day"] for row in verdict.sample]


@given(
    week=weekly,
    noise=noises,
    outliers=st.lists(st.tuples(st.integers(20, 89), st.sampled_from([0, 3, 1000])), max_size=3),
    times=st.sampled_from([0, 3]),
)
@settings(max_examples=60, deadline=None)
def test_past_outliers_neither_blind_the_rule_nor_make_it_alarm(
    week: list[float], noise: list[float], outliers: list[tuple[int, int]], times: int
) -> None:
    values = series(1_000_000, 0.003, week, noise)
    for number, factor in outliers:
        values[number] *= factor
    assert judged(values, 90).passed
    values[90] *= times
    assert not judged(values, 90).passed


def test_a_day_without_rows_is_a_day_of_nothing() -> None:
    values: list[int | None] = [1000] * 90
    values[80] = None
    verdict = judged(values, 80)
    assert (False, 0) == (verdict.passed, verdict.observed)
    assert "n of figure is 0 on 2026-03-22; its past leads to expect 1,000, and allows 950 to 1,050." == (
        verdict.sentence
    )
    assert "950 to 1,050 (8 times the spread of 8 weeks, 5.00% at least)" == verdict.threshold


def test_the_worst_of_several_days_is_told_and_the_others_are_counted() -> None:
    values = [1000] * 90
    values[80], values[82], values[84] = 1100, 3000, 0
    verdict = judged(values, 79, 85)
    assert (False, 3000) == (verdict.passed, verdict.observed)
    assert verdict.sentence.endswith(" 3 of 7 days are out of their bands.")
    assert [1100, 3000, 0] == [row["n"] for row in verdict.sample]


def test_the_band_is_never_narrower_than_at_least() -> None:
    values = [1000] * 90
    assert judged([*values[:80], 1050], 80).passed
    assert not judged([*values[:80], 1051], 80).passed
    assert judged([*values[:80], 1051], 80, at_least=0.06).passed


def test_a_wider_band_allows_more() -> None:
    values = [1000 + 37 * (number * number % 5) for number in range(81)]
    values[80] = 1700
    assert (True, False) == (judged(values, 80, width=20.0).passed, judged(values, 80, width=2.0).passed)


def test_a_step_in_the_level_is_forgiven_within_the_week_after() -> None:
    values = [1000] * 70 + [2000] * 8
    assert [False] * 4 + [True] * 4 == [judged(values, 70 + number).passed for number in range(8)]


@pytest.mark.parametrize(("days", "observed"), [(31, "too early to judge"), (32, 1000)])
def test_four_earlier_weeks_with_most_of_a_week_before_them_are_needed(days: int, observed: object) -> None:
    verdict = judged([1000] * (days + 1), days)
    assert (True, observed) == (verdict.passed, verdict.observed)


def test_figures_around_nothing_are_judged_by_difference() -> None:
    profit = [(-1) ** (number // 7) * 1000 + 100 * (number % 7) for number in range(90)]
    assert judged(profit, 70, 89).passed
    assert not judged([*profit, 100_000], 90).passed
    assert not judged([*profit, -100_000], 90).passed


def test_counts_of_a_few_a_day_are_no_alarm() -> None:
    counts = [[0, 1, 3, 0, 2, 1, 0, 4, 1, 0, 2][number * number % 11] for number in range(LENGTH)]
    assert judged(counts, 0, LENGTH - 1).passed
    assert not judged([*counts, 80], LENGTH).passed


def test_decimal_figures_are_judged_too_and_what_is_no_number_is_an_alarm() -> None:
    ratios = [0.25] * 80
    assert judged([*ratios, 0.26], 80).passed
    verdict = judged([*ratios, float("nan")], 80)
    assert (
        False,
        "n of figure is nan on 2026-03-22; its past leads to expect 0.25, and allows 0.2375 to 0.2625.",
    ) == (
        verdict.passed,
        verdict.sentence,
    )
    assert judged([*ratios[:40], float("nan"), *ratios[:39], 0.25], 80).passed


def test_only_the_rows_it_asks_for_are_added_up() -> None:
    days = [START + timedelta(days=number) for number in range(80)]
    table = pa.table(
        {
            "day": [*days, days[-1]],
            "grain": ["day"] * 80 + ["month"],
            "n": [10] * 80 + [900],
        }
    )
    found = evidence("figure", Days.one(days[-1]), figure=table)
    assert (True, False) == (judge(rule(where={"grain": "day"}), found).passed, judge(rule(), found).passed)


def test_a_column_that_is_not_there_or_of_text_cannot_be_judged() -> None:
    for column in ({"m": [1]}, {"n": ["x"]}):
        table = pa.table({"day": [START], **column})
        with pytest.raises(Unjudged):
            judge(rule(), evidence("figure", Days.one(START), figure=table))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("company"), COMPANY.calendar, landed(COMPANY))
    yield world
    world.close()


FIGURES = [
    ("aggregate_profit", "revenue_cents"),
    ("aggregate_profit", "profit_cents"),
    ("aggregate_growth", "closing_accounts"),
    ("aggregate_growth", "new_accounts"),
    ("aggregate_growth", "churned_accounts"),
    ("aggregate_engagement", "active_users"),
    ("aggregate_engagement", "events"),
    ("aggregate_engagement", "sessions"),
]


@pytest.mark.parametrize(("asset", "column"), FIGURES)
def test_the_sample_company_raises_no_alarm_in_three_months(asset: str, column: str, company: World) -> None:
    asked = written.WithinTrend(rule="within_trend", column=column, where={"grain": "day"})
    verdict = judge(asked, Evidence(asset, COMPANY.calendar, company.read))
    assert verdict.passed, verdict.sentence
    assert "too early to judge" != verdict.observed


def test_a_day_of_nothing_is_found_in_the_wildest_figure_even_after_another() -> None:
    wild = [
        round(1000 * [0.3, 2, 0.7, 1.6, 0.4, 1, 2.4, 0.9, 0.5, 1.3, 3][number * 5 % 11]) for number in range(81)
    ]
    assert judged(wild, 80).passed
    wild[50] = wild[80] = 0
    assert not judged(wild, 80).passed
