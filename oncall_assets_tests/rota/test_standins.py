"""Who serves for those who are away: by vacation, by membership, by a holiday of their own, or by half a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oncall_assets.rota import Shift, shifts
from oncall_assets_tests.rota.teams import away, handbook, pairs, team, utc

NAMES = ["ann", "ben", "cat", "dan"]
# The first turn is that of ann and ben, from Monday the 5th, 14:00 UTC.
WEEK = (utc("2026-01-05T14:00"), utc("2026-01-12T14:00"))
ABROAD: dict[str, dict[str, Any]] = {name: {"region": "JP"} for name in NAMES}


def week(*absences: dict[str, Any], **more: Any) -> list[Shift]:
    return shifts(handbook(team(order=NAMES, away=list(absences), **more)), *WEEK)


def test_when_the_primary_is_away_the_secondary_leads_and_the_next_in_order_backs_up() -> None:
    found = week(away("ann", date(2026, 1, 7), date(2026, 1, 8), why="moving house"))

    assert [("01-05 14:00", "ann", "ben"), ("01-07 00:00", "ben", "cat"), ("01-09 00:00", "ann", "ben")] == pairs(
        found
    )
    assert (
        "ann is away: moving house, 2026-01-07 to 2026-01-08",
        "ben, the secondary, becomes primary",
        "cat, next in order, becomes secondary",
    ) == found[1].why[1:]
    assert ["base", "vacation", "vacation", "vacation"] == [reason.layer for reason in found[1].reasons]


def test_time_off_that_was_entered_twice_is_told_once() -> None:
    twice = [away("ann", date(2026, 1, 7), date(2026, 1, 8))] * 2

    assert week(twice[0]) == week(*twice)


def test_when_the_secondary_is_away_the_next_in_order_backs_up() -> None:
    found = week(away("ben", date(2026, 1, 7), date(2026, 1, 8)))

    assert ("01-07 00:00", "ann", "cat") == pairs(found)[1]


def test_when_both_are_away_the_next_two_in_order_serve() -> None:
    found = week(away("ann", date(2026, 1, 1), date(2026, 2, 1)), away("ben", date(2026, 1, 1), date(2026, 2, 1)))

    assert [("01-05 14:00", "cat", "dan")] == pairs(found)


def test_volunteers_are_asked_first_for_a_missing_secondary() -> None:
    found = week(away("ann", date(2026, 1, 7), date(2026, 1, 8)), volunteers=["eve"], people={"eve": {}})

    assert ("01-07 00:00", "ben", "eve") == pairs(found)[1]
    assert "volunteer" == found[1].reasons[-1].layer


def test_a_volunteer_does_not_lead_where_both_are_away() -> None:
    found = week(
        away("ann", date(2026, 1, 1), date(2026, 2, 1)),
        away("ben", date(2026, 1, 1), date(2026, 2, 1)),
        volunteers=["eve"],
        people={"eve": {}},
    )

    assert [("01-05 14:00", "cat", "eve")] == pairs(found)


def test_where_both_are_away_somebody_leads_who_did_not_only_offer_to_back_up() -> None:
    book = handbook(
        team(
            order=[*NAMES, "eve"],
            volunteers=["cat", "dan"],
            away=[
                away("ann", date(2026, 1, 1), date(2026, 2, 1)),
                away("ben", date(2026, 1, 1), date(2026, 2, 1)),
            ],
        )
    )

    assert [("01-05 14:00", "eve", "cat")] == pairs(shifts(book, *WEEK))


def test_one_stand_in_covers_the_whole_stretch_where_anybody_can() -> None:
    # cat is next in order and gone for the last of three days; dan can do all of them.
    found = week(away("ann", date(2026, 1, 7), date(2026, 1, 9)), away("cat", date(2026, 1, 9), date(2026, 1, 9)))

    assert ("01-07 00:00", "ben", "dan") == pairs(found)[1]
    assert 3 == len(found)


def test_a_stretch_is_split_only_where_nobody_can_cover_all_of_it() -> None:
    found = week(
        away("ann", date(2026, 1, 6), date(2026, 1, 10)),
        away("cat", date(2026, 1, 10), date(2026, 1, 10)),
        away("dan", date(2026, 1, 6), date(2026, 1, 6)),
    )

    assert [("01-06 00:00", "ben", "cat"), ("01-10 00:00", "ben", "dan")] == pairs(found)[1:3]


def test_the_stand_in_stays_where_a_second_one_goes_missing() -> None:
    found = week(away("ann", date(2026, 1, 6), date(2026, 1, 9)), away("ben", date(2026, 1, 8), date(2026, 1, 8)))

    assert [("01-06 00:00", "ben", "cat"), ("01-08 00:00", "cat", "dan"), ("01-09 00:00", "ben", "cat")] == pairs(
        found
    )[1:4]


def test_dates_are_those_of_the_engineers_own_zone() -> None:
    people = {"ann": {"timezone": "Asia/Kolkata"}}

    found = week(away("ann", date(2026, 1, 7), date(2026, 1, 7)), people=people)

    assert ("01-06 18:30", "01-07 18:30") == (f"{found[1].start:%m-%d %H:%M}", f"{found[1].end:%m-%d %H:%M}")


def test_part_of_a_day_is_away_by_the_hour() -> None:
    found = week(away("ann", date(2026, 1, 7), date(2026, 1, 7), from_hour="13:00", to_hour="17:00"))

    assert ["01-05 14:00", "01-07 13:00", "01-07 17:00"] == [at for at, _, _ in pairs(found)]


def test_nobody_serves_before_the_first_day_or_after_the_last() -> None:
    joined = week(people={"ann": {"joined": date(2026, 1, 8)}})
    left = week(people={"ben": {"left": date(2026, 1, 8)}})

    assert [("01-05 14:00", "ben", "cat"), ("01-08 00:00", "ann", "ben")] == pairs(joined)
    assert [("01-05 14:00", "ann", "ben"), ("01-09 00:00", "ann", "cat")] == pairs(left)
    assert ("membership", "ann joins on 2026-01-08") == (joined[0].reasons[1].layer, joined[0].reasons[1].text)


def test_public_holidays_change_nothing_where_the_primary_covers() -> None:
    # Monday, 12 January 2026, is a holiday in Japan, and New Year's Day is one everywhere.
    found = week(people=ABROAD, holidays={"rule": "primary_covers"})

    assert [("01-05 14:00", "ann", "ben")] == pairs(found)


@pytest.mark.parametrize("rule", ["excused", "secondary_covers"])
def test_the_primary_is_off_on_a_holiday_of_their_own_region_only(rule: str) -> None:
    found = week(people={"ann": {"region": "JP", "timezone": "Asia/Tokyo"}}, holidays={"rule": rule})

    assert [("01-05 14:00", "ann", "ben"), ("01-11 15:00", "ben", "cat")] == pairs(found)
    assert ("holiday", "ann is off: Coming of Age Day in JP") == (found[1].reasons[1].layer, found[1].why[1])


def test_the_secondary_is_off_too_where_everybody_is_excused_and_not_where_the_secondary_covers() -> None:
    people = {"ben": {"region": "JP"}}

    assert ("01-12 00:00", "ann", "cat") == pairs(week(people=people, holidays={"rule": "excused"}))[1]
    assert 1 == len(week(people=people, holidays={"rule": "secondary_covers"}))


def test_a_holiday_of_all_is_worked_by_those_whose_turn_it_is_and_counted() -> None:
    found = week(people=ABROAD, holidays={"rule": "excused"})

    assert [("01-05 14:00", "ann", "ben"), ("01-12 00:00", "ann", "ben")] == pairs(found)
    assert "ann serves on Coming of Age Day in JP, as fewer than two would be free" in found[1].why


def test_a_holiday_of_all_but_one_is_worked_by_the_one_and_whose_turn_it_is() -> None:
    found = week(people={**ABROAD, "dan": {"region": "US"}}, holidays={"rule": "excused"})

    assert ("01-12 00:00", "ann", "dan") == pairs(found)[1]


def test_on_a_holiday_of_all_the_secondary_leads_and_the_primary_backs_up_where_the_secondary_covers() -> None:
    found = week(people=ABROAD, holidays={"rule": "secondary_covers"})

    assert ("01-12 00:00", "ben", "ann") == pairs(found)[1]


def test_a_vacation_never_falls_away() -> None:
    found = week(away("ann", date(2026, 1, 12), date(2026, 1, 12)), people=ABROAD, holidays={"rule": "excused"})

    assert ("01-12 00:00", "ben", "cat") == pairs(found)[1]


def test_a_long_holiday_is_shared_by_day_where_that_is_asked_for() -> None:
    # In England Christmas 2026 runs from Friday to Monday, as Boxing Day is observed on the 28th.
    english = {"ann": {"region": "GB-ENG", "timezone": "Europe/London"}}
    start = (utc("2026-12-21T14:00"), utc("2026-12-28T14:00"))
    order = ["cat", "dan", "ann", "ben"]
    people = {**english, "ben": {"region": "JP"}, "cat": {"region": "JP"}, "dan": {"region": "JP"}}

    def christmas(share: bool) -> list[tuple[str, str, str]]:
        holidays = {"rule": "secondary_covers", "share_multi_day": share}
        return pairs(shifts(handbook(team(order=order, people=people, holidays=holidays)), *start))

    assert [
        ("12-21 14:00", "ann", "ben"),
        ("12-25 00:00", "ben", "cat"),
        ("12-26 00:00", "cat", "dan"),
        ("12-27 00:00", "dan", "ben"),
        ("12-28 00:00", "ben", "cat"),
    ] == christmas(share=True)
    # Not shared, the 27th is a Sunday and no holiday.
    assert [("ben", "cat"), ("ben", "cat"), ("ann", "ben"), ("ben", "cat")] == [
        (primary, secondary) for _, primary, secondary in christmas(share=False)[1:]
    ]


def test_a_long_holiday_of_all_is_shared_all_the_same() -> None:
    english = {name: {"region": "GB-ENG", "timezone": "Europe/London"} for name in NAMES}
    holidays = {"rule": "secondary_covers", "share_multi_day": True}
    book = handbook(team(order=["cat", "dan", "ann", "ben"], people=english, holidays=holidays))

    found = pairs(shifts(book, utc("2026-12-25T00:00"), utc("2026-12-28T14:00")))

    assert ["ben", "cat", "dan", "ben"] == [primary for _, primary, _ in found]
    assert {"ann"} == {secondary for _, _, secondary in found}
