"""A plan with its certificate: solved, run through the resolver's layers, measured, and judged by the auditor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from oncall_assets.handbook.published import PublishedShift
from oncall_assets.rota.audit import Finding, audit, switched_on
from oncall_assets.rota.fairness import measure
from oncall_assets.rota.planfile import (
    VERSION,
    Certificate,
    ChangedDuty,
    OwnedBlock,
    PlanFile,
    RuleFile,
    StageFile,
    digest,
)
from oncall_assets.rota.planner.owners import final_shifts, rotation_owners
from oncall_assets.rota.planner.problem import Problem
from oncall_assets.rota.planner.rivals import greedy, longest_idle_first
from oncall_assets.rota.shift import ROLES, Shift

if TYPE_CHECKING:
    from oncall_assets.rota.planner.solver import Solution

PLAIN: Final = "plain rotation"
IDLE: Final = "longest idle first"
GREEDY: Final = "least loaded first"

Pairs = Mapping[datetime, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Certified:
    """A plan to store, and what the auditor found in it."""

    plan: PlanFile
    findings: tuple[Finding, ...]


def certified(problem: Problem, solution: Solution, now: datetime, earlier: Pairs | None = None) -> Certified:
    """What the solution of the problem comes to, made at the instant `now`.

    Every figure is taken from the final shifts, but for the values and the bounds of the stages.
    """
    handbook, start, end = problem.handbook, problem.start, problem.end
    carried = dict(problem.balance.carried)
    served = final_shifts(handbook, solution.owners, start, end)
    load = measure(handbook.team, served, start, end, carried)
    found = audit(handbook, served, start, end, owners=solution.owners, earlier=earlier, budget=problem.budget)
    certificate = Certificate(
        solver=solution.solver,
        seed=solution.seed,
        effort=solution.effort,
        stages=[
            StageFile(name=one.name, value=one.value, bound=one.bound, proven=one.proven, unit=one.unit)
            for one in solution.stages
        ],
        spread=load.spread,
        rivals=_rivals(problem),
        rules=_rules(problem, found),
        budget=problem.budget,
        changed=_changed(solution.owners, earlier or {}),
        carried=carried,
        deviations={one.who: one.deviation for one in load.loads},
    )
    return Certified(
        PlanFile(
            version=VERSION,
            start=start,
            end=end,
            made=now,
            handbook=digest(handbook.team),
            certificate=certificate,
            owners=[
                OwnedBlock(start=at, primary=pair[0], secondary=pair[1])
                for at, pair in sorted(solution.owners.items())
            ],
            shifts=[*map(_stored, served)],
        ),
        found,
    )


def _rivals(problem: Problem) -> dict[str, float]:
    """The spread of each way to do without an optimiser, on the same calendar."""
    handbook, start, end = problem.handbook, problem.start, problem.end
    ways = {
        PLAIN: rotation_owners(handbook, start, end),
        IDLE: longest_idle_first(problem),
        GREEDY: greedy(problem),
    }
    return {
        name: measure(
            handbook.team, final_shifts(handbook, owners, start, end), start, end, problem.balance.carried
        ).spread
        for name, owners in ways.items()
    }


def _rules(problem: Problem, found: Iterable[Finding]) -> list[RuleFile]:
    texts: dict[str, list[str]] = {rule: [] for rule in switched_on(problem.handbook.team, problem.budget)}
    for finding in found:
        texts.setdefault(finding.rule, []).append(finding.text)
    return [RuleFile(rule=rule, violations=len(told), instances=told) for rule, told in texts.items()]


def _changed(owners: Pairs, earlier: Pairs) -> list[ChangedDuty]:
    return [
        ChangedDuty(start=at, role=role, before=before, after=after)
        for at in sorted(owners.keys() & earlier.keys())
        for role, before, after in zip(ROLES, earlier[at], owners[at], strict=True)
        if before != after
    ]


def _stored(shift: Shift) -> PublishedShift:
    return PublishedShift(
        start=shift.start, end=shift.end, primary=shift.primary, secondary=shift.secondary, why=list(shift.why)
    )
