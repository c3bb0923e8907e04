"""What the last three of the five teams demand of turns and holidays, asked of the final shifts of their plans."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from oncall_assets.rota import Quarter
from oncall_assets_tests.rota.demands import serving, with_lines
from oncall_assets_tests.rota.planner.two_years import Planned, fair, near, plan

BOTH = pytest.mark.parametrize("planned", [fair, near], ids=["fair", "near the rotation"])


def test_t2_2_near_the_rotation_four_weeks_each_with_its_backup_repeat() -> None:
    made = near("secondary-covers-holidays")
    assert {} == made.changed()
    assert [] == made.findings()


@BOTH
def test_t2_3_the_secondary_steps_in_on_a_holiday_and_one_of_several_days_is_shared(
    planned: Callable[[str], Planned],
) -> None:
    assert [] == planned("secondary-covers-holidays").findings()
    # Carol's Thanksgiving and the day after it, both years: David's, with Bob; then Alice's, with David.
    made = near("secondary-covers-holidays")
    assert ("david", "bob") == made.at("2026-11-26T20:00Z") == made.at("2027-11-25T20:00Z")
    assert ("alice", "david") == made.at("2026-11-27T20:00Z") == made.at("2027-11-26T20:00Z")


def test_t2_4_on_a_vacation_of_the_primary_the_secondary_becomes_primary_and_the_volunteer_secondary(
    tmp_path: Path,
) -> None:
    gone = "away: [{who: alice, from: 2026-07-22, to: 2026-07-23, why: vacation}]\n"
    book = with_lines(tmp_path, "secondary-covers-holidays", gone)
    start = datetime(2026, 7, 6, 13, tzinfo=UTC)
    made = plan(book, start, start + timedelta(weeks=4), near=True)
    assert {} == made.changed()
    assert ("alice", "bob") == made.at("2026-07-21T12:00-04:00")
    assert ("bob", "david") == made.at("2026-07-22T12:00-04:00") == made.at("2026-07-23T23:59-04:00")
    assert ("alice", "bob") == made.at("2026-07-24T00:00-04:00")
    assert [] == made.findings()


def test_t3_2_near_the_rotation_four_pairs_take_turns_of_two_weeks() -> None:
    assert {} == near("two-week-rotation").changed()


@BOTH
def test_t3_3_on_a_holiday_the_primary_covers_so_that_none_cuts_a_turn(planned: Callable[[str], Planned]) -> None:
    made = planned("two-week-rotation")
    zone = ZoneInfo("America/New_York")
    hours = [(one.start.astimezone(zone), one.end.astimezone(zone)) for one in made.served]
    assert all((start.weekday(), start.hour) == (0, 9) for start, _ in hours)
    assert all((end.date() - start.date()).days % 14 == 0 for start, end in hours)
    assert [] == made.findings()


@BOTH
def test_t4_2_one_week_at_a_time_and_never_two_in_a_row_in_either_role(planned: Callable[[str], Planned]) -> None:
    made = planned("annual-holiday-table")
    weeks = [{*made.owners[at]} for at in sorted(made.owners)]
    assert 104 == len(weeks)
    assert [] == [one & other for one, other in pairwise(weeks) if one & other]
    # The week before the first is Eng3's with Eng5.
    assert not weeks[0] & {*serving(made.book, "2026-01-02T12:00-05:00")}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-07-04", "eng5"), ("2026-09-07", "eng1"), ("2026-11-26", "eng4"), ("2026-12-25", "eng2"),
        ("2027-01-01", "eng4"), ("2027-07-04", "eng1"), ("2027-09-06", "eng2"), ("2027-11-25", "eng5"),
        ("2027-12-25", "eng3"), ("2028-01-01", "eng5"),
    ],
)  # fmt: skip
def test_t4_3_each_major_holiday_is_covered_as_the_table_says(day: str, expected: str) -> None:
    for made in (fair("annual-holiday-table"), near("annual-holiday-table")):
        zone = "-04:00" if "-07-" in day or "-09-" in day else "-05:00"
        assert [expected] * 3 == [made.at(f"{day}T{hour}{zone}")[0] for hour in ("00:00", "12:00", "23:59")]


def test_t4_4_what_is_published_does_not_move(tmp_path: Path) -> None:
    # The thirteen weeks from 2026-04-06 in another order than the rotation's.
    pairs = (("eng5", "eng3"), ("eng4", "eng2"), ("eng3", "eng1"), ("eng2", "eng5"), ("eng1", "eng4"))
    lines = ["quarter: 2026Q2", "published: 2026-01-02T08:00:00Z", "shifts:"]
    first = datetime(2026, 4, 6, 13, tzinfo=UTC)
    told = [(first + timedelta(weeks=week), pairs[week % 5]) for week in range(13)]
    for at, (primary, secondary) in told:
        stretch = f"start: {at:%Y-%m-%dT%H:%M:%SZ}, end: {at + timedelta(weeks=1):%Y-%m-%dT%H:%M:%SZ}"
        lines.append(f"- {{{stretch}, primary: {primary}, secondary: {secondary}, why: [told]}}")
    book = with_lines(tmp_path, "annual-holiday-table", published={"2026Q2": "\n".join(lines) + "\n"})
    made = plan(book, Quarter(2026, 1).start(book.team), Quarter(2026, 4).start(book.team))
    for at, pair in told:
        assert at not in made.owners
        assert pair == made.at((at + timedelta(days=2)).isoformat())
    assert [] == made.findings()
    # And who has the last of them does not have the next week, nor who has the first the one before.
    weeks = made.owners
    assert not {*weeks[first - timedelta(weeks=1)]} & {*pairs[0]}
    assert not {*weeks[first + timedelta(weeks=13)]} & {*pairs[12 % 5]}
