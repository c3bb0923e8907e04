"""The plan that no other beats, aim by aim, with the bounds that prove it: CP-SAT, started from a good plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from typing import Final

from oncall_assets.rota.fairness import FAIR
from oncall_assets.rota.planner import aims
from oncall_assets.rota.planner.climb import Allowed, climb
from oncall_assets.rota.planner.load import even_load
from oncall_assets.rota.planner.model import build
from oncall_assets.rota.planner.owners import Owners, rotation_owners
from oncall_assets.rota.planner.problem import Problem
from oncall_assets.rota.planner.rivals import greedy
from oncall_assets.rota.planner.rules import Broken
from oncall_assets.rota.planner.score import score
from oncall_assets.rota.planner.stages import Stage, Stages

# In the solver's own seconds, which are the same on any machine; about three of a clock's.
EFFORT: Final = 30.0
# Small changes that are tried for one unit of effort.
_STEPS: Final = 10_000
_ANY: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Solution:
    """The best plan found, what each stage reached, and the rules that it breaks.

    Equal problem, seed and effort give an equal plan, with one release of the solver.
    """

    owners: dict[datetime, tuple[str, str]]
    stages: tuple[Stage, ...]
    broken: tuple[Broken, ...]
    solver: str
    seed: int
    effort: float


def solve(problem: Problem, *, effort: float = EFFORT, seed: int = 7, warm: Owners | None = None) -> Solution:
    """The best plan of the problem that can be found, and proven, with so much effort. It may start from `warm`.

    There always is one: what rules cannot hold together is broken as little as can be.
    """
    steps = round(effort * _STEPS)
    most = _ANY if problem.budget is None else problem.budget
    found = Stages(build(problem), _start(problem, warm), effort, seed)
    model, stages = found.model, []
    if problem.earlier is None or problem.budget is not None:
        found.owners = _climbed(problem, found.owners, Allowed(changes=most), steps, seed)
    stages.append(found.reach(aims.add_rules(model), score(problem, found.owners).violations, 0.4))
    if problem.earlier is not None and problem.budget is None:
        stages.append(found.reach(aims.fewest_changes(model), score(problem, found.owners).changes, 0.5))
        most = score(problem, found.owners).changes
    stages.append(found.reach(aims.even_holidays(model), score(problem, found.owners).majors, 0.3))
    reached = score(problem, found.owners)
    allowed = Allowed(reached.violations, most, reached.majors)
    found.owners = _climbed(problem, found.owners, allowed, steps, seed)
    excess = max(score(problem, found.owners).spread - FAIR, 0.0)
    stages.append(found.reach(even_load(model), excess if excess > 1e-6 else 0.0, 0.8))
    if not stages[-1].value:
        found.owners = _climbed(problem, found.owners, replace(allowed, eased=True), steps, seed)
    stages.append(found.reach(aims.fewest_strains(model), score(problem, found.owners).strain, 0.2))
    stages.append(found.reach(aims.fewest_wishes(model), score(problem, found.owners).wishes, 1.0))
    return Solution(found.owners, tuple(stages), score(problem, found.owners).broken, _version(), seed, effort)


def _climbed(
    problem: Problem, owners: Owners, allowed: Allowed, steps: int, seed: int
) -> dict[datetime, tuple[str, str]]:
    """The plan climbed to from `owners`, unless it gave up something that comes first."""
    better = climb(problem, owners, allowed, steps, seed)
    return {**(better if _rank(problem, better) < _rank(problem, owners) else owners)}


def _start(problem: Problem, warm: Owners | None) -> Owners:
    """The best of the plans at hand: those given, what the rotation says, and a greedy one."""
    filled = greedy(problem)
    starts = [filled, _completed(problem, rotation_owners(problem.handbook, problem.start, problem.end), filled)]
    if (earlier := problem.earlier_owners) is not None:
        starts.append(_completed(problem, earlier, filled))
    if warm is not None:
        starts.append(_completed(problem, warm, filled))
    return min(starts, key=lambda one: _rank(problem, one))


def _completed(problem: Problem, owners: Owners, filled: Owners) -> Owners:
    """The owners, and where one of them cannot be, those of `filled`."""
    found = {}
    for block in problem.blocks:
        pair = owners.get(block.start, ("", ""))
        candidates = problem.candidates[block.number]
        found[block.start] = pair if all(who in candidates for who in pair) else filled[block.start]
    return found


def _rank(problem: Problem, owners: Owners) -> tuple[float, ...]:
    found = score(problem, owners)
    changes = found.changes if problem.budget is None else 0
    return found.violations, changes, found.majors, max(found.spread, FAIR), found.strain, found.wishes


def _version() -> str:
    return f"OR-Tools CP-SAT {version('ortools')}"
