"""Periods and instants in words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from oncall_assets.handbook.reports import Grain
from oncall_assets.reports.rendering.dates import instant_in_words, period_in_words, period_name
from oncall_assets_tests.reports.rendering.editions import DAILY


@pytest.mark.parametrize(
    ("grain", "first", "last", "locale", "expected"),
    [
        ("day", date(2026, 10, 6), date(2026, 10, 6), "en_US", "Tuesday, October 6, 2026"),
        ("day", date(2026, 10, 6), date(2026, 10, 6), "en_GB", "Tuesday, 6 October 2026"),
        ("day", date(2026, 10, 6), date(2026, 10, 6), "de_DE", "Dienstag, 6. Oktober 2026"),
        ("week", date(2026, 9, 28), date(2026, 10, 4), "en_US", "week of Sep 28 – Oct 4, 2026"),
        ("week", date(2026, 9, 21), date(2026, 9, 27), "en_GB", "week of 21–27 Sept 2026"),
        ("week", date(2026, 12, 28), date(2027, 1, 3), "en_US", "week of Dec 28, 2026 – Jan 3, 2027"),
        ("month", date(2026, 10, 1), date(2026, 10, 31), "en_US", "October 2026"),
        ("month", date(2026, 2, 1), date(2026, 2, 28), "fr_FR", "février 2026"),
    ],
)
def test_a_period_reads_as_the_locale_writes_it(
    grain: Grain, first: date, last: date, locale: str, expected: str
) -> None:
    assert expected == period_in_words(grain, first, last, locale)


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        ("America/New_York", datetime(2026, 10, 7, 10, tzinfo=UTC),
         "Oct 7, 2026, 6:00 AM America/New_York (10:00 UTC)"),
        ("America/New_York", datetime(2026, 11, 7, 11, tzinfo=UTC),
         "Nov 7, 2026, 6:00 AM America/New_York (11:00 UTC)"),
        ("Australia/Sydney", datetime(2026, 10, 6, 19, tzinfo=UTC),
         "Oct 7, 2026, 6:00 AM Australia/Sydney (2026-10-06 19:00 UTC)"),
        ("UTC", datetime(2026, 10, 7, 6, tzinfo=UTC), "Oct 7, 2026, 6:00 AM UTC"),
    ],
)  # fmt: skip
def test_an_instant_is_in_the_team_s_zone_and_in_utc(zone: str, at: datetime, expected: str) -> None:
    assert expected == instant_in_words(at, DAILY.model_copy(update={"zone": zone}))


def test_a_period_in_a_file_name_is_its_day_or_its_first_and_last() -> None:
    assert "2026-10-06" == period_name(date(2026, 10, 6), date(2026, 10, 6))
    assert "2026-09-28_2026-10-04" == period_name(date(2026, 9, 28), date(2026, 10, 4))
