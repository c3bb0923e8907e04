"""Small windows to plan, whose every plan can be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import permutations, product
from typing import Any
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.rota import Shift
from oncall_assets.rota.planner.problem import Problem, pose
from oncall_assets.rota.planner.solver import solve
from oncall_assets.rota.turns import turn_number
from oncall_assets_tests.rota.teams import away, handbook, team

MONDAY = date(2027, 1, 4)


def small(
    names: Sequence[str], start: date = MONDAY, people: Mapping[str, Mapping[str, Any]] | None = None, **more: Any
) -> Handbook:
    """A handbook of a rotation by the week that begins on `start`; nothing is carried into it."""
    return handbook(team(order=names, start=start, people=people, **more))


def weeks(book: Handbook, first: int, last: int) -> tuple[datetime, datetime]:
    """From the start of turn `first` to the start of turn `last`."""
    rotation, zone = book.team.rotation, ZoneInfo(book.team.timezone)
    return turn_number(rotation, zone, first).start, turn_number(rotation, zone, last).start


def every_plan(problem: Problem) -> Iterator[dict[datetime, tuple[str, str]]]:
    """All owners that candidates allow."""
    starts = [block.start for block in problem.blocks]
    for pairs in product(*(permutations(who, 2) for who in problem.candidates)):
        yield {start: (one, other) for start, (one, other) in zip(starts, pairs, strict=True)}


def people(shifts: Sequence[Shift]) -> list[tuple[datetime, datetime, str, str]]:
    """Who serves when, whatever the reason."""
    found: list[tuple[datetime, datetime, str, str]] = []
    for one in shifts:
        pair = one.primary, one.secondary
        if found and found[-1][1:] == (one.start, *pair):
            found[-1] = (found[-1][0], one.end, *pair)
        else:
            found.append((one.start, one.end, *pair))
    return found


def clipped(shifts: Sequence[Shift], start: datetime, end: datetime) -> list[Shift]:
    """What of the shifts lies in the window."""
    return [replace(one, start=max(one.start, start), end=min(one.end, end)) for one in shifts]


THREE = ["ann", "ben", "cat"]
FOUR = [*THREE, "dan"]
APART: dict[str, Any] = {"planning": {"apart": "any_role"}}
AT_CHRISTMAS = date(2026, 12, 14)
OFF = {"major": ["Christmas Day", "New Year's Day"], "guarantee_one_major_off": True}
MIXED: dict[str, dict[str, Any]] = {
    "ann": {"region": "IN", "timezone": "Asia/Kolkata"},
    "ben": {"region": "DE"},
    "cat": {"works": 0.5},
}

WINDOWS: dict[str, tuple[Handbook, int]] = {
    "alike": (small(THREE), 4),
    "part-time-and-abroad": (small(THREE, people=MIXED, holidays={"rule": "excused"}), 3),
    "rest": (small(FOUR, **APART), 2),
    "no-rest-possible": (small(THREE, **APART), 3),
    "holidays": (small(FOUR, start=AT_CHRISTMAS, holidays={**OFF, "rule": "secondary_covers"}), 3),
    "away": (small(THREE, away=[away("ann", date(2027, 1, 6), date(2027, 1, 14))]), 3),
    "table": (small(THREE, start=AT_CHRISTMAS, holidays={"table": {"Christmas Day": {2026: "ben"}}}), 3),
    "wishes": (small(THREE, planning={"rather_not": [away("ann", date(2027, 1, 4), date(2027, 1, 5))]}), 3),
}


def drawn(book: Handbook, count: int) -> str:
    """A plan of some weeks in which many are equally good, and what was proven of it."""
    solution = solve(pose(book, *weeks(book, 0, 2 * count)), effort=0.3)
    owners = [f"{at:%m-%d} {primary} {secondary}" for at, (primary, secondary) in sorted(solution.owners.items())]
    return f"{owners} {solution.stages}"
