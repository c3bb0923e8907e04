"""Rules that cannot all hold are told with who and when, and what would help was tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from oncall_assets.rota.planner.conflicts import Conflict, _Search, explain
from oncall_assets.rota.planner.owners import rotation_owners
from oncall_assets.rota.planner.problem import Problem, pose
from oncall_assets.rota.planner.relaxations import fewest_broken
from oncall_assets.rota.planner.rules import Broken, Rules
from oncall_assets.rota.planner.solver import solve
from oncall_assets_tests.rota.teams import away, handbook, team, utc

THREE = ["alice", "bob", "carol"]
FOUR = [*THREE, "david"]
START = utc("2026-01-05T09:00")
WEEK = timedelta(weeks=1)
ANY_ROLE = {"apart": "any_role"}
CHRISTMAS = {"major": ["Christmas Day", "New Year's Day"], "guarantee_one_major_off": True}


def posed(weeks: int, order: list[str], after: int = 0, **more: Any) -> Problem:
    start = START + after * WEEK
    return pose(handbook(team(zone="UTC", order=order, **more)), start, start + weeks * WEEK)


def explained(problem: Problem, most: int = 1) -> tuple[Conflict, ...]:
    return explain(problem, solve(problem, effort=0.05).broken, most=most)


def helpful(conflict: Conflict) -> dict[str, int]:
    """What helps, without what the rules themselves are, and how many broken rules it leaves."""
    return {one.text: one.leaves for one in conflict.relaxations if one.helps and "allow it" not in one.text}


def only(problem: Problem, conflict: Conflict, left_out: int | None) -> Problem:
    """The problem with the rules of the conflict alone, one of them left out."""
    kept = {rule for number, rule in enumerate(conflict.rules) if number != left_out}
    limits = tuple(limit for limit in problem.rules.limits if limit.broken in kept)
    evens = tuple(even for even in problem.rules.evens if kept.intersection(even.broken))
    return replace(problem, rules=Rules(limits, evens, None), budget=None)


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "two are left": lambda: posed(3, THREE, planning=ANY_ROLE, people={"carol": {"left": date(2026, 1, 15)}}),
    "three for any role": lambda: posed(3, THREE, planning=ANY_ROLE),
    "one of four is away": lambda: posed(
        3, FOUR, planning=ANY_ROLE, away=[away("carol", date(2026, 1, 12), date(2026, 1, 24))]
    ),
    "too few for Christmas": lambda: posed(
        3, FOUR, 50, holidays=CHRISTMAS, away=[away("carol", date(2026, 12, 20), date(2027, 1, 3))]
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_rules_of_a_conflict_cannot_hold_together_and_any_but_one_of_them_can(name: str) -> None:
    problem = PROBLEMS[name]()
    conflicts = explained(problem, 2)
    assert conflicts
    for conflict in conflicts:
        assert conflict.rules
        counts = [fewest_broken(only(problem, conflict, out), 5.0).value for out in range(len(conflict.rules))]
        assert 1 == fewest_broken(only(problem, conflict, None), 5.0).value
        assert [0] * len(conflict.rules) == counts


def test_two_who_are_left_serve_in_a_row_and_a_weaker_rule_is_found_to_help() -> None:
    (conflict,) = explained(PROBLEMS["two are left"]())
    assert any("carol left on 2026-01-15" in words for words in conflict.words)
    assert any("alice and bob, and each needs two people." in words for words in conflict.words)
    assert 0 == helpful(conflict)["`planning.apart: same_role` instead of `any_role`"]


def test_a_vacation_that_could_move_is_named_and_so_is_one_engineer_more() -> None:
    (conflict,) = explained(PROBLEMS["one of four is away"]())
    assert {
        "carol moves their time off (vacation, 2026-01-12 to 2026-01-24)": 0,
        "`planning.apart: same_role` instead of `any_role`": 0,
        "one engineer more": 0,
    } == helpful(conflict)
    allowed = [(one.text, one.leaves) for one in conflict.relaxations if "allow it" in one.text]
    assert [(f"allow it: {rule.text}", 1) for rule in conflict.rules] == allowed


def test_what_was_tried_in_vain_is_told_too_and_what_has_no_part_in_it_is_not() -> None:
    absences = [
        away("carol", date(2026, 1, 12), date(2026, 1, 16), why="a cure"),
        away("bob", date(2026, 2, 3), date(2026, 2, 4)),
    ]
    problem = posed(3, THREE, planning=ANY_ROLE, away=absences)
    (conflict,) = explained(problem)
    tried = {one.text: (one.helps, one.leaves) for one in conflict.relaxations}
    moved = "carol moves their time off (a cure, 2026-01-12 to 2026-01-16)"
    assert (False, fewest_broken(problem, 5.0).value) == tried[moved]
    assert not any("bob moves" in text for text in tried)


def test_fewer_people_than_the_major_holidays_need_are_counted_by_name() -> None:
    (conflict,) = explained(PROBLEMS["too few for Christmas"]())
    assert ["alice", "bob", "david"] == [rule.who for rule in conflict.rules]
    assert {"one_major_off"} == {rule.rule for rule in conflict.rules}
    assert (
        "2026-12-21 to 2027-01-04: carol is away: vacation, 2026-12-20 to 2027-01-03. Turns there can be those of "
        "alice, bob and david, and each needs two people.",
    ) == conflict.words
    assert {
        "carol moves their time off (vacation, 2026-12-20 to 2027-01-03)": 0,
        "one engineer more": 0,
    } == helpful(conflict)


def test_a_holiday_on_duty_before_the_window_is_told_as_settled() -> None:
    # The week of Christmas was carol's with david, as the rotation has it.
    gone = [away(who, date(2026, 12, 28), date(2027, 1, 3)) for who in ("alice", "bob")]
    (conflict,) = explained(posed(1, FOUR, 51, holidays=CHRISTMAS, away=gone))
    assert "carol is on duty on 2026-12-25 already, which no plan moves." == conflict.words[-1]
    assert 2 == len(conflict.words)


def test_public_holidays_are_told_where_they_excuse() -> None:
    holidays = {**CHRISTMAS, "rule": "excused"}
    gone = [away("carol", date(2026, 12, 20), date(2027, 1, 3))]
    (conflict,) = explained(posed(3, FOUR, 50, holidays=holidays, away=gone))
    assert [True, False] == ["alice is off: Christmas Day in US" in words for words in conflict.words]


def test_a_season_that_cannot_be_shared_says_whom_the_table_names() -> None:
    days = ("Christmas Eve", "Christmas Day", "Boxing Day", "New Year's Eve")
    holidays = {
        "seasons": [{"from": "12-20", "to": "01-02"}],
        "table": {day: {2026: "alice"} for day in days},
    }
    (conflict,) = explained(posed(3, [*FOUR, "erin", "fay"], 49, holidays=holidays))
    assert [("shared_season", "alice")] == [(rule.rule, rule.who) for rule in conflict.rules]
    assert conflict.words[0].startswith("2026-12-20 to 2027-01-03: nobody is away.")
    assert "The table of major holidays names alice on 4 of these days." == conflict.words[1]
    assert [(True, 0), (False, 1)] == [(one.helps, one.leaves) for one in conflict.relaxations]


def test_a_turn_before_the_window_is_told_as_settled() -> None:
    # Turn 0 was alice's with bob.
    (conflict,) = explained(posed(1, THREE, 1, planning=ANY_ROLE))
    assert any(words.endswith("one is settled: published, agreed on or past.") for words in conflict.words)


def test_a_budget_that_is_too_small_names_who_has_gone_and_one_change_more_helps() -> None:
    earlier = rotation_owners(posed(1, THREE).handbook, START, START + 6 * WEEK)
    of = team(zone="UTC", order=THREE, people={"carol": {"left": date(2026, 1, 18)}})
    problem = pose(handbook(of), START, START + 6 * WEEK, earlier=earlier, budget=2)
    (conflict,) = explained(problem)
    assert ["budget"] == [rule.rule for rule in conflict.rules]
    assert ("carol has 3 duties in the earlier plan, and is away for them.",) == conflict.words
    assert {"one change more: 3 instead of 2": 0} == helpful(conflict)


class Careless(_Search):
    """One that names every assumption it was given."""

    def _core(self, rules: Iterable[Broken]) -> list[Broken] | None:
        given = [*rules]
        return given if super()._core(given) else None


def test_a_conflict_is_minimal_whatever_the_solver_names_at_first() -> None:
    problem = PROBLEMS["one of four is away"]()
    careless = Careless(problem, 5.0)
    found = careless.minimal(careless.rules)
    assert 3 == len(found)
    assert _Search(problem, 5.0).minimal(found) == found


def test_rules_that_can_hold_have_no_conflict() -> None:
    problem = posed(3, FOUR, planning=ANY_ROLE)
    assert () == explain(problem, [limit.broken for limit in problem.rules.limits][:1])


def test_no_more_conflicts_are_told_than_asked_for() -> None:
    problem = PROBLEMS["two are left"]()
    assert [1, 2] == [len(explained(problem, most)) for most in (1, 2)]
