from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis.strategies import dates, sets

from oncall_assets.metrics.days import Days, bounds, stretches
from oncall_assets.metrics.periods import calendar, distinct_to_date, to_date
from oncall_assets_tests.metrics.tables import Run, of, on, table


@pytest.mark.parametrize(
    ("day", "grain", "start", "end"),
    [
        ("2026-03-04", "day", "2026-03-04", "2026-03-05"),
        ("2026-03-02", "week", "2026-03-02", "2026-03-09"),
        ("2026-03-08", "week", "2026-03-02", "2026-03-09"),
        ("2026-12-31", "week", "2026-12-28", "2027-01-04"),
        ("2027-01-01", "week", "2026-12-28", "2027-01-04"),
        ("2026-12-31", "month", "2026-12-01", "2027-01-01"),
        ("2027-01-01", "month", "2027-01-01", "2027-02-01"),
        ("2028-02-29", "month", "2028-02-01", "2028-03-01"),
        ("2026-02-28", "month", "2026-02-01", "2026-03-01"),
        ("2026-04-30", "month", "2026-04-01", "2026-05-01"),
        ("2028-02-29", "day", "2028-02-29", "2028-03-01"),
    ],
)
def test_a_period_is_bounded_over_month_week_and_year_ends(day: str, grain: str, start: str, end: str) -> None:
    assert (on(start), on(end)) == bounds(on(day), grain)


def test_the_calendar_says_how_far_a_period_is(run: Run) -> None:
    rows = run(calendar(Days.parse("2026-12-31", "2027-01-01")))
    found = [of(row, "day", "grain", "days_so_far", "is_complete") for row in rows]
    assert [
        (on("2026-12-31"), "day", 1, True),
        (on("2026-12-31"), "month", 31, True),
        (on("2026-12-31"), "week", 4, False),
        (on("2027-01-01"), "day", 1, True),
        (on("2027-01-01"), "month", 1, False),
        (on("2027-01-01"), "week", 5, False),
    ] == found


def test_sums_to_date_stop_at_the_day_and_the_period(run: Run) -> None:
    # 2026-03-01 is a Sunday.
    counts = {"2026-02-28": 1, "2026-03-01": 10, "2026-03-02": 100, "2026-03-04": 1000}
    rows = table("profit", [{"day": on(day), "revenue_cents": cents} for day, cents in counts.items()])
    found = run(to_date(rows.select("day", "revenue_cents"), Days.parse("2026-03-01", "2026-03-03")))
    assert [
        (date(2026, 3, 1), "day", 1, 10),
        (date(2026, 3, 1), "month", 1, 10),
        (date(2026, 3, 1), "week", 2, 11),
        (date(2026, 3, 2), "day", 1, 100),
        (date(2026, 3, 2), "month", 2, 110),
        (date(2026, 3, 2), "week", 1, 100),
        (date(2026, 3, 3), "day", 0, 0),
        (date(2026, 3, 3), "month", 2, 110),
        (date(2026, 3, 3), "week", 1, 100),
    ] == [of(row, "day", "grain", "days_with_data", "revenue_cents") for row in found]


def test_a_key_seen_twice_in_a_period_is_counted_once(run: Run) -> None:
    seen = [("2026-02-28", "a"), ("2026-03-01", "a"), ("2026-03-01", "b"), ("2026-03-02", "a")]
    rows = table("profit", [{"day": on(day), "account_id": account} for day, account in seen])
    found = run(distinct_to_date(rows, ["account_id"], Days.parse("2026-03-01", "2026-03-02"), "accounts"))
    assert [
        (date(2026, 3, 1), "day", 2),
        (date(2026, 3, 1), "month", 2),
        (date(2026, 3, 1), "week", 2),
        (date(2026, 3, 2), "day", 1),
        (date(2026, 3, 2), "month", 2),
        (date(2026, 3, 2), "week", 1),
    ] == [of(row, "day", "grain", "accounts") for row in found]


@given(dates(), dates())
def test_days_are_read_as_they_are_written(one: date, other: date) -> None:
    days = Days(min(one, other), max(one, other))
    assert days == Days.read(str(days))


@pytest.mark.parametrize(
    "text", ["", "2026-10-03…", "…2026-10-03", "2026-10-05…2026-10-03", "a…b", "2026-10-3", "1…2…3"]
)
def test_what_is_no_stretch_of_days_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"days|format"):
        Days.read(text)


@given(sets(dates(date(2026, 1, 1), date(2026, 2, 9)), max_size=20))
def test_stretches_have_every_day_once_and_a_gap_between_them(days: set[date]) -> None:
    found = stretches(days)
    assert sorted(days) == [day for one in found for day in one.each]
    assert all(one.last + timedelta(days=1) < other.first for one, other in pairwise(found))
