"""The rules that a plan must keep, each as instances that say who and when, so that what breaks can be named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from oncall_assets.rota.shift import Role


@dataclass(frozen=True, slots=True, order=True)
class Broken:
    """One instance of a rule that does not hold: who, when (`[start, end)` UTC), and in words."""

    rule: str
    who: str
    start: datetime
    end: datetime
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Owns:
    """That somebody owns a block in a role."""

    block: int
    role: Role
    who: str


@dataclass(frozen=True, slots=True, order=True)
class On:
    """That somebody is on duty, in either role, on a major holiday by its nominal date."""

    day: date
    who: str


Atom = Owns | On


@dataclass(frozen=True, slots=True)
class Limit:
    """An instance that holds if of each group of atoms no more than its number are true; 0 of none always hold."""

    broken: Broken
    groups: tuple[tuple[tuple[Atom, ...], int], ...]


@dataclass(frozen=True, slots=True)
class Even:
    """The days of one season: nobody of `people` leads over one block more than another of them.

    `had` are the days that they led before the window, or that no plan moves; `broken` says it of each.
    """

    season: date
    blocks: tuple[int, ...]
    people: tuple[str, ...]
    had: tuple[int, ...]
    broken: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a handbook switches on, and the budget of changes, if there is one."""

    limits: tuple[Limit, ...] = ()
    evens: tuple[Even, ...] = ()
    budget: Broken | None = None

    def groups(self) -> tuple[dict[Atom, list[int]], list[int]]:
        """The groups of all limits, numbered: in which of them each atom is, and how many may be true in each."""
        of: dict[Atom, list[int]] = {}
        most: list[int] = []
        for atoms, allowed in (group for limit in self.limits for group in limit.groups):
            for atom in atoms:
                of.setdefault(atom, []).append(len(most))
            most.append(allowed)
        return of, most
