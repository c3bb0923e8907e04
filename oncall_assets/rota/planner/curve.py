"""What fairness costs in changes when a plan is made anew, so that a team can choose how many it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from oncall_assets.rota.fairness import FAIR
from oncall_assets.rota.planner.instances import rules_of
from oncall_assets.rota.planner.problem import Problem
from oncall_assets.rota.planner.score import score
from oncall_assets.rota.planner.solver import EFFORT, Solution, solve

# Changes beyond the fewest possible: each step costs a solution, and the first ones gain most.
_MORE: Final = (0, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class Point:
    """The fairest plan found with at most `budget` changes: duties that change hands, and its spread in points.

    `broken` counts the rules that it breaks. `proven` means that no plan within the budget breaks fewer or, beyond
    what counts as fair, is fairer.
    """

    budget: int
    changes: int
    spread: float
    broken: int
    proven: bool


def curve(
    problem: Problem, *, more: tuple[int, ...] = _MORE, effort: float = EFFORT, seed: int = 7
) -> tuple[Point, ...]:
    """A point for each budget from the fewest changes possible upward, until the load is fair.

    `more` are the changes beyond the fewest, in order; `effort` is spent on each point. Raises ValueError where
    the problem has no earlier plan.
    """
    if problem.earlier is None:
        raise ValueError("the problem has no earlier plan to change; expected one that was posed with `earlier`")
    return tuple(_points(problem, more, effort, seed))


def _points(problem: Problem, more: tuple[int, ...], effort: float, seed: int) -> Iterator[Point]:
    open_ended = replace(problem, budget=None, rules=replace(problem.rules, budget=None))
    best = solve(open_ended, effort=effort, seed=seed)
    fewest = score(open_ended, best.owners).changes
    duties = len(problem.earlier or {})
    for number, budget in enumerate(dict.fromkeys(min(fewest + step, duties) for step in (0, *more))):
        if number:
            allowed = replace(problem, budget=budget)
            allowed = replace(allowed, rules=rules_of(allowed))
            best = solve(allowed, effort=effort, seed=seed, warm=best.owners)
        point = _point(open_ended, best, budget)
        yield point
        if point.spread <= FAIR:
            return


def _point(problem: Problem, found: Solution, budget: int) -> Point:
    reached = score(problem, found.owners)
    names = {"broken rules", "changes", "major holidays", "load"}
    proven = all(stage.proven for stage in found.stages if stage.name in names)
    return Point(budget, reached.changes, reached.spread, len(reached.broken), proven)
