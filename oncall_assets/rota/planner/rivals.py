"""What a team would do without an optimiser: a plan's fairness is seen beside it on the same calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from oncall_assets.rota.availability import available_hours
from oncall_assets.rota.cover import Cover
from oncall_assets.rota.planner.blocks import Block
from oncall_assets.rota.planner.owners import Owners, gaps, rotation_owners
from oncall_assets.rota.planner.problem import Problem
from oncall_assets.rota.planner.rules import Atom, On, Owns
from oncall_assets.rota.planner.worth import UNITS, Outcome
from oncall_assets.rota.turns import turn_number

# So far back somebody's last duty is looked for.
_PAST: Final = timedelta(weeks=52)
# Pairs are formed of so many of the least loaded.
_NEAR: Final = 12


def round_robin(problem: Problem) -> Owners:
    """The plain rotation: a place further with every block, and whoever is not free there is skipped.

    It goes on from whose turn it is in the first block; the secondary is the next one after the primary.
    """
    people, planned = problem.people, rotation_owners(problem.handbook, problem.start, problem.end)
    owners = {}
    for block in problem.blocks:
        first = planned[problem.blocks[0].start][0]
        place = (people.index(first) if first in people else 0) + block.number
        order = [people[(place + step) % len(people)] for step in range(len(people))]
        primary, secondary, *_ = (who for who in order if who in problem.candidates[block.number])
        owners[block.start] = primary, secondary
    return owners


def longest_idle_first(problem: Problem) -> Owners:
    """Of whoever is free, who has been out of a role for longest takes it: first the primary, then the secondary.

    The rule by which LinkedIn's Oncall fills a schedule, role by role. Whoever never had the role comes first;
    among equals the order decides.
    """
    served = sorted(_served(problem))
    owners: dict[datetime, tuple[str, str]] = {}
    led: dict[str, datetime] = {}
    backed: dict[str, datetime] = {}
    for block in problem.blocks:
        while served and served[0][0] < block.end:
            ended, primary, secondary = served.pop(0)
            led[primary] = backed[secondary] = ended
        free = problem.candidates[block.number]
        primary = _longest_out(led, free)
        secondary = _longest_out(backed, (who for who in free if who != primary))
        owners[block.start] = primary, secondary
        led[primary] = backed[secondary] = block.end
    return owners


def _longest_out(last: Mapping[str, datetime], free: Iterable[str]) -> str:
    return min(free, key=lambda who: last[who].timestamp() if who in last else 0.0)


def greedy(problem: Problem) -> Owners:
    """Block by block the pair that breaks fewest rules and, of these, leaves the loads so far least unequal.

    A load so far counts with what was carried over, against the share of the availability so far.
    """
    filling = _Filling(problem)
    for block in problem.blocks:
        filling.give(block)
    return filling.owners


class _Filling:
    """A plan while it is made, with what everybody has by now: units of load, season days, atoms that are true."""

    def __init__(self, problem: Problem) -> None:
        self.owners: dict[datetime, tuple[str, str]] = {}
        self._problem = problem
        self._load = dict.fromkeys(problem.handbook.team.engineers, 0.0)
        self._add(problem.settled.points)
        self._total = sum(self._load.values())
        self._add((who, round(points * UNITS)) for who, points in problem.balance.carried.items())
        self._led: dict[tuple[datetime | object, str], int] = {}
        self._groups, self._room = problem.rules.groups()
        self._true: set[Atom] = set()
        self._hold(On(day, who) for who, day in problem.settled.majors)

    def give(self, block: Block) -> None:
        """Owners for the block."""
        beyond = self._beyond(block.end)
        near = sorted(self._problem.candidates[block.number], key=lambda who: beyond[who])[:_NEAR]
        ranked = []
        for pair in ((one, other) for one in near for other in near if one != other):
            outcome = self._problem.outcome(block, *pair)
            atoms = _atoms(block, pair, outcome)
            led = self._led.get((block.season, outcome.leads), 0) if block.season else 0
            uneven = sum(2 * beyond[who] * units + units * units for who, units in outcome.points)
            ranked.append(((self._breaks(atoms), led, uneven), pair, outcome))
        _, pair, outcome = min(ranked, key=lambda one: one[0])
        self.owners[block.start] = pair
        self._add(outcome.points)
        self._total += sum(units for _, units in outcome.points)
        self._led[block.season, outcome.leads] = self._led.get((block.season, outcome.leads), 0) + 1
        self._hold(_atoms(block, pair, outcome))

    def _beyond(self, until: datetime) -> dict[str, float]:
        """By engineer the load so far, less their share of it by availability so far."""
        team = self._problem.handbook.team
        there = {who: available_hours(team, who, self._problem.start, until) for who in team.engineers}
        everybody = sum(there.values()) or 1.0
        return {who: self._load[who] - self._total * hours / everybody for who, hours in there.items()}

    def _breaks(self, atoms: Iterable[Atom]) -> int:
        """How many groups of a limit have no room for the atoms."""
        needed: dict[int, int] = {}
        for atom in set(atoms) - self._true:
            for group in self._groups.get(atom, ()):
                needed[group] = needed.get(group, 0) + 1
        return sum(self._room[group] < count for group, count in needed.items())

    def _hold(self, atoms: Iterable[Atom]) -> None:
        for atom in set(atoms) - self._true:
            self._true.add(atom)
            for group in self._groups.get(atom, ()):
                self._room[group] -= 1

    def _add(self, points: Iterable[tuple[str, int]]) -> None:
        for who, units in points:
            self._load[who] += units


def _atoms(block: Block, pair: tuple[str, str], outcome: Outcome) -> list[Atom]:
    owned: list[Atom] = [Owns(block.number, "primary", pair[0]), Owns(block.number, "secondary", pair[1])]
    return owned + [On(day, who) for who, day in outcome.majors]


def _served(problem: Problem) -> Iterator[tuple[datetime, str, str]]:
    """The ends of shifts that no plan moves, before the window and in it, and who served."""
    team, cover = problem.handbook.team, Cover(problem.handbook)
    begun = turn_number(team.rotation, ZoneInfo(team.timezone), 0).start
    first = max(problem.start - _PAST, min(begun, problem.start))
    for start, end in gaps(((block.start, block.end) for block in problem.blocks), first, problem.end):
        for shift in cover.expand(start, end):
            yield min(shift.end, end), shift.primary, shift.secondary
