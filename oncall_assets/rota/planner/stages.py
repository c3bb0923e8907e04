"""One aim after the other, each kept while the next is sought, with what the solver could prove of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from oncall_assets.rota.planner.aims import Aim
from oncall_assets.rota.planner.model import Model
from oncall_assets.rota.planner.owners import Owners
from oncall_assets.rota.planner.rules import Owns
from oncall_assets.rota.shift import ROLES

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpSolver

# So little that presolve alone takes longer is not worth beginning.
_LEAST: Final = 0.01


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage reached, and the least that it could have, in `unit`; proven if the two are one."""

    name: str
    value: float
    bound: float
    proven: bool
    unit: str


class Stages:
    """The stages of one model so far: `owners` are the best plan, `left` is the effort that may still be spent."""

    def __init__(self, model: Model, owners: Owners, effort: float, seed: int) -> None:
        self.model = model
        self.owners: dict[datetime, tuple[str, str]] = dict(owners)
        self.left = effort
        self._seed = seed

    def reach(self, aim: Aim, now: float, part: float) -> Stage:
        """The aim as small as `part` of the effort left can make it, from then on kept.

        `now` is its value for the plan so far, in the aim's own unit.
        """
        units, bound = aim.least, float(aim.least)
        if now * aim.scale > aim.least:
            units, bound = self._lowered(aim, part)
        self.model.cp.add(aim.sum <= units + aim.slack)
        return Stage(aim.name, units / aim.scale, bound / aim.scale, units <= bound, aim.unit)

    def _lowered(self, aim: Aim, part: float) -> tuple[int, float]:
        """Value and bound, in units of the aim's sum."""
        from ortools.sat.python import cp_model

        self.model.cp.minimize(aim.sum)
        units = self._hinted()
        solver = self._solver(max(self.left * part, _LEAST))
        status = solver.solve(self.model.cp)
        self.left -= solver.response_proto.deterministic_time
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self.owners = self._read(solver)
            units = round(solver.objective_value)
        self.model.cp.clear_objective()  # type: ignore[no-untyped-call]
        return units, max(float(aim.least), min(solver.best_objective_bound, units))

    def _hinted(self) -> int:
        """Tells the solver the plan so far, down to the last variable; what the aim is under it."""
        cp = self.model.cp
        cp.clear_hints()  # type: ignore[no-untyped-call]
        for literal, value in self.model.wanted(self.owners):
            cp.add_hint(literal, value)
        solver = self._solver(self.left)
        solver.parameters.fix_variables_to_their_hinted_value = True
        solver.solve(cp)
        found = solver.response_proto.solution
        cp.clear_hints()  # type: ignore[no-untyped-call]
        for index, value in enumerate(found):
            cp.proto.solution_hint.vars.append(index)
            cp.proto.solution_hint.values.append(value)
        return round(solver.objective_value)

    def _solver(self, effort: float) -> CpSolver:
        from ortools.sat.python import cp_model

        solver = cp_model.CpSolver()
        # One worker and its own clock: two runs are alike on any machine.
        solver.parameters.num_workers = 1
        solver.parameters.interleave_search = True
        solver.parameters.random_seed = self._seed
        solver.parameters.max_deterministic_time = effort
        return solver

    def _read(self, solver: CpSolver) -> dict[datetime, tuple[str, str]]:
        return {
            block.start: (self._owner(solver, block.number, 0), self._owner(solver, block.number, 1))
            for block in self.model.problem.blocks
        }

    def _owner(self, solver: CpSolver, number: int, role: int) -> str:
        return next(
            who
            for who in self.model.problem.candidates[number]
            if solver.value(self.model.owns[Owns(number, ROLES[role], who)])
        )
