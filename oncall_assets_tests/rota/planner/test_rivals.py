"""Plain rotation, longest idle first and greedy: each does what its name says, among those who are free."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from oncall_assets.rota.planner.owners import Owners, rotation_owners
from oncall_assets.rota.planner.problem import Problem, pose
from oncall_assets.rota.planner.rivals import greedy, longest_idle_first, round_robin
from oncall_assets.rota.planner.score import score
from oncall_assets.rota.shift import Reason, Shift
from oncall_assets_tests.rota.teams import away, handbook, team, utc

FOUR = ["alice", "bob", "carol", "david"]
FIVE = [*FOUR, "erin"]
START = utc("2026-01-05T09:00")
WEEK = timedelta(weeks=1)
# The second turn, from the 12th on.
SECOND = date(2026, 1, 13), date(2026, 1, 15)


def posed(weeks: int = 8, order: list[str] = FOUR, after: int = 0, **more: Any) -> Problem:
    """The first weeks of a rotation, or those `after` so many."""
    start = START + after * WEEK
    return pose(handbook(team(zone="UTC", order=order, **more)), start, start + weeks * WEEK)


def pairs(owners: Owners) -> list[str]:
    """The initials of primary and secondary of each block."""
    return [primary[0] + secondary[0] for _, (primary, secondary) in sorted(owners.items())]


def test_round_robin_is_the_plain_rotation_where_nobody_is_away() -> None:
    problem = posed(after=2)
    assert rotation_owners(problem.handbook, problem.start, problem.end) == round_robin(problem)


def test_round_robin_skips_whoever_is_away_and_goes_on_as_if_nothing_had_been() -> None:
    problem = posed(4, FIVE, away=[away("bob", *SECOND)])
    assert ["ab", "cd", "cd", "de"] == pairs(round_robin(problem))


def test_round_robin_reaches_a_new_colleague_who_is_not_in_the_order_yet() -> None:
    problem = posed(6, people={"zoe": {"joined": date(2026, 1, 19)}})
    # Skipped before, zoe is the fifth in order.
    assert ["ab", "bc", "cd", "dz", "za", "ab"] == pairs(round_robin(problem))


def test_who_was_out_of_a_role_for_longest_takes_it_and_time_off_keeps_ones_place() -> None:
    problem = posed(5, FIVE, away=[away("carol", *SECOND)])
    assert ["ab", "ba", "cd", "dc", "eb"] == pairs(longest_idle_first(problem))


def test_duty_before_the_window_counts_as_not_idle() -> None:
    # Turns 0 and 1 were alice's with bob and bob's with carol.
    assert ["ca", "db", "ad"] == pairs(longest_idle_first(posed(3, after=2)))


def test_what_is_published_within_the_window_counts_as_not_idle() -> None:
    of = team(zone="UTC", order=FIVE)
    told = [Shift(START + WEEK, START + 2 * WEEK, "erin", "david", (Reason("base", "as told"),))]
    book = handbook(of, {"2026Q1": (START - WEEK, told)})
    problem = pose(book, START, START + 4 * WEEK)
    assert ["ab", "ba", "ce"] == pairs(longest_idle_first(problem))


def test_greedy_is_fairer_than_either_and_keeps_rules_that_they_break() -> None:
    absences = [away("bob", *SECOND), away("erin", date(2026, 2, 9), date(2026, 2, 13))]
    problem = posed(20, FIVE, away=absences, planning={"apart": "any_role"})
    scores = {rival: score(problem, rival(problem)) for rival in (round_robin, longest_idle_first, greedy)}
    assert scores[greedy].spread < min(scores[round_robin].spread, scores[longest_idle_first].spread)
    assert scores[round_robin].broken
    assert not scores[greedy].broken


def test_greedy_gives_nobody_a_major_holiday_too_many_where_it_can() -> None:
    holidays = {"major": ["New Year's Day", "Christmas Day"], "guarantee_one_major_off": True}
    seldom = {"carol": {"works": 0.1}, "david": {"works": 0.1}}
    # Three weeks from the 21st of December on; by their share all would be alice's and bob's.
    assert ["ab", "dc", "ba"] == pairs(greedy(posed(3, FOUR, 50, people=seldom, holidays=holidays)))


def test_greedy_evens_out_what_was_carried_over() -> None:
    # Whoever had the turn before carried 63 and 9 points beyond their share of it.
    problem = posed(2, after=1)
    assert {"alice": 58.5, "bob": 4.5, "carol": -31.5, "david": -31.5} == problem.balance.carried
    assert ["cd", "bd"] == pairs(greedy(problem))


def test_greedy_asks_for_half_of_who_works_half() -> None:
    problem = posed(26, people={"bob": {"works": 0.5}})
    duties = [who for pair in greedy(problem).values() for who in pair]
    assert 6 <= duties.count("bob") <= 9


def test_greedy_shares_the_days_of_a_season() -> None:
    problem = posed(6, FOUR, 46, holidays={"seasons": [{"from": "12-20", "to": "01-02"}]})
    assert problem.rules.evens
    assert not score(problem, greedy(problem)).broken


@pytest.mark.parametrize("rival", [round_robin, longest_idle_first, greedy])
def test_a_rival_gives_each_block_to_two_people_who_may_own_it(rival: Callable[[Problem], Owners]) -> None:
    absences = [
        away(who, date(2026, 1, 5 + 7 * turn), date(2026, 1, 9 + 7 * turn)) for turn, who in enumerate(FOUR)
    ]
    problem = posed(
        6, away=absences, people={"zoe": {"joined": date(2026, 1, 19)}, "bob": {"left": date(2026, 2, 1)}}
    )
    owners = rival(problem)
    assert [block.start for block in problem.blocks] == sorted(owners)
    for block in problem.blocks:
        primary, secondary = owners[block.start]
        assert primary != secondary
        assert {primary, secondary} <= {*problem.candidates[block.number]}
    assert owners == rival(posed(6, **_changes(absences)))


def _changes(absences: list[dict[str, Any]]) -> dict[str, Any]:
    people: dict[str, dict[str, Any]] = {"bob": {"left": date(2026, 2, 1)}, "zoe": {"joined": date(2026, 1, 19)}}
    return {"away": [*reversed(absences)], "people": people}
