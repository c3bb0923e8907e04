"""The page shows what the shifts say: where a bar stands, who is away, and where it is not the one in turn."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from oncall_assets.handbook import Handbook
from oncall_assets.rota import Quarter, Shift, shifts
from oncall_assets.rota.shift import serving
from oncall_assets.rota.views import sheet
from oncall_assets.rota.weeks import Week, weeks
from oncall_assets_tests.rota.handbooks import handbook_plus

Q1 = Quarter(2027, 1)
AUTUMN = datetime(2026, 10, 1, 8, tzinfo=UTC)
WEEK = timedelta(days=7)
LIFE = """
holidays: {rule: secondary_covers}
away: [{who: bob, from: 2027-01-12, to: 2027-01-13, why: moving}]
"""


@pytest.fixture
def handbook(tmp_path: Path) -> Handbook:
    return handbook_plus(tmp_path / "book", LIFE)


def quarter_of(handbook: Handbook) -> list[Shift]:
    return shifts(handbook, Q1.start(handbook.team), Q1.end(handbook.team))


def at(week: Week, percent: float) -> datetime:
    """The wall time at that place of the week, to the second."""
    seconds = round(percent / 100 * WEEK.total_seconds())
    return datetime(week.monday.year, week.monday.month, week.monday.day) + timedelta(seconds=seconds)  # noqa: DTZ001 - a wall time


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_bars_stand_where_the_wall_clock_says_and_leave_nothing_out(handbook: Handbook, zone: str) -> None:
    served, clock = quarter_of(handbook), ZoneInfo(zone)
    for role in ("primary", "secondary"):
        drawn = [
            (at(week, piece.left), at(week, piece.right), bar.who)
            for week in weeks(served, clock)
            for bar in week.bars
            if bar.role == role
            for piece in bar.pieces
        ]
        first, last = (instant.astimezone(clock) for instant in (served[0].start, served[-1].end))
        assert (first.replace(tzinfo=None), last.replace(tzinfo=None)) == (drawn[0][0], drawn[-1][1])
        assert all(before[1] == after[0] for before, after in pairwise(drawn))
        for start, end, who in drawn:
            middle = (start + (end - start) / 2).replace(tzinfo=clock).astimezone(UTC)
            (shift,) = [shift for shift in served if shift.start <= middle < shift.end]
            assert serving(shift, role) == who


def test_a_bar_ends_where_its_person_stops_and_not_where_the_week_does(handbook: Handbook) -> None:
    found = weeks(quarter_of(handbook), ZoneInfo(handbook.team.timezone))
    bars = [[bar for bar in week.bars if bar.role == "primary"] for week in found]
    assert bars[0][0].starts
    assert bars[-1][-1].ends
    for before, after in pairwise(bars):
        same = before[-1].who == after[0].who
        assert (not same, not same) == (before[-1].ends, after[0].starts)
        assert all(left.ends and right.starts for left, right in pairwise(before))


def test_a_fold_marks_exactly_the_roles_that_somebody_else_than_the_one_in_turn_has(handbook: Handbook) -> None:
    served = quarter_of(handbook)
    order = handbook.team.rotation.pairs
    begun = datetime(2026, 1, 5, 9, tzinfo=ZoneInfo("America/New_York"))
    expected = set()
    for shift in served:
        local = shift.start.astimezone(begun.tzinfo).replace(tzinfo=None)
        primary, secondary = order[((local - begun.replace(tzinfo=None)) // WEEK) % len(order)]
        expected |= {(shift.start, "primary")} if shift.primary != primary else set()
        expected |= {(shift.start, "secondary")} if shift.secondary != secondary else set()
    assert expected
    assert expected == sheet(handbook.team, Q1, served, AUTUMN).changed


def test_each_day_names_whose_public_holiday_it_is_and_who_is_away(handbook: Handbook) -> None:
    marks = sheet(handbook.team, Q1, quarter_of(handbook), AUTUMN).marks
    told = {
        (day, mark.kind, mark.text): mark.who
        for day, found in marks.items()
        for mark in found
        if date(2027, 1, 11) <= day <= date(2027, 1, 26)
    }
    assert {
        (date(2027, 1, 12), "away", "moving"): ("bob",),
        (date(2027, 1, 13), "away", "moving"): ("bob",),
        (date(2027, 1, 18), "holiday", "Martin Luther King Jr. Day"): ("alice", "bob"),
        (date(2027, 1, 26), "holiday", "Republic Day"): ("david",),
    } == told
