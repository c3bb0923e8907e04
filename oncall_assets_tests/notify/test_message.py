"""The page itself: kept as JSON, instants in two zones, durations in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oncall_assets.notify.message import Page, instant, length
from oncall_assets_tests.notify.pages import FULL


def test_a_page_survives_being_kept_as_json() -> None:
    assert Page.model_validate_json(FULL.model_dump_json()) == FULL


def test_an_instant_is_shown_in_utc_and_where_the_engineer_is() -> None:
    at = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert "2026-03-08 07:30 UTC (Sun 03:30 America/New_York)" == instant(at, "America/New_York")


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(hours=1), "1 h"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=2, hours=3, minutes=4), "2 d 3 h"),
        (timedelta(seconds=5), "0 min"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(duration: timedelta, words: str) -> None:
    assert words == length(duration)
