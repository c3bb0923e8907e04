"""What a plan in the making breaks and changes, counted as it changes: counting anew takes too long."""

from __future__ import annotations

from oncall_assets.rota.planner.blocks import Duty
from oncall_assets.rota.planner.problem import Problem
from oncall_assets.rota.planner.rules import Atom, On, Owns
from oncall_assets.rota.shift import ROLES

_Mark = tuple[list[Atom], str, int, int]


class Tally:
    """Counts of one plan, given block by block to its owners, and taken back.

    `changes` is how many duties an earlier plan gives to somebody else, `strain` how often anybody steps in or has
    turns in a row.
    """

    def __init__(self, problem: Problem) -> None:
        self.changes = 0
        self.strain = 0
        self._turns: dict[tuple[int, str], int] = {}
        self._problem = problem
        self._budget = problem.budget
        self._true: dict[Atom, int] = {}
        self._groups, self._left = problem.rules.groups()
        self._over = sum(left < 0 for left in self._left)
        evens = problem.rules.evens
        self._led = [dict(zip(even.people, even.had, strict=True)) for even in evens]
        self._season = {number: index for index, even in enumerate(evens) for number in even.blocks}
        self._served = {who: 0 for who in problem.people if who in problem.balance.throughout}
        self._marks: dict[tuple[int, tuple[str, str]], _Mark] = {}
        self._count([On(day, who) for who, day in problem.settled.majors], 1)

    def count(self, number: int, pair: tuple[str, str], sign: int) -> None:
        """The pair gets the block, or with -1 loses it."""
        key = number, pair
        if key not in self._marks:
            self._marks[key] = self._mark(number, pair)
        atoms, leads, changed, steps = self._marks[key]
        self._count(atoms, sign)
        self.changes += sign * changed
        self.strain += sign * steps
        block = self._problem.blocks[number]
        if block.season is None:
            for who in pair:
                self._had(block.turn, who, sign)
        if leads:
            self._led[self._season[number]][leads] += sign

    def broken(self) -> int:
        """How many rules are broken, about: an instance of several groups may count for each."""
        uneven = sum(days > min(led.values()) + 1 for led in self._led for days in led.values())
        over = max(self.changes - self._budget, 0) if self._budget is not None else 0
        return self._over + uneven + over

    def holidays(self) -> int:
        """How many major holidays one person is on duty more than another."""
        return max(self._served.values(), default=0) - min(self._served.values(), default=0)

    def _mark(self, number: int, pair: tuple[str, str]) -> _Mark:
        """What counts of the pair's owning the block: atoms, who leads a day of a season, and duties changed."""
        outcome = self._problem.outcome(self._problem.blocks[number], *pair)
        atoms: list[Atom] = [Owns(number, role, who) for role, who in zip(ROLES, pair, strict=True)]
        atoms = [atom for atom in atoms if atom in self._groups]
        atoms += [On(day, who) for who, day in outcome.majors]
        leads = (
            outcome.leads if number in self._season and outcome.leads in self._led[self._season[number]] else ""
        )
        earlier = self._problem.earlier or {}
        duties: list[Duty] = [(number, role) for role in ROLES]
        changed = sum(earlier.get(duty, who) != who for duty, who in zip(duties, pair, strict=True))
        return atoms, leads, changed, len(outcome.steps)

    def _had(self, turn: int, who: str, sign: int) -> None:
        """A role more, or less, of somebody in a turn."""
        before = self._turns.get((turn, who), 0)
        self._turns[turn, who] = before + sign
        if not before or not before + sign:
            beside = sum(self._turns.get((other, who), 0) > 0 for other in (turn - 1, turn + 1))
            self.strain += sign * beside

    def _count(self, atoms: list[Atom], sign: int) -> None:
        for atom in atoms:
            before = self._true.get(atom, 0)
            self._true[atom] = before + sign
            if not before or not before + sign:
                self._turned(atom, sign)

    def _turned(self, atom: Atom, sign: int) -> None:
        """An atom has become true, or false."""
        for group in self._groups.get(atom, ()):
            left = self._left[group] = self._left[group] - sign
            if left == (-1 if sign > 0 else 0):
                self._over += sign
        if isinstance(atom, On) and atom.who in self._served and self._problem.within(atom.day):
            self._served[atom.who] += sign
