"""The rule about days that are there: of the month or week so far, the worst of a stretch, which are missing."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.checks.rules import judge
from oncall_assets.handbook.rules import Coverage
from oncall_assets.metrics.days import Days
from oncall_assets_tests.checks.tables import booked, evidence, verdict

# A Saturday, ten days into its month.
TENTH = Days.parse("2026-01-10")
MONTH = Days.parse("2026-01-01", "2026-01-10").each


def there(days: list[date]) -> pa.Table:
    return pa.table({"day": pa.array(days, pa.date32())})


def covered(at_least: float = 0.9, **options: str) -> Coverage:
    return Coverage.model_validate({"rule": "coverage", "of": "part", "at_least": at_least, **options})


@pytest.mark.parametrize(
    ("missing", "passed", "observed", "told"),
    [
        ([], True, 1.0, "10 of the 10 days of 2026-01-01…2026-01-10 (100.00%)"),
        ([3], True, 0.9, "9 of the 10 days of 2026-01-01…2026-01-10, but not 2026-01-04 (90.00%)"),
        ([3, 9], False, 0.8, "8 of the 10 days of 2026-01-01…2026-01-10, but not 2026-01-04 and 1 more (80.00%)"),
    ],
)
def test_the_days_of_the_month_so_far_are_counted(
    missing: list[int], passed: bool, observed: float, told: str
) -> None:
    part = there([day for place, day in enumerate(MONTH) if place not in missing] * 2)
    assert (passed, observed, f"part has {told}.") == verdict(covered(), evidence("report", TENTH, part=part))


def test_days_of_another_month_do_not_count() -> None:
    part = there([day - timedelta(days=31) for day in MONTH] + [day + timedelta(days=31) for day in MONTH])
    assert (False, 0.0) == verdict(covered(), evidence("report", TENTH, part=part))[:2]


def test_a_week_begins_on_monday() -> None:
    part = there(Days.parse("2026-01-05", "2026-01-10").each)
    assert (True, 1.0) == verdict(covered(grain="week"), evidence("report", TENTH, part=part))[:2]
    assert (False, 0.6) == verdict(covered(), evidence("report", TENTH, part=part))[:2]


def test_the_worst_day_of_a_stretch_is_told_with_the_days_it_lacks() -> None:
    part = there(MONTH[1:])
    judged = judge(covered(), evidence("report", Days(MONTH[1], MONTH[-1]), part=part))
    assert (False, 0.5, ({"day": MONTH[0]},)) == (judged.passed, judged.observed, judged.sample)


def test_a_landed_table_is_covered_by_the_days_its_rows_landed_on() -> None:
    rule = Coverage(rule="coverage", of="revenue_records", at_least=1.0)
    found = evidence("report", TENTH, revenue_records=booked(*((day, 1) for day in MONTH)))
    assert (True, 1.0) == verdict(rule, found)[:2]


def test_no_more_than_five_missing_days_are_shown() -> None:
    assert 5 == len(judge(covered(), evidence("report", TENTH, part=there([]))).sample)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(MONTH)))
def test_coverage_is_the_share_of_days_there(days: set[date]) -> None:
    passed, observed, _ = verdict(covered(0.5), evidence("report", TENTH, part=there(sorted(days))))
    assert (len(days) >= 5, len(days) / 10) == (passed, observed)
