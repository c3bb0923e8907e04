"""One team planned by every method on the same calendar: what each leaves unequal, and which rules it breaks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.planner.teams import random_team
from oncall_assets.rota.audit import audit
from oncall_assets.rota.fairness import measure
from oncall_assets.rota.planner.owners import Owners, final_shifts
from oncall_assets.rota.planner.problem import Problem, pose
from oncall_assets.rota.planner.rivals import greedy, longest_idle_first, round_robin
from oncall_assets.rota.planner.solver import solve
from oncall_assets.rota.planner.stages import Stage

RIVALS: Final[dict[str, Callable[[Problem], Owners]]] = {
    "round robin": round_robin,
    "longest idle first": longest_idle_first,
    "greedy": greedy,
}
PLANNER: Final = "planner"
LOAD: Final = "load"


@dataclass(frozen=True, slots=True)
class Size:
    """How many people take turns for how many weeks."""

    people: int
    weeks: int


@dataclass(frozen=True, slots=True)
class Run:
    """One random team: by method the spread in points and the rules broken; the planner's wall time and stages."""

    size: Size
    seed: int
    spreads: dict[str, float]
    broken: dict[str, int]
    seconds: float
    load: Stage


def plan(size: Size, seed: int, effort: float) -> Run:
    """The team of that size and seed, planned by the rivals and then, for up to `effort`, by the planner."""
    handbook, start, end = random_team(size.people, size.weeks, seed)
    begun = time.perf_counter()
    problem = pose(handbook, start, end)
    solution = solve(problem, effort=effort)
    seconds = time.perf_counter() - begun
    owners: dict[str, Owners] = {name: rival(problem) for name, rival in RIVALS.items()}
    owners[PLANNER] = solution.owners
    shifts = {name: final_shifts(handbook, found, start, end) for name, found in owners.items()}
    spreads = {name: measure(handbook.team, served, start, end).spread for name, served in shifts.items()}
    broken = {
        name: len(audit(handbook, served, start, end, owners=owners[name])) for name, served in shifts.items()
    }
    load = next(stage for stage in solution.stages if stage.name == LOAD)
    return Run(size, seed, spreads, broken, seconds, load)
