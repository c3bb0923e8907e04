"""The plain rotation of the example teams: its findings are those counted by hand, and no others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oncall_assets.rota import Quarter, shifts
from oncall_assets.rota.audit import audit
from oncall_assets_tests.rota.demands import example

TWO_YEARS = (Quarter(2026, 1), Quarter(2028, 1))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # A lag of two rests everybody, and the table is followed.
        ("annual-holiday-table", []),
        # 52 weeks are thirteen rounds: Carol with Dave at Christmas, Dave with Alice a week later, every year.
        (
            "eight-pipelines",
            [
                ("one_major_off", "dave", "12-25"),
                ("one_major_off", "dave", "01-01"),
                ("one_major_off", "dave", "12-25"),
            ],
        ),
        # Fourteen days of winter 2027 by the ring from C on: four for C and D, three for A and B. B's 12-27 is
        # Christmas observed, so that C stands in: five, four, three and two.
        ("regional-holidays", [("shared_season", "c", "12-20"), ("shared_season", "d", "12-20")]),
        ("secondary-covers-holidays", []),
        ("two-week-rotation", []),
    ],
)
def test_the_plain_rotation_of_two_years_breaks_just_what_was_counted(
    name: str, expected: list[tuple[str, str, str]]
) -> None:
    book = example(name)
    start, end = TWO_YEARS[0].start(book.team), TWO_YEARS[1].start(book.team)
    findings = audit(book, shifts(book, start, end), start, end)
    assert expected == [(one.rule, one.who, f"{one.start:%m-%d}") for one in findings]
    assert datetime(2026, 1, 5, tzinfo=UTC) < start < end
