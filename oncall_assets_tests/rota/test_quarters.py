"""Quarters from hand-off to hand-off."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from oncall_assets.rota import Quarter
from oncall_assets.rota.quarters import planned_quarters
from oncall_assets_tests.rota.teams import team, utc


def test_a_quarter_is_read_and_written_the_same_way() -> None:
    assert Quarter(2027, 1) == Quarter.parse("2027Q1")
    assert "2027Q1" == str(Quarter(2027, 1))
    assert Quarter(2028, 1) == Quarter(2027, 4).next
    assert Quarter(2027, 4) == Quarter(2028, 1).previous
    assert Quarter(2027, 2) == Quarter(2027, 3).previous


@pytest.mark.parametrize(
    ("day", "number"),
    [("2027-01-01", 1), ("2027-03-31", 1), ("2027-04-01", 2), ("2027-09-30", 3), ("2027-12-31", 4)],
)
def test_a_day_lies_in_the_quarter_of_the_calendar(day: str, number: int) -> None:
    assert Quarter(2027, number) == Quarter.on(date.fromisoformat(day))


def test_twenty_years_of_quarters_are_planned_from_the_rotations_first_on() -> None:
    found = planned_quarters(team(start=date(2026, 5, 4)))
    assert (80, Quarter(2026, 2), Quarter(2046, 1)) == (len(found), found[0], found[-1])
    assert [one.next for one in found[:-1]] == found[1:]


@pytest.mark.parametrize("text", ["2027q1", "2027Q5", "Q1 2027", "2027-Q1", "", "2027Q1 "])
def test_anything_else_is_no_quarter(text: str) -> None:
    with pytest.raises(ValueError, match="is no quarter; expected one such as 2027Q1"):
        Quarter.parse(text)


def test_a_quarter_runs_from_its_first_hand_off_to_that_of_the_next() -> None:
    weekly = team()

    assert utc("2027-01-04T14:00") == Quarter(2027, 1).start(weekly)
    assert utc("2027-04-05T13:00") == Quarter(2027, 1).end(weekly) == Quarter(2027, 2).start(weekly)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2027-01-04T13:59", Quarter(2026, 4)),
        ("2027-01-04T14:00", Quarter(2027, 1)),
        ("2027-04-05T12:59", Quarter(2027, 1)),
        ("2027-04-05T13:00", Quarter(2027, 2)),
    ],
)
def test_a_turn_belongs_to_the_quarter_of_its_local_start(at: str, expected: Quarter) -> None:
    assert expected == Quarter.of(team(), utc(at))


@pytest.mark.parametrize("turn", ["1 day", "3 days", "10 days", "2 weeks", "20 weeks"])
def test_the_quarter_of_an_instant_holds_it(turn: str) -> None:
    of = team(turn=turn, start=date(2026, 1, 7))
    at = utc("2025-11-01T00:00")
    while at < utc("2027-12-01T00:00"):
        quarter = Quarter.of(of, at)
        assert quarter.start(of) <= at < quarter.end(of)
        at += timedelta(hours=31)
