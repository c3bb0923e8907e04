"""A plan judged stage by stage, by plain counting: the solver is held to it, and so are its rivals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oncall_assets.rota.planner.blocks import Duty
from oncall_assets.rota.planner.owners import Owners
from oncall_assets.rota.planner.problem import Problem
from oncall_assets.rota.planner.rules import Atom, Broken, On, Owns
from oncall_assets.rota.planner.worth import Outcome
from oncall_assets.rota.shift import ROLES


@dataclass(frozen=True, slots=True)
class Score:
    """What each stage of planning keeps small, in their order; `spread` is in points of load.

    `violations` are the rules `broken`, where each change beyond a budget counts.
    """

    broken: tuple[Broken, ...]
    violations: int
    changes: int
    majors: int
    spread: float
    strain: int
    wishes: int


def score(problem: Problem, owners: Owners) -> Score:
    """How the window comes out if these own its blocks."""
    outcomes = problem.outcomes(owners)
    served = {(who, day) for one in (problem.settled, *outcomes) for who, day in one.majors if problem.within(day)}
    counts = [
        sum(who == other for other, _ in served) for who in problem.people if who in problem.balance.throughout
    ]
    deviations = problem.deviations(outcomes).values()
    wrong, changed = tuple(sorted(_broken(problem, owners, outcomes))), len(changes(problem, owners))
    over = max(changed - problem.budget - 1, 0) if problem.budget is not None else 0
    return Score(
        broken=wrong,
        violations=len(wrong) + over,
        changes=changed,
        majors=max(counts, default=0) - min(counts, default=0),
        spread=max(deviations, default=0.0) - min(deviations, default=0.0),
        strain=len(close_turns(problem, owners)) + sum(len(one.steps) for one in outcomes),
        wishes=sum(
            problem.wishes.get((block.number, who), 0) for block in problem.blocks for who in owners[block.start]
        ),
    )


def broken(problem: Problem, owners: Owners) -> tuple[Broken, ...]:
    """What of the problem's rules does not hold if these own its blocks, in order."""
    return tuple(sorted(_broken(problem, owners, problem.outcomes(owners))))


def _broken(problem: Problem, owners: Owners, outcomes: Sequence[Outcome]) -> Iterator[Broken]:
    true: set[Atom] = {On(day, who) for one in (problem.settled, *outcomes) for who, day in one.majors}
    for block in problem.blocks:
        true |= {Owns(block.number, role, who) for role, who in zip(ROLES, owners[block.start], strict=True)}
    for limit in problem.rules.limits:
        if any(len(true.intersection(atoms)) > most for atoms, most in limit.groups):
            yield limit.broken
    for even in problem.rules.evens:
        led = [
            had + sum(outcomes[number].leads == who for number in even.blocks)
            for who, had in zip(even.people, even.had, strict=True)
        ]
        yield from (one for one, days in zip(even.broken, led, strict=True) if days > min(led) + 1)
    if problem.rules.budget and problem.budget is not None and len(changes(problem, owners)) > problem.budget:
        yield problem.rules.budget


def changes(problem: Problem, owners: Owners) -> tuple[Duty, ...]:
    """The duties that the earlier plan gives to somebody else, in order; those it does not know do not count."""
    before = problem.earlier or {}
    return tuple(
        (block.number, role)
        for block in problem.blocks
        for role, who in zip(ROLES, owners[block.start], strict=True)
        if before.get((block.number, role), who) != who
    )


def close_turns(problem: Problem, owners: Owners) -> set[tuple[str, int]]:
    """Who has a turn, in any role, right after another one, and the index of the second; seasons aside."""
    turns: dict[int, set[str]] = {}
    for block in problem.blocks:
        if block.season is None:
            turns.setdefault(block.turn, set()).update(owners[block.start])
    return {(who, turn) for turn, people in turns.items() for who in people & turns.get(turn - 1, set())}
