"""Rest between turns, the days of a season, and the days of a long holiday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from oncall_assets.rota import Shift
from oncall_assets_tests.rota.audit.plans import FIRST, WEEK, by_utc, days, found, shift, told, weeks
from oncall_assets_tests.rota.teams import away, handbook, utc

SAME_ROLE = {"apart": "same_role"}
ANY_ROLE = {"apart": "any_role"}


@pytest.mark.parametrize(
    ("text", "same_role", "any_role"),
    [
        ("ab cd ab cd", [], []),
        ("ab bc cd da", [], [("bob", "01-12"), ("carol", "01-19"), ("david", "01-26")]),
        ("ab ac cd ab", [("alice", "01-12")], [("alice", "01-12"), ("carol", "01-19")]),
        ("ab cb da cb", [("bob", "01-12")], [("bob", "01-12")]),
    ],
)
def test_two_turns_in_a_row_are_found(
    text: str, same_role: list[tuple[str, str]], any_role: list[tuple[str, str]]
) -> None:
    assert [] == found(by_utc(), weeks(text))
    for planning, expected in ((SAME_ROLE, same_role), (ANY_ROLE, any_role)):
        served = found(by_utc(planning=planning), weeks(text), start=FIRST)
        assert [("apart", who, f"{day} 00:00") for who, day in expected] == sorted(served, key=lambda one: one[2])


def test_the_role_is_named() -> None:
    (finding,) = told(by_utc(planning=SAME_ROLE), weeks("ab cb da cd"))
    assert "bob is secondary from 2026-01-05 and again from 2026-01-12" == finding[3]


def test_the_turn_before_the_window_counts_by_the_rotation_or_as_published() -> None:
    # The second week of the rotation is Bob's with Carol.
    later = weeks("ba cd", FIRST + 2 * WEEK)
    assert [("apart", "bob", "01-19 00:00")] == found(by_utc(planning=SAME_ROLE), later)
    was = {"2026Q1": (utc("2025-10-01T00:00"), weeks("ab cd"))}
    assert [] == found(handbook(by_utc(planning=SAME_ROLE), was), later)
    assert [("apart", "david", "01-19 00:00")] == found(
        handbook(by_utc(planning=SAME_ROLE), was), weeks("bd ca", FIRST + 2 * WEEK)
    )


def test_the_turn_before_is_its_owners_though_somebody_else_served() -> None:
    gone = by_utc(planning=SAME_ROLE, away=[away("bob", date(2026, 1, 12), date(2026, 1, 18))])
    assert [("apart", "bob", "01-19 00:00")] == found(gone, weeks("ba cd", FIRST + 2 * WEEK))


def test_whoever_stands_in_for_a_day_has_no_turn() -> None:
    covered = (shift("2026-01-05", "2026-01-07", "ab"), shift("2026-01-07", "2026-01-08", "cb"))
    plan = (*covered, shift("2026-01-08", "2026-01-12", "ab"), *weeks("cd ab", FIRST + WEEK))
    assert [] == found(by_utc(planning=ANY_ROLE), plan)


def test_owners_count_where_they_are_given_though_others_served_for_longer() -> None:
    pairs = {FIRST: ("alice", "bob"), FIRST + WEEK: ("alice", "david")}
    assert [("apart", "alice", "01-12 00:00")] == found(by_utc(planning=SAME_ROLE), weeks("ab cd"), owners=pairs)


def test_what_is_published_needs_no_rest_but_what_follows_it_does() -> None:
    was = {"2026Q1": (utc("2025-10-01T00:00"), weeks("ab ac"))}
    book = handbook(by_utc(planning=SAME_ROLE), was)
    assert [] == found(book, weeks("ab ac bd"))
    assert [("apart", "alice", "01-19 00:00")] == found(book, weeks("ab ac ad"))


WINTER = {"seasons": [{"from": "01-12", "to": "01-25"}]}


def test_days_of_a_season_belong_to_no_turn() -> None:
    # Two weeks of days, and a turn on either side of them.
    plan = (*weeks("ab"), *days("ab bc cd da " * 3 + "ab bc", FIRST + WEEK), *weeks("ab", FIRST + 3 * WEEK))
    assert [] == found(by_utc(planning=ANY_ROLE, holidays=WINTER), plan)


def test_the_rest_of_a_turn_that_a_season_cuts_is_one() -> None:
    # Of the second week, Monday to Wednesday are the season's.
    season = {"seasons": [{"from": "01-12", "to": "01-14"}]}
    cut = (*weeks("ab"), *days("cd da bc", FIRST + WEEK))
    rest = timedelta(days=3)
    assert [] == found(
        by_utc(planning=ANY_ROLE, holidays=season),
        (*cut, shift("2026-01-15", "2026-01-19", "cd")),
        end=FIRST + 2 * WEEK,
    )
    again = (*cut, shift("2026-01-15", "2026-01-19", "ad"))
    expected = [("apart", "alice", f"{FIRST + WEEK + rest:%m-%d} 00:00")]
    assert expected == found(by_utc(planning=ANY_ROLE, holidays=season), again)


def test_over_one_day_of_a_season_more_than_another_is_found() -> None:
    # Fourteen days of four people: three or four each.
    even = days("ab bc cd da " * 3 + "ab bc", FIRST + WEEK)
    assert [] == found(by_utc(holidays=WINTER), even)
    uneven = days("ab bc cd da " * 2 + "ab ac ad ab bc cd", FIRST + WEEK)
    assert [] == found(by_utc(holidays=WINTER), days("ab bc cd da " * 3 + "ab da", FIRST + WEEK))
    five_and_three = days("ab bc cd da " * 3 + "ab ac", FIRST + WEEK)
    assert [("shared_season", "alice", "01-12 00:00")] == found(by_utc(holidays=WINTER), five_and_three)
    (finding,) = told(by_utc(holidays=WINTER), uneven)
    assert ("shared_season", "alice", "01-12 00:00") == finding[:3]
    expected = "alice is primary on 6 days of the season from 2026-01-12, david on 2: over one more"
    assert expected == finding[3]


def test_only_who_is_there_for_all_of_a_season_is_compared() -> None:
    without_david = days("ab bc ca " * 4 + "ab bc", FIRST + WEEK)
    gone = by_utc(holidays=WINTER, away=[away("david", date(2026, 1, 20), date(2026, 1, 20))])
    assert [] == found(gone, without_david)
    every = [("shared_season", who, "01-12 00:00") for who in ("alice", "bob", "carol")]
    assert every == found(by_utc(holidays=WINTER), without_david)


def test_a_day_is_whose_it_is_for_most_of_it() -> None:
    day = FIRST + WEEK
    parted = (
        shift("2026-01-12T00:00", "2026-01-12T13:00", "ab"),
        shift("2026-01-12T13:00", "2026-01-13T00:00", "db"),
    )
    rest = days("bc cd da ab bc cd da ab bc cd da ab bc", day + timedelta(days=1))
    assert [] == found(by_utc(holidays=WINTER), (*parted, *rest))


def test_a_season_counts_with_its_days_before_the_window_once_it_is_over() -> None:
    # The rotation has the first of the days for Bob, and so on: four days each before Alice has all of the rest.
    late = days("ab ac ad ab ac", FIRST + WEEK + timedelta(days=9))
    assert [("shared_season", "alice", "01-12 00:00")] == found(by_utc(holidays=WINTER), late)
    assert [] == found(by_utc(holidays=WINTER), late[:-1])


# Alice's Thanksgiving 2026 in California is Thursday 2026-11-26 with the day after it, in UTC days here.
LONG = {"rule": "secondary_covers", "share_multi_day": True}
HOME = {"alice": {"region": "US-CA"}, **{who: {"region": "GB"} for who in ("bob", "carol", "david")}}
THANKSGIVING = datetime(2026, 11, 23, tzinfo=UTC)


def with_thanksgiving(thursday: str, friday: str) -> tuple[Shift, ...]:
    return (
        shift("2026-11-23", "2026-11-26", "ab"),
        shift("2026-11-26", "2026-11-27", thursday),
        shift("2026-11-27", "2026-11-28", friday),
        shift("2026-11-28", "2026-11-30", "ab"),
    )


def test_one_who_carries_all_days_of_a_long_holiday_is_found() -> None:
    team = by_utc(people=HOME, holidays=LONG)
    owners = {THANKSGIVING: ("alice", "bob")}
    assert [] == found(team, with_thanksgiving("bc", "cd"), owners=owners)
    assert [("shared_holiday", "bob", "11-26 00:00")] == found(team, with_thanksgiving("bc", "bc"), owners=owners)
    (finding,) = told(team, with_thanksgiving("bc", "bc"), owners=owners)
    expected = "bob carries all 2 days of alice's Thanksgiving Day from 2026-11-26, although carol and david could"
    assert f"{expected} share them" == finding[3]


def test_unless_nobody_else_could_or_the_team_does_not_share() -> None:
    away_on_friday = [away(who, date(2026, 11, 27), date(2026, 11, 27)) for who in ("carol", "david")]
    gone = by_utc(people=HOME, holidays=LONG, away=away_on_friday)
    plan = with_thanksgiving("bc", "ba")
    assert "shared_holiday" not in {rule for rule, *_ in found(gone, plan)}
    unshared = by_utc(people=HOME, holidays={"rule": "secondary_covers"})
    assert [] == found(unshared, with_thanksgiving("bc", "bc"))


def test_a_holiday_of_one_day_is_nothing_to_share() -> None:
    # Columbus Day is no holiday of California's; Veterans Day, 2026-11-11, stands alone.
    plan = (
        shift("2026-11-09", "2026-11-11", "ab"),
        shift("2026-11-11", "2026-11-12", "bc"),
        shift("2026-11-12", "2026-11-16", "ab"),
    )
    assert [] == found(by_utc(people=HOME, holidays=LONG), plan)
