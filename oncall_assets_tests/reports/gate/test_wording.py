"""How days are written for those who compute them, and for those who read a report."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from oncall_assets.reports.gate.wording import instant, joined, listed, told


def on(*days: str) -> list[date]:
    return [date.fromisoformat(day) for day in days]


def test_days_are_listed_as_stretches_in_order_and_each_once() -> None:
    days = on("2026-10-09", "2026-10-04", "2026-10-03", "2026-10-05", "2026-10-04")
    assert "2026-10-03…2026-10-05, 2026-10-09" == listed(days)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (["2026-10-31"], "31 October"),
        (["2026-10-30", "2026-10-31"], "30 and 31 October"),
        (["2026-10-31", "2026-11-01"], "31 October and 1 November"),
        (["2026-10-03", "2026-10-04", "2026-10-05"], "3 to 5 October"),
        (["2026-10-03", "2026-10-05", "2026-10-07"], "3 October, 5 October and 7 October"),
        (["2025-12-30", "2025-12-31", "2026-01-01"], "30 December to 1 January"),
    ],
)
def test_days_are_told_as_one_would_say_them(days: list[str], words: str) -> None:
    assert words == told(on(*days))


def test_one_is_joined_with_nothing() -> None:
    assert ("a", "a and b", "a, b and c") == (joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"]))


def test_an_instant_is_told_with_its_zone() -> None:
    assert "3 November 00:00 UTC" == instant(datetime(2026, 11, 3, tzinfo=UTC))
