"""The solver's model beside plain counting: with all owners given, every aim is what it is counted to be."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from ortools.sat.python import cp_model

from oncall_assets.rota.fairness import FAIR
from oncall_assets.rota.planner import aims
from oncall_assets.rota.planner.aims import Aim
from oncall_assets.rota.planner.load import even_load
from oncall_assets.rota.planner.model import build
from oncall_assets.rota.planner.owners import Owners
from oncall_assets.rota.planner.problem import Problem, pose
from oncall_assets.rota.planner.score import score
from oncall_assets_tests.rota.planner.problems import FOUR, small, weeks
from oncall_assets_tests.rota.planner.test_rules import BOOKS, DECEMBER, drawn
from oncall_assets_tests.rota.teams import away

WISHES = {"rather_not": [away("ann", DECEMBER, DECEMBER), away("cat", DECEMBER, DECEMBER)]}


def counted(problem: Problem, owners: Owners) -> list[float]:
    """Every aim by the model, in units, if these own the blocks."""
    model = build(problem)
    for literal, value in model.wanted(owners):
        model.cp.add(literal == int(value))
    found = []
    for made in (
        aims.add_rules,
        aims.fewest_changes,
        aims.even_holidays,
        even_load,
        aims.fewest_strains,
        aims.fewest_wishes,
    ):
        aim: Aim = made(model)
        model.cp.minimize(aim.sum)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        assert cp_model.OPTIMAL == solver.solve(model.cp)
        found.append(solver.objective_value / aim.scale)
    return found


@pytest.mark.parametrize("name", [*BOOKS, "wishes"])
def test_with_the_owners_given_every_aim_is_what_counting_says(name: str) -> None:
    book = BOOKS.get(name) or small(FOUR, start=DECEMBER, planning=WISHES, people={"dan": {"works": 0.5}})
    start, end = weeks(book, 0 if name == "wishes" else 1, 6)
    random = Random(5)
    problem = pose(book, start, end, earlier=drawn(pose(book, start, end), random), budget=4)
    for _ in range(3):
        owners = drawn(problem, random)
        found = score(problem, owners)
        excess = max(found.spread - FAIR, 0.0)
        assert [found.violations, found.changes, found.majors, excess, found.strain, found.wishes] == (
            pytest.approx(counted(problem, owners), abs=0.15)
        )


def test_whoever_is_away_owns_a_block_only_where_too_few_are_there_for_all_of_it() -> None:
    four = small(FOUR, away=[away("ann", date(2027, 1, 5), date(2027, 1, 6))])
    assert (("ben", "cat", "dan"),) == pose(four, *weeks(four, 0, 1)).candidates
    gone = [
        away("ann", date(2027, 1, 5), date(2027, 1, 6)),
        away("ben", date(2027, 1, 5), date(2027, 1, 9)),
    ]
    few = small(FOUR, away=gone)
    assert (("ann", "cat", "dan"),) == pose(few, *weeks(few, 0, 1)).candidates
    start, end = weeks(four, 0, 1)
    assert (("ann", "ben", "cat", "dan"),) == pose(four, start, end, earlier={start: ("ann", "ben")}).candidates
