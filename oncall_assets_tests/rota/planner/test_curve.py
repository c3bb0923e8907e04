"""Replanning: from the fewest changes upward every change allowed makes the load fairer, until it is fair."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from oncall_assets.rota.fairness import FAIR
from oncall_assets.rota.planner.curve import curve
from oncall_assets.rota.planner.problem import Problem, pose
from oncall_assets.rota.planner.solver import solve
from oncall_assets_tests.rota.teams import away, handbook, team, utc

FOUR = ["alice", "bob", "carol", "david"]
START = utc("2026-01-05T09:00")
END = START + timedelta(weeks=8)
CASES: dict[str, dict[str, Any]] = {
    "somebody leaves": {"people": {"david": {"left": date(2026, 2, 1)}}},
    "somebody is ill for six weeks": {"away": [away("bob", date(2026, 1, 12), date(2026, 2, 22), why="ill")]},
    "a new colleague starts": {"people": {"zoe": {"joined": date(2026, 1, 26)}}},
}


@pytest.fixture(scope="module")
def earlier() -> Mapping[datetime, tuple[str, str]]:
    return solve(pose(handbook(team(zone="UTC", order=FOUR)), START, END), effort=0.2).owners


def posed(earlier: Mapping[datetime, tuple[str, str]] | None, **more: Any) -> Problem:
    return pose(handbook(team(zone="UTC", order=FOUR, **more)), START, END, earlier=earlier)


def impossible(problem: Problem) -> int:
    """Duties of the earlier plan whose owners cannot have them any more."""
    return sum(who not in problem.candidates[number] for (number, _), who in (problem.earlier or {}).items())


@pytest.mark.parametrize("case", CASES)
def test_every_change_allowed_is_used_for_fairness_only(
    case: str, earlier: Mapping[datetime, tuple[str, str]]
) -> None:
    problem = posed(earlier, **CASES[case])
    points = curve(problem, more=(0, 2, 4), effort=0.2)
    assert impossible(problem) == points[0].budget == points[0].changes
    assert [0, 2, 4][: len(points)] == [point.budget - points[0].budget for point in points]
    assert all(point.changes <= point.budget for point in points)
    assert all(after.spread < before.spread for before, after in pairwise(points))
    assert {0} == {point.broken for point in points}
    assert points[0].proven
    assert 2 <= len(points)
    assert all(point.spread > FAIR for point in points[:-1])


def test_a_plan_that_nothing_happened_to_is_one_point_without_changes(
    earlier: Mapping[datetime, tuple[str, str]],
) -> None:
    (point,) = curve(posed(earlier), effort=0.2)
    assert (0, 0, 0, True) == (point.budget, point.changes, point.broken, point.proven)
    assert point.spread <= FAIR


def test_a_problem_without_an_earlier_plan_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one that was posed with `earlier`"):
        curve(posed(None))
