"""Plans of the five teams' 2026 and 2027: as fair as can be, and as near to the rotation as the rules allow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from oncall_assets.handbook import Handbook
from oncall_assets.rota import Quarter, Shift
from oncall_assets.rota.audit import audit
from oncall_assets.rota.planner.owners import final_shifts, rotation_owners
from oncall_assets.rota.planner.problem import pose
from oncall_assets.rota.planner.solver import Solution, solve
from oncall_assets_tests.rota.demands import example

EFFORT = 2.0
Pairs = dict[datetime, tuple[str, str]]


@dataclass(frozen=True)
class Planned:
    """A plan of a window, and what it comes to."""

    book: Handbook
    start: datetime
    end: datetime
    solution: Solution
    served: tuple[Shift, ...]

    @property
    def owners(self) -> Pairs:
        return self.solution.owners

    def at(self, text: str) -> tuple[str, str]:
        """Primary and secondary at an instant."""
        instant = datetime.fromisoformat(text)
        (found,) = (one for one in self.served if one.start <= instant < one.end)
        return found.primary, found.secondary

    def findings(self) -> list[str]:
        return [one.text for one in audit(self.book, self.served, self.start, self.end, owners=self.owners)]

    def changed(self) -> dict[tuple[datetime, str], tuple[str, str]]:
        """The duties that are not the rotation's: whose it was, and whose it is."""
        before = rotation_owners(self.book, self.start, self.end)
        return {
            (at, role): (old, new)
            for at in sorted(self.owners)
            for role, old, new in zip(("primary", "secondary"), before[at], self.owners[at], strict=True)
            if old != new
        }


def plan(book: Handbook, start: datetime, end: datetime, near: bool = False) -> Planned:
    """As fair as can be, or `near` the rotation."""
    earlier = rotation_owners(book, start, end) if near else None
    solution = solve(pose(book, start, end, earlier=earlier), effort=EFFORT)
    return Planned(book, start, end, solution, final_shifts(book, solution.owners, start, end))


def two_years(book: Handbook) -> tuple[datetime, datetime]:
    """From the first hand-off of 2026 to that of 2028."""
    return Quarter(2026, 1).start(book.team), Quarter(2028, 1).start(book.team)


@cache
def fair(name: str) -> Planned:
    return plan(example(name), *two_years(example(name)))


@cache
def near(name: str) -> Planned:
    return plan(example(name), *two_years(example(name)), near=True)
