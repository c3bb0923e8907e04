"""Why rules cannot all hold, who and when: smallest sets that exclude each other, and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oncall_assets.rota.planner.aims import add_rules
from oncall_assets.rota.planner.circumstances import circumstances
from oncall_assets.rota.planner.model import build
from oncall_assets.rota.planner.problem import Problem
from oncall_assets.rota.planner.relaxations import Relaxation, relaxations
from oncall_assets.rota.planner.rules import Broken

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpSolver

_EFFORT: Final = 10.0


@dataclass(frozen=True, slots=True)
class Conflict:
    """Instances of rules that no plan keeps all, though any of them can be given up for the others.

    `words` say who is away when and who is left; each of `relaxations` was tried.
    """

    rules: tuple[Broken, ...]
    words: tuple[str, ...]
    relaxations: tuple[Relaxation, ...]


def explain(
    problem: Problem, broken: Iterable[Broken], *, most: int = 3, effort: float = _EFFORT
) -> tuple[Conflict, ...]:
    """A conflict for each of the first `most` rules of `broken`, which are what a best plan breaks.

    `effort` is the solver's deterministic time for each question asked; what it does not suffice for is left out.
    """
    search, given_up = _Search(problem, effort), sorted(broken)
    kept = [rule for rule in search.rules if rule not in given_up]
    found: list[Conflict] = []
    for rule in given_up:
        rules = search.minimal([rule, *kept])
        if rules:
            tried = relaxations(problem, rules, effort)
            found.append(Conflict(rules, circumstances(problem, rules), tried))
        if len(found) == most:
            break
    return tuple(found)


class _Search:
    """The problem with every rule as an assumption that can be made or left out."""

    def __init__(self, problem: Problem, effort: float) -> None:
        self._model = build(problem)
        self._effort = effort
        add_rules(self._model)
        self.rules = sorted(self._model.rules)
        self._rule_of = {(~literal).index: rule for rule, literal in self._model.rules.items()}

    def minimal(self, rules: Sequence[Broken]) -> tuple[Broken, ...]:
        """A set of `rules` that cannot hold together, each needed for that; none if they can, or nobody knows."""
        left = self._core(rules) or []
        needed: list[Broken] = []
        while left:
            one = left.pop()
            smaller = self._core([*needed, *left])
            if smaller is None:
                needed.append(one)
            else:
                left = [rule for rule in left if rule in smaller]
        return tuple(sorted(needed)) if needed and self._excluded(needed) else ()

    def _core(self, rules: Iterable[Broken]) -> list[Broken] | None:
        """Those of `rules` that the solver needed to refute them all; None if it did not."""
        from ortools.sat.python import cp_model

        cp = self._model.cp
        cp.clear_assumptions()
        cp.add_assumptions([~self._model.rules[rule] for rule in rules])
        solver = self._solver(cp_model.CpSolver())
        # With presolve the solver has been seen to name assumptions that suffice for nothing.
        solver.parameters.cp_model_presolve = False
        if solver.solve(cp) != cp_model.INFEASIBLE:
            return None
        return sorted(self._rule_of[index] for index in solver.sufficient_assumptions_for_infeasibility())

    def _excluded(self, rules: Iterable[Broken]) -> bool:
        """Whether no plan keeps the rules, asked in another way than `_core` does."""
        from ortools.sat.python import cp_model

        cp = self._model.cp.clone()
        cp.clear_assumptions()
        for rule in rules:
            cp.add(cp.get_bool_var_from_proto_index(self._model.rules[rule].index) == 0)
        return self._solver(cp_model.CpSolver()).solve(cp) == cp_model.INFEASIBLE

    def _solver(self, solver: CpSolver) -> CpSolver:
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = self._effort
        return solver
