"""A good plan by many small changes, for the solver to start from: on large teams finding one takes it long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp
from random import Random
from typing import Final

from oncall_assets.rota.fairness import FAIR
from oncall_assets.rota.planner.owners import Owners
from oncall_assets.rota.planner.problem import Problem
from oncall_assets.rota.planner.tally import Tally
from oncall_assets.rota.planner.worth import UNITS

# What a broken rule, a change and a holiday beyond those allowed cost, in squared points of load; where strain
# counts, also what a time of it costs, and any load beyond what is fair.
_RULE: Final = 1e7
_CHANGE: Final = 1e5
_HOLIDAY: Final = 1e5
_STRAIN: Final = 10.0
_UNFAIR: Final = 200.0
# How much worse a change may be at first and in the end, in squared points.
_HOT, _COLD = 100.0, 0.5

Given = dict[int, tuple[str, str]]
"""Blocks by number, and whom they go to."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What costs nothing: rules broken, duties that change hands, and holidays more of one person than another.

    Strain, which is stepping in and turns in a row, costs nothing unless it is `eased`.
    """

    broken: int = 0
    changes: int = 0
    holidays: int = 1
    eased: bool = False


def climb(problem: Problem, owners: Owners, allowed: Allowed, steps: int, seed: int) -> Owners:
    """The best plan met in so many steps of simulated annealing from `owners`; preferences do not count.

    It ends early with a plan that is fair, keeps to what is allowed, and has no strain where that is eased.
    """
    random = Random(seed)  # noqa: S311 - a search, no secret
    state = _State(problem, owners, allowed)
    price = best = state.price()
    kept = dict(state.owners)
    for step in range(steps):
        if best <= 0:
            break
        wanted = state.draw(random)
        before = {number: state.owners[number] for number in wanted}
        state.give(wanted)
        after = state.price()
        heat = _HOT * (_COLD / _HOT) ** (step / steps)
        if after <= price or random.random() < exp((price - after) / heat):
            price = after
            # Ease is not bought with load.
            if price < best and (state.fair or not allowed.eased):
                best, kept = price, dict(state.owners)
        else:
            state.give(before)
    return {block.start: kept[block.number] for block in problem.blocks}


class _State:
    """A plan, and what it costs, kept up to date change by change."""

    def __init__(self, problem: Problem, owners: Owners, allowed: Allowed) -> None:
        self.owners = {block.number: owners[block.start] for block in problem.blocks}
        self._problem, self._allowed = problem, allowed
        self._may = [frozenset(who) for who in problem.candidates]
        balance = problem.balance
        counted = [
            who for who in problem.handbook.team.engineers if who in problem.people or balance.available[who]
        ]
        self._number = {who: number for number, who in enumerate(problem.handbook.team.engineers)}
        self._shares = [balance.share(who) for who in self._number]
        self._loads = [balance.carried.get(who, 0.0) for who in self._number]
        self._judged = [self._number[who] for who in counted]
        self._total = 0.0
        self.fair = False
        self._known: dict[tuple[int, tuple[str, str]], list[tuple[int, float]]] = {}
        self._tally = Tally(problem)
        self._add(self._points(problem.settled.points), 1)
        for number, pair in self.owners.items():
            self._add(self._brought(number, pair), 1)
            self._tally.count(number, pair, 1)

    def price(self) -> float:
        """In squared points of load beyond what is fair; 0 is as good as can be."""
        total, loads, shares = self._total, self._loads, self._shares
        deviations = [loads[number] - shares[number] * total for number in self._judged]
        middle = sum(deviations) / len(deviations)
        low, high = middle - FAIR / 2, middle + FAIR / 2
        price = 0.0
        for one in deviations:
            if one > high:
                price += (one - high) ** 2
            elif one < low:
                price += (low - one) ** 2
        tally, allowed = self._tally, self._allowed
        # Sums of tenths are a little off; so little is nothing.
        price = price if price > 1e-9 else 0.0
        self.fair = not price
        if allowed.eased:
            price += _STRAIN * tally.strain + (_UNFAIR if price else 0.0)
        return (
            price
            + _RULE * max(tally.broken() - allowed.broken, 0)
            + _CHANGE * max(tally.changes - allowed.changes, 0)
            + _HOLIDAY * max(tally.holidays() - allowed.holidays, 0)
        )

    def draw(self, random: Random) -> Given:
        """A small change: another owner of a duty, or two duties exchanged; nothing if that cannot be."""
        blocks = len(self.owners)
        one = int(random.random() * blocks)
        primary, secondary = self.owners[one]
        if random.random() < 0.5:
            candidates = self._problem.candidates[one]
            who = candidates[int(random.random() * len(candidates))]
            if random.random() < 0.5:
                wanted = {one: (who, primary if who == secondary else secondary)}
            else:
                wanted = {one: (secondary if who == primary else primary, who)}
        else:
            other = int(random.random() * blocks)
            first, second = [primary, secondary], [*self.owners[other]]
            here, there = int(random.random() * 2), int(random.random() * 2)
            first[here], second[there] = second[there], first[here]
            wanted = {one: (first[0], first[1]), other: (second[0], second[1])} if one != other else {}
        return wanted if all(self._allows(number, *pair) for number, pair in wanted.items()) else {}

    def give(self, wanted: Given) -> None:
        for number, pair in wanted.items():
            before = self.owners[number]
            self._add(self._brought(number, before), -1)
            self._add(self._brought(number, pair), 1)
            self._tally.count(number, before, -1)
            self._tally.count(number, pair, 1)
            self.owners[number] = pair

    def _allows(self, number: int, primary: str, secondary: str) -> bool:
        may = self._may[number]
        return primary != secondary and primary in may and secondary in may

    def _brought(self, number: int, pair: tuple[str, str]) -> list[tuple[int, float]]:
        key = number, pair
        if key not in self._known:
            self._known[key] = self._points(self._problem.outcome(self._problem.blocks[number], *pair).points)
        return self._known[key]

    def _points(self, units: Iterable[tuple[str, int]]) -> list[tuple[int, float]]:
        return [(self._number[who], more / UNITS) for who, more in units]

    def _add(self, brought: Iterable[tuple[int, float]], sign: int) -> None:
        for number, points in brought:
            self._loads[number] += sign * points
            self._total += sign * points
