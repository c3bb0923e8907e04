"""Public holidays by region, and major ones by rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from oncall_assets.handbook.rota import MAJOR_HOLIDAYS
from oncall_assets.rota.holidays import holiday_days, major_holidays, public_holidays


def test_names_are_english_whatever_the_region_and_the_language_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")

    # A year that no other test asks for, as what was asked for is kept.
    assert "Christmas Day" == public_holidays("DE-BE", [2044])[date(2044, 12, 25)]
    assert "Coming of Age Day" == public_holidays("JP", [2026])[date(2026, 1, 12)]


def test_a_new_year_observed_in_december_belongs_to_the_december() -> None:
    assert "New Year's Day (observed)" == public_holidays("US", [2027])[date(2027, 12, 31)]
    assert date(2027, 12, 31) not in public_holidays("US", [2028])


def test_a_subdivision_has_days_of_its_own() -> None:
    assert date(2026, 3, 17) in public_holidays("GB-NIR", [2026])
    assert date(2026, 3, 17) not in public_holidays("GB-ENG", [2026])


def test_major_holidays_are_counted_on_their_nominal_date() -> None:
    found = major_holidays(MAJOR_HOLIDAYS, 2027)

    assert date(2027, 12, 25) == found["Christmas Day"], "a Saturday, observed on the 24th"
    assert date(2027, 11, 25) == found["Thanksgiving"]
    assert date(2027, 9, 6) == found["Labor Day"]
    assert date(2027, 5, 31) == found["Memorial Day"]
    assert date(2027, 1, 18) == found["Martin Luther King Jr. Day"]


@pytest.mark.parametrize("year", range(2024, 2040))
def test_major_holidays_fall_where_the_calendar_of_the_united_states_has_them(year: int) -> None:
    public = public_holidays("US", [year])
    elsewhere = {"Christmas Eve", "Boxing Day", "New Year's Eve"}

    found = major_holidays(set(MAJOR_HOLIDAYS) - elsewhere, year)

    assert set() == set(found.values()) - set(public)


def test_days_that_follow_each_other_make_a_run_also_across_a_weekend() -> None:
    # Good Friday and Easter Monday of 2026 are 3 and 6 April.
    plain, bridged = (
        [day for day in holiday_days("GB-ENG", "Europe/London", 2026, bridge) if day.day.month == 4]
        for bridge in (False, True)
    )

    assert [(3, 1, 2), (6, 2, 2)] == [(day.day.day, day.number, day.length) for day in plain]
    assert [(3, 1, 4), (4, 2, 4), (5, 3, 4), (6, 4, 4)] == [(d.day.day, d.number, d.length) for d in bridged]
    assert "the weekend between Good Friday and Easter Monday" == bridged[1].name


def test_a_run_over_the_end_of_a_year_is_one() -> None:
    # New Year 2028 is a Saturday, observed in the United States on Friday the 31st.
    (first,) = [day for day in holiday_days("US", "UTC", 2027, False) if day.day == date(2027, 12, 31)]
    (second,) = [day for day in holiday_days("US", "UTC", 2028, False) if day.day == date(2028, 1, 1)]

    assert ((1, 2), (2, 2)) == ((first.number, first.length), (second.number, second.length))


def test_a_day_is_one_of_the_engineers_zone() -> None:
    (day,) = [day for day in holiday_days("JP", "Asia/Tokyo", 2026, False) if day.day == date(2026, 1, 12)]

    assert "2026-01-11T15:00:00+00:00" == day.start.isoformat()
    assert timedelta(hours=24) == day.end - day.start
