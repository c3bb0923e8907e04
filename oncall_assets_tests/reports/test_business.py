"""Working days of the company, held against calendars people know and against plain counting."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.escalation import BusinessHours
from oncall_assets.handbook.team import House
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.reports.business import business_days_before, business_days_between, is_business_day

GOOD = Path(__file__).parents[1] / "handbooks" / "good"
DAY = timedelta(days=1)


@cache
def of(region: str | None = "US-NY", days: tuple[str, ...] = ()) -> Handbook:
    """The good handbook of a company in `region` that works on `days`, Monday to Friday without them."""
    book = load_handbook(GOOD, frozenset(LANDED))
    hours = BusinessHours(days=[*days]) if days else BusinessHours()  # type: ignore[list-item]
    return replace(
        book, team=book.team.model_copy(update={"company": House(region=region), "business_hours": hours})
    )


dates = st.dates(date(2025, 1, 1), date(2030, 12, 31))
counts = st.integers(0, 20)
regions = st.sampled_from(["US-NY", "GB-ENG", "IN", "AU-NSW", None])


@pytest.mark.parametrize(
    ("meeting", "count", "due"),
    [
        # A Tuesday: Monday, and the Friday before.
        (date(2026, 12, 15), 2, date(2026, 12, 11)),
        # The Monday after Thanksgiving (the 26th), which is no day off as a Friday.
        (date(2026, 11, 30), 1, date(2026, 11, 27)),
        (date(2026, 11, 30), 2, date(2026, 11, 25)),
        # The Monday after the day on which Independence Day, a Saturday, was observed.
        (date(2026, 7, 6), 1, date(2026, 7, 2)),
        # Around the turn of the year, over Christmas Day and New Year's Day.
        (date(2027, 1, 5), 2, date(2026, 12, 31)),
        (date(2027, 1, 5), 5, date(2026, 12, 28)),
        (date(2027, 1, 5), 6, date(2026, 12, 24)),
    ],
)
def test_business_days_in_new_york_pass_over_weekends_and_holidays(meeting: date, count: int, due: date) -> None:
    assert due == business_days_before(of("US-NY"), meeting, count)


def test_none_before_is_the_day_itself_or_the_last_business_day_before_it() -> None:
    assert date(2026, 12, 15) == business_days_before(of(), date(2026, 12, 15), 0)
    # A Sunday; Thanksgiving.
    assert date(2026, 12, 11) == business_days_before(of(), date(2026, 12, 13), 0)
    assert date(2026, 11, 25) == business_days_before(of(), date(2026, 11, 26), 0)


def test_one_before_a_sunday_is_the_friday() -> None:
    assert date(2026, 12, 11) == business_days_before(of(), date(2026, 12, 13), 1)


def test_fewer_than_none_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 business days before 2026-12-15 lie behind it"):
        business_days_before(of(), date(2026, 12, 15), -1)


def test_without_a_region_no_holiday_is_known() -> None:
    assert date(2026, 11, 26) == business_days_before(of(None), date(2026, 11, 30), 2)


def test_the_weekend_is_what_business_hours_leave_out() -> None:
    sunday_to_thursday = ("sunday", "monday", "tuesday", "wednesday", "thursday")
    assert date(2026, 12, 10) == business_days_before(of(None, sunday_to_thursday), date(2026, 12, 13), 1)


def test_the_days_between_are_counted_from_the_first_on_without_the_last() -> None:
    # Monday to Monday, with Thanksgiving in it.
    assert 4 == business_days_between(of(), date(2026, 11, 23), date(2026, 11, 30))
    assert 0 == business_days_between(of(), date(2026, 11, 28), date(2026, 11, 30))
    assert 0 == business_days_between(of(), date(2026, 11, 30), date(2026, 11, 23))


@settings(max_examples=150, deadline=None)
@given(dates, counts, regions)
def test_it_agrees_with_a_naive_count_and_is_never_a_day_off(on: date, count: int, region: str | None) -> None:
    handbook = of(region)
    found = business_days_before(handbook, on, count)
    days = [found + number * DAY for number in range((on - found).days)]
    working = [day for day in days if is_business_day(handbook, day)]

    assert is_business_day(handbook, found)
    assert found.weekday() < 5
    assert (count or int(found != on)) == len(working) == business_days_between(handbook, found, on)


@settings(max_examples=100, deadline=None)
@given(dates, dates, dates, regions)
def test_stretches_add_up(first: date, second: date, third: date, region: str | None) -> None:
    start, middle, end = sorted((first, second, third))
    handbook = of(region)
    parts = business_days_between(handbook, start, middle) + business_days_between(handbook, middle, end)
    assert parts == business_days_between(handbook, start, end)
