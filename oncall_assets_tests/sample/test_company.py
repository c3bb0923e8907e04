"""The spec refuses what cannot be a company, and names the field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oncall_assets.metrics.days import Days
from oncall_assets.sample import Company
from oncall_assets.sample.seasons import weekly, yearly


def test_the_calendar_has_the_first_day_and_as_many_as_asked() -> None:
    company = Company(days=30, first_day=date(2026, 9, 1))
    assert Days(date(2026, 9, 1), date(2026, 9, 30)) == company.calendar


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("accounts", 0, "accounts: 0 is not a whole number from 1 to 200,000"),
        ("accounts", 200_001, "accounts: 200001 is not a whole number from 1 to 200,000"),
        ("days", 0, "days: 0 is not a whole number from 1 to 1,830"),
        ("seed", -1, "seed: -1 is not a whole number from 0 to 9,223,372,036,854,775,807"),
        ("first_day", date(1999, 12, 31), "first_day: 1999-12-31 is not from 2000-01-01 to before 2100-01-01"),
        ("events_per_user_day", float("nan"), "events_per_user_day: nan is not from 1.5 to 1,000"),
        ("events_per_user_day", 1.4, "events_per_user_day: 1.4 is not from 1.5 to 1,000"),
    ],
)
def test_a_field_out_of_range_is_refused_by_name(field: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the exact text is asserted below
        Company(**{field: value})
    assert message == str(refusal.value)


def test_streams_and_days_have_random_numbers_of_their_own() -> None:
    company = Company()
    draws = {
        int(company.chance(stream, day).integers(2**62))
        for stream in ("usage", "revenue")
        for day in (date(2026, 9, 1), date(2026, 9, 2))
    }
    assert 4 == len(draws)


def test_weekends_summer_and_the_turn_of_the_year_are_quiet() -> None:
    assert weekly(date(2026, 10, 4)) < weekly(date(2026, 10, 3)) < weekly(date(2026, 10, 2))
    assert yearly(date(2026, 12, 25)) < yearly(date(2026, 8, 20)) < yearly(date(2026, 3, 1))
