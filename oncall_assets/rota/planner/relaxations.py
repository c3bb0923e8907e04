"""What would help where rules cannot all hold: single concessions, each tried, so that none is advised in vain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from oncall_assets.handbook.planning import Apart
from oncall_assets.handbook.team import Team
from oncall_assets.rota.holidays import local_day
from oncall_assets.rota.planner.aims import add_rules
from oncall_assets.rota.planner.circumstances import blocks_of
from oncall_assets.rota.planner.model import build
from oncall_assets.rota.planner.problem import Problem, pose
from oncall_assets.rota.planner.rivals import greedy
from oncall_assets.rota.planner.rules import Broken, Rules
from oncall_assets.rota.planner.score import score
from oncall_assets.rota.planner.stages import Stage, Stages

_WEAKER: Final[dict[Apart, Apart]] = {"any_role": "same_role", "same_role": "free"}
_SEED: Final = 7
# So many of the rules, and of the vacations, are tried.
_TRIED: Final = 6


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One concession in words: how many broken rules a plan that makes it leaves, and whether these are fewer."""

    text: str
    helps: bool
    leaves: int


def relaxations(problem: Problem, rules: Iterable[Broken], effort: float) -> tuple[Relaxation, ...]:
    """The concessions that suggest themselves for `rules`, each tried on the whole problem for up to `effort`.

    Left out is what the effort did not suffice to judge.
    """
    before = fewest_broken(problem, effort)
    found = []
    for text, changed in _concessions(problem, tuple(sorted(rules))):
        after = fewest_broken(changed(), effort)
        helps = after.value < before.bound
        if helps or after.bound >= before.value:
            found.append(Relaxation(text, helps, round(after.value)))
    return tuple(found)


def fewest_broken(problem: Problem, effort: float) -> Stage:
    """How few rules a plan breaks, each change beyond a budget counted as one."""
    owners = greedy(problem)
    stages = Stages(build(problem), owners, effort, _SEED)
    return stages.reach(add_rules(stages.model), score(problem, owners).violations, 1.0)


def _concessions(problem: Problem, rules: tuple[Broken, ...]) -> Iterator[tuple[str, Callable[[], Problem]]]:
    """Each in words, with what makes the problem that it leaves."""
    budget = problem.rules.budget
    for rule in [rule for rule in rules if rule != budget][:_TRIED]:
        yield f"allow it: {rule.text}", _bind(_without, problem, rule)
    if budget in rules and problem.budget is not None:
        more = problem.budget + 1
        yield f"one change more: {more} instead of {problem.budget}", _bind(_with_budget, problem, more)
    team = problem.handbook.team
    for number in _vacations(problem, rules)[:_TRIED]:
        entry = team.away[number]
        text = f"{entry.who} moves their time off ({entry.why}, {entry.first} to {entry.last})"
        others = [other for place, other in enumerate(team.away) if place != number]
        yield text, _bind(_with_team, problem, team.model_copy(update={"away": others}))
    apart = team.planning.apart
    if apart in _WEAKER and any(rule.rule == "apart" for rule in rules):
        weaker = team.planning.model_copy(update={"apart": _WEAKER[apart]})
        text = f"`planning.apart: {_WEAKER[apart]}` instead of `{apart}`"
        yield text, _bind(_with_team, problem, team.model_copy(update={"planning": weaker}))
    yield "one engineer more", _bind(_with_team, problem, _one_more(team, problem.start))


def _bind(change: Callable[..., Problem], *arguments: object) -> Callable[[], Problem]:
    return lambda: change(*arguments)


def _without(problem: Problem, rule: Broken) -> Problem:
    limits = tuple(limit for limit in problem.rules.limits if limit.broken != rule)
    evens = tuple(even for even in problem.rules.evens if rule not in even.broken)
    return replace(problem, rules=Rules(limits, evens, problem.rules.budget))


def _with_budget(problem: Problem, budget: int) -> Problem:
    return replace(problem, budget=budget)


def _with_team(problem: Problem, team: Team) -> Problem:
    handbook = replace(problem.handbook, team=team)
    return pose(handbook, problem.start, problem.end, earlier=problem.earlier_owners, budget=problem.budget)


def _vacations(problem: Problem, rules: tuple[Broken, ...]) -> list[int]:
    """The entries of `away` that touch the blocks of the rules, by their place."""
    team, blocks = problem.handbook.team, blocks_of(problem, rules)
    found = []
    for number, entry in enumerate(team.away):
        zone = ZoneInfo(team.engineers[entry.who].timezone)
        start, end = local_day(entry.first, zone)[0], local_day(entry.last, zone)[1]
        if any(block.start < end and start < block.end for block in blocks):
            found.append(number)
    return found


def _one_more(team: Team, start: datetime) -> Team:
    """With somebody who joined before the window and lives where the first in order does."""
    names = ("somebody new", *(f"somebody new {number}" for number in range(2, len(team.engineers) + 3)))
    name = next(name for name in names if name not in team.engineers)
    joined = (start - timedelta(days=2)).date()
    like = team.engineers[team.rotation.ring[0]].model_copy(update={"joined": joined, "left": None})
    return team.model_copy(update={"engineers": {**team.engineers, name: like}})
