"""The plan of a turn before anybody is away: orders with a lag, seasons split by day, the table of holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from oncall_assets.handbook.rota import Rotation
from oncall_assets.rota import Shift, on_call, shifts
from oncall_assets.rota.plan import table_entry
from oncall_assets_tests.rota.teams import handbook, pairs, team, utc

NAMES = ["ann", "ben", "cat", "dan"]
YEAR_END = {"seasons": [{"from": "12-20", "to": "01-02"}]}


@pytest.mark.parametrize(
    ("secondary", "expected"),
    [
        ("next", [("ann", "ben"), ("ben", "cat"), ("cat", "dan"), ("dan", "ann")]),
        ({"lag": 1}, [("ann", "ben"), ("ben", "cat"), ("cat", "dan"), ("dan", "ann")]),
        ({"lag": 2}, [("ann", "cat"), ("ben", "dan"), ("cat", "ann"), ("dan", "ben")]),
        ({"lag": 7}, [("ann", "dan"), ("ben", "ann"), ("cat", "ben"), ("dan", "cat")]),
    ],
)
def test_an_order_of_single_engineers_takes_its_secondary_from_later_in_it(
    secondary: object, expected: list[tuple[str, str]]
) -> None:
    start = {"turn": "1 week", "handoff": "monday 09:00", "start": date(2026, 1, 5)}

    rotation = Rotation.model_validate({**start, "order": NAMES, "secondary": secondary})

    assert tuple(expected) == rotation.pairs


def test_turns_of_ten_days_need_no_weekday() -> None:
    fields = {"turn": "10 days", "handoff": "09:00", "start": date(2026, 1, 7), "order": [["ann", "ben"]]}

    assert "09:00" == Rotation.model_validate(fields).hour


def test_a_season_goes_round_by_day_and_the_rotation_then_resumes() -> None:
    # The turn of 2026-12-14 is the 50th, ben's; the season begins on Sunday the 20th, within it.
    book = handbook(team(order=NAMES, holidays=YEAR_END))

    found = shifts(book, utc("2026-12-19T00:00"), utc("2027-01-05T00:00"))

    assert [
        ("12-14 14:00", "ben", "cat"),
        *[
            (f"{date(2026, 12, 20) + timedelta(days=n):%m-%d} 14:00", NAMES[(1 + n) % 4], NAMES[(2 + n) % 4])
            for n in range(14)
        ],
        # Turn 52 resumes for its last day, and turn 53 follows.
        ("01-03 14:00", "dan", "ann"),
        ("01-04 14:00", "ann", "ben"),
    ] == pairs(found)
    assert "season" == found[1].reasons[-1].layer


def test_a_season_may_begin_on_a_day_that_most_years_lack() -> None:
    book = handbook(team(order=NAMES, holidays={"seasons": [{"from": "02-29", "to": "03-02"}]}))

    common, leap = (shifts(book, utc(f"{year}-02-27T00:00"), utc(f"{year}-03-04T00:00")) for year in (2027, 2028))

    assert ["03-01 14:00", "03-02 14:00"] == [at for at, _, _ in pairs(filter(_in_season, common))]
    assert ["02-29 14:00", "03-01 14:00", "03-02 14:00"] == [at for at, _, _ in pairs(filter(_in_season, leap))]


@pytest.mark.parametrize(
    ("year", "expected"), [(2025, "ann"), (2027, "cat"), (2028, "dan"), (2029, "ann"), (2041, "ann"), (2024, None)]
)
def test_a_table_goes_on_by_the_step_it_took(year: int, expected: str | None) -> None:
    assert expected == table_entry({2025: "ann", 2026: "ben", 2027: "cat"}, year, tuple(NAMES))


def test_a_table_may_step_by_more_than_one_and_backwards() -> None:
    assert "ben" == table_entry({2025: "ben", 2026: "dan"}, 2027, tuple(NAMES))
    assert "dan" == table_entry({2025: "ben", 2026: "ann"}, 2027, tuple(NAMES))
    assert "cat" == table_entry({2026: "ben"}, 2027, tuple(NAMES)), "a single year goes on by one"


def test_whom_the_table_names_leads_on_that_local_day_and_the_turns_primary_backs_up() -> None:
    # Christmas 2026 lies in the 51st turn, that of cat and dan.
    for named, expected in (("ann", ("ann", "cat")), ("cat", ("cat", "dan")), ("dan", ("dan", "cat"))):
        book = handbook(team(order=NAMES, holidays={"table": {"Christmas Day": {2026: named}}}))
        day = on_call(book, utc("2026-12-25T12:00"))

        assert expected == (day.primary, day.secondary)
        assert (utc("2026-12-25T05:00"), utc("2026-12-26T05:00")) == (day.start, day.end)
        assert ("table", f"the table of major holidays names {named} for Christmas Day 2026") == (
            day.reasons[-1].layer,
            day.reasons[-1].text,
        )


def test_whom_the_table_names_is_not_excused_by_that_holiday_but_by_a_vacation() -> None:
    table = {"rule": "excused", "table": {"Christmas Day": {2026: "ann"}}}
    vacation = [{"who": "ann", "from": date(2026, 12, 25), "to": date(2026, 12, 25)}]
    abroad = {name: {"region": "JP"} for name in NAMES if name != "ann"}

    there = on_call(handbook(team(order=NAMES, people=abroad, holidays=table)), utc("2026-12-25T12:00"))
    gone = on_call(
        handbook(team(order=NAMES, people=abroad, holidays=table, away=vacation)), utc("2026-12-25T12:00")
    )

    assert ("ann", "cat") == (there.primary, there.secondary)
    assert ("cat", "dan") == (gone.primary, gone.secondary)


def test_a_day_that_a_zone_skipped_has_no_place_in_a_season_or_table() -> None:
    # Friday, 30 December 2011, did not happen in Samoa.
    book = handbook(team("Pacific/Apia", "1 week", "00:00", date(2011, 12, 5), NAMES, holidays=YEAR_END))

    found = shifts(book, datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 2, tzinfo=UTC))

    assert all(one.start < one.end for one in found)
    assert [before.end for before in found[:-1]] == [after.start for after in found[1:]]


def _in_season(shift: Shift) -> bool:
    return any(reason.layer == "season" for reason in shift.reasons)
