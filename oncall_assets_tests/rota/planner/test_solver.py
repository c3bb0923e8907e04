"""The solver's plans beside every other plan of windows so small that all of them can be counted."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from oncall_assets.handbook import Handbook
from oncall_assets.rota.audit import audit
from oncall_assets.rota.fairness import FAIR, measure
from oncall_assets.rota.planner.owners import final_shifts, rotation_owners
from oncall_assets.rota.planner.problem import Problem, pose
from oncall_assets.rota.planner.score import Score, score
from oncall_assets.rota.planner.solver import Solution, solve
from oncall_assets.rota.quarters import Quarter
from oncall_assets_tests.rota.demands import example
from oncall_assets_tests.rota.planner.problems import FOUR, THREE, WINDOWS, drawn, every_plan, small, weeks
from oncall_assets_tests.rota.teams import away


def order(found: Score) -> tuple[float, ...]:
    """What is kept small, first things first."""
    excess = round(max(found.spread - FAIR, 0.0), 3)
    return found.violations, found.majors, excess, found.strain, found.wishes


def reached(solution: Solution) -> tuple[float, ...]:
    return tuple(round(stage.value, 3) for stage in solution.stages)


@pytest.mark.parametrize("name", WINDOWS)
def test_no_plan_at_all_is_better_than_the_solvers(name: str) -> None:
    book, count = WINDOWS[name]
    problem = pose(book, *weeks(book, 0, count))
    solution = solve(problem, effort=2)
    best = min(order(score(problem, owners)) for owners in every_plan(problem))
    assert best == pytest.approx(order(score(problem, solution.owners)), abs=0.11)
    assert best == pytest.approx(reached(solution), abs=0.11)
    assert all(stage.proven and stage.bound <= stage.value + 1e-9 for stage in solution.stages)


def test_counting_the_final_shifts_of_every_plan_finds_none_that_is_fairer() -> None:
    book = small(THREE, people={"ann": {"region": "IN", "timezone": "Asia/Kolkata"}}, holidays={"rule": "excused"})
    start, end = weeks(book, 3, 6)
    problem = pose(book, start, end)

    def spread(owners: dict[Any, tuple[str, str]]) -> float:
        return measure(
            book.team, final_shifts(book, owners, start, end), start, end, problem.balance.carried
        ).spread

    found = spread(solve(problem, effort=2).owners)
    assert min(map(spread, every_plan(problem))) == pytest.approx(found, abs=0.05)


def test_the_same_plan_in_another_process_with_other_hashes() -> None:
    code = (
        "from oncall_assets_tests.rota.planner.problems import WINDOWS, drawn\n"
        "print(drawn(*WINDOWS['part-time-and-abroad']))"
    )
    expected = drawn(*WINDOWS["part-time-and-abroad"])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{expected}\n" == done.stdout, done.stderr


def eight_pipelines(year: int) -> tuple[Handbook, Problem, Solution]:
    book = example("eight-pipelines")
    start, end = Quarter(year, 1).start(book.team), Quarter(year + 1, 1).start(book.team)
    problem = pose(book, start, end, earlier=rotation_owners(book, start, end))
    return book, problem, solve(problem, effort=1)


@pytest.mark.parametrize("year", [2026, 2027])
def test_t0_3_one_duty_changes_hands_and_everybody_has_a_major_holiday_off(year: int) -> None:
    book, problem, solution = eight_pipelines(year)
    shifts = final_shifts(book, solution.owners, problem.start, problem.end)
    assert () == audit(book, shifts, problem.start, problem.end, owners=solution.owners)
    rules, changes, *_ = solution.stages
    assert (("broken rules", 0.0, True), ("changes", 1.0, True)) == (
        (rules.name, rules.value, rules.proven),
        (changes.name, changes.value, changes.proven),
    )
    rotation = final_shifts(book, {}, problem.start, problem.end)
    assert {"one_major_off"} == {one.rule for one in audit(book, rotation, problem.start, problem.end)}


def test_a_budget_of_changes_is_kept_and_used() -> None:
    book = small(FOUR, away=[away("ann", date(2027, 1, 18), date(2027, 2, 28))])
    start, end = weeks(book, 0, 8)
    before = rotation_owners(book, start, end)
    spreads, changes = [], []
    for budget in (None, 8, 12):
        problem = pose(book, start, end, earlier=before, budget=budget)
        found = score(problem, solve(problem, effort=2).owners)
        spreads.append(found.spread)
        changes.append(found.changes)
    assert changes[0] < 8 >= changes[1] < 12 >= changes[2]
    assert spreads[0] > spreads[1] >= spreads[2]


def test_more_changes_needed_than_allowed_are_told_and_there_still_is_a_plan() -> None:
    book = small(FOUR, away=[away("ann", date(2027, 1, 18), date(2027, 2, 28))])
    start, end = weeks(book, 0, 8)
    problem = pose(book, start, end, earlier=rotation_owners(book, start, end), budget=1)
    solution = solve(problem, effort=1)
    assert ["budget"] == [one.rule for one in solution.broken]
    assert len(problem.blocks) == len(solution.owners)
    changed = score(problem, solution.owners).changes
    assert (changed - 1, True) == (solution.stages[0].value, solution.stages[0].proven)


def test_who_joins_leaves_or_works_half_time_carries_their_share() -> None:
    people: dict[str, dict[str, Any]] = {
        "ben": {"left": date(2027, 2, 28)},
        "cat": {"works": 0.5},
        "eve": {"joined": date(2027, 3, 1)},
    }
    book = small(FOUR, people=people)
    start, end = weeks(book, 0, 16)
    problem = pose(book, start, end)
    solution = solve(problem, effort=1)
    found = measure(book.team, final_shifts(book, solution.owners, start, end), start, end)
    load = {one.who: one for one in found.loads}
    assert {*FOUR, "eve"} == set(load)
    assert found.spread <= FAIR + 0.01
    assert (0.0, True) == (solution.stages[2].value, solution.stages[2].proven)
    assert load["cat"].points == pytest.approx(load["ann"].points / 2, abs=FAIR)
    assert all("ben" not in pair for at, pair in solution.owners.items() if at.date() >= date(2027, 3, 1))
