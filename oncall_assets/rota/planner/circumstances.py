"""What stands behind rules that cannot all hold: where they apply, who is away there, and who is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from oncall_assets.rota.away import Calendar
from oncall_assets.rota.cover import Cover
from oncall_assets.rota.holidays import local_day
from oncall_assets.rota.planner.blocks import Block
from oncall_assets.rota.planner.problem import Problem
from oncall_assets.rota.planner.rules import Atom, Broken, Owns


def blocks_of(problem: Problem, rules: Iterable[Broken]) -> tuple[Block, ...]:
    """The blocks whose owners decide whether the rules hold, in order; of a budget all of the earlier plan."""
    numbers: set[int] = set()
    wanted = set(rules)
    for limit in problem.rules.limits:
        if limit.broken in wanted:
            for atoms, _ in limit.groups:
                numbers.update(number for atom in atoms for number in _numbers(problem, atom))
    for even in problem.rules.evens:
        if wanted.intersection(even.broken):
            numbers.update(even.blocks)
    if problem.rules.budget in wanted:
        numbers.update(number for number, _ in problem.earlier or {})
    return tuple(problem.blocks[number] for number in sorted(numbers))


def circumstances(problem: Problem, rules: Iterable[Broken]) -> tuple[str, ...]:
    """In sentences what no plan can move: who is away when and who is left, and what is settled already."""
    wanted = sorted(rules)
    return (
        *_who_is_left(problem, wanted),
        *_settled(problem, wanted),
        *_named(problem, wanted),
        *_must_change(problem, wanted),
    )


def _who_is_left(problem: Problem, rules: list[Broken]) -> Iterator[str]:
    others = [rule for rule in rules if rule != problem.rules.budget]
    blocks = blocks_of(problem, others)
    holidays = any(rule.rule == "one_major_off" for rule in rules)
    for (away, left), run in groupby(blocks, key=lambda block: _situation(problem, block, holidays)):
        found = list(run)
        span = _span(problem, found[0].start, found[-1].end)
        gone = "; ".join(away) or "nobody is away"
        yield f"{span}: {gone}. Turns there can be those of {_listed(left)}, and each needs two people."


def _situation(problem: Problem, block: Block, holidays: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why people are away in the block, and who may own it."""
    calendar = Calendar(problem.handbook.team)
    reasons: dict[str, None] = {}
    for who in problem.handbook.team.engineers:
        absences = calendar.firm(who, block.start, block.end)
        if holidays:
            absences = absences + calendar.holidays(who, block.start, block.end)
        reasons |= dict.fromkeys(absence.reason.text for absence in absences)
    return tuple(reasons), problem.candidates[block.number]


def _settled(problem: Problem, rules: list[Broken]) -> Iterator[str]:
    zone = ZoneInfo(problem.handbook.team.timezone)
    for rule in rules:
        if rule.rule == "one_major_off":
            for who, day in problem.settled.majors:
                if who == rule.who and rule.start <= local_day(day, zone)[0] < rule.end:
                    yield f"{who} is on duty on {day} already, which no plan moves."
        if rule.rule == "apart" and len({block.turn for block in blocks_of(problem, [rule])}) == 1:
            yield f"Of two turns in a row of {rule.who}, one is settled: published, agreed on or past."


def _named(problem: Problem, rules: list[Broken]) -> Iterator[str]:
    """Of the days of a season: whom the table of major holidays gives some of them."""
    cover = Cover(problem.handbook)
    for even in problem.rules.evens:
        for who in sorted({rule.who for rule in rules if rule in even.broken}):
            blocks = [problem.blocks[number] for number in even.blocks]
            days = sum(_named_for_most(cover, block, who) for block in blocks)
            if days:
                yield f"The table of major holidays names {who} on {days} of these days."


def _named_for_most(cover: Cover, block: Block, who: str) -> bool:
    named = [one for one in cover.named(block.start, block.end, "", "") if one.named == who]
    return sum((one.end - one.start for one in named), timedelta(0)) > (block.end - block.start) / 2


def _must_change(problem: Problem, rules: list[Broken]) -> Iterator[str]:
    """Of a budget: the duties that the earlier plan gives to people who cannot have them any more."""
    if problem.rules.budget not in rules:
        return
    gone: dict[str, int] = {}
    for (number, _), who in sorted((problem.earlier or {}).items()):
        if who not in problem.candidates[number]:
            gone[who] = gone.get(who, 0) + 1
    for who, duties in gone.items():
        yield f"{who} has {duties} dut{'y' if duties == 1 else 'ies'} in the earlier plan, and is away for them."


def _numbers(problem: Problem, atom: Atom) -> list[int]:
    if isinstance(atom, Owns):
        return [atom.block]
    start, end = local_day(atom.day, ZoneInfo(problem.handbook.team.engineers[atom.who].timezone))
    return [block.number for block in problem.blocks if block.start < end and start < block.end]


def _span(problem: Problem, start: datetime, end: datetime) -> str:
    zone = ZoneInfo(problem.handbook.team.timezone)
    # An end at midnight belongs to the day before.
    first, last = start.astimezone(zone), end.astimezone(zone) - timedelta(microseconds=1)
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _listed(names: tuple[str, ...]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
