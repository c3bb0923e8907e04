"""The rules of one window, spelled out: every instance that a plan of it can keep or break."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall_assets.rota.away import Calendar
from oncall_assets.rota.holidays import local_day, major_holidays
from oncall_assets.rota.planner.history import Piece, pieces_of
from oncall_assets.rota.planner.rules import Broken, Even, Limit, On, Owns, Rules
from oncall_assets.rota.shift import ROLES, Role

if TYPE_CHECKING:
    from oncall_assets.rota.planner.problem import Problem

# Longer than the longest run of a year's holidays, and than any season.
_BACK = timedelta(days=400)


def rules_of(problem: Problem) -> Rules:
    """Every instance of every rule that the problem's handbook switches on."""
    team = problem.handbook.team
    found = [*pieces_of(problem.handbook, problem.blocks, problem.start - _BACK, problem.end)]
    budget = None
    if problem.budget is not None:
        text = f"more duties change hands than the {problem.budget} that were allowed"
        budget = Broken("budget", "", problem.start, problem.end, text)
    return Rules(
        limits=(
            *(_apart(problem, found) if team.planning.apart != "free" else ()),
            *(_one_major_off(problem) if team.holidays.guarantee_one_major_off else ()),
        ),
        evens=tuple(_shared_seasons(problem, found)),
        budget=budget,
    )


def _apart(problem: Problem, found: Sequence[Piece]) -> Iterator[Limit]:
    """Nobody has the same role, or any, in two turns in a row; days of a season belong to no turn."""
    any_role = problem.handbook.team.planning.apart == "any_role"
    whole = [piece for piece in found if piece.season is None]
    turns = [list(pieces) for _, pieces in groupby(whole, key=lambda piece: piece.turn)]
    for before, after in pairwise(turns):
        open_yet = after[-1].end > problem.start and not all(piece.agreed for piece in (*before, *after))
        if after[0].turn == before[0].turn + 1 and open_yet:
            for who in _people(problem, (*before, *after)):
                for roles in (ROLES,) if any_role else tuple((role,) for role in ROLES):
                    yield from _in_a_row(problem, who, roles, before, after)


def _people(problem: Problem, found: Sequence[Piece]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*problem.people, *(who for piece in found for who in piece.owners if who))))


def _in_a_row(
    problem: Problem, who: str, roles: tuple[Role, ...], before: Sequence[Piece], after: Sequence[Piece]
) -> Iterator[Limit]:
    groups = []
    for one in before:
        for other in after:
            first, second = (_atoms(problem, piece, who, roles) for piece in (one, other))
            if all((first[0] or first[1], second[0] or second[1])):
                groups.append(((*first[0], *second[0]), 1 - first[1] - second[1]))
    if groups:
        zone = ZoneInfo(problem.handbook.team.timezone)
        days = [f"{pieces[0].start.astimezone(zone):%Y-%m-%d}" for pieces in (before, after)]
        has = f"is {roles[0]}" if len(roles) == 1 else "has a turn"
        text = f"{who} {has} from {days[0]} and again from {days[1]}"
        yield Limit(Broken("apart", who, after[0].start, after[-1].end, text), tuple(groups))


def _atoms(problem: Problem, piece: Piece, who: str, roles: tuple[Role, ...]) -> tuple[tuple[Owns, ...], int]:
    """What may give the piece to `who` in one of the roles, and 1 if it is theirs already."""
    if piece.number is None:
        return (), int(any(piece.owners[ROLES.index(role)] == who for role in roles))
    if who not in problem.candidates[piece.number]:
        return (), 0
    return tuple(Owns(piece.number, role, who) for role in roles), 0


def _one_major_off(problem: Problem) -> Iterator[Limit]:
    """Of any run of major holidays that ends in the window, everybody in the team then has one entirely off."""
    team, zone = problem.handbook.team, ZoneInfo(problem.handbook.team.timezone)
    names = team.holidays.major
    first = max(team.rotation.start, (problem.start - _BACK).date())
    days = sorted(
        (day, name)
        for year in range(first.year, problem.end.year + 1)
        for name, day in major_holidays(names, year).items()
        if first <= day and local_day(day, zone)[1] <= problem.end
    )
    served = {(who, day) for who, day in problem.settled.majors}
    possible = _possible(problem) | served
    for number in range(len(days) - len(names) + 1):
        run = days[number : number + len(names)]
        start, end = local_day(run[0][0], zone)[0], local_day(run[-1][0], zone)[1]
        words = " and ".join(f"{name} {day.year}" for day, name in run)
        for who in team.engineers:
            if end > problem.start and all((who, day) in possible for day, _ in run):
                open_days = [day for day, _ in run if (who, day) not in served]
                text = f"{who} is on duty on {words}: none of these is off"
                atoms = tuple(On(day, who) for day in open_days)
                yield Limit(Broken("one_major_off", who, start, end, text), ((atoms, len(atoms) - 1),))


def _possible(problem: Problem) -> set[tuple[str, date]]:
    every = (*problem.alone.values(), *problem.together.values())
    return {(who, day) for outcome in every for who, day in outcome.majors}


def _shared_seasons(problem: Problem, found: Sequence[Piece]) -> Iterator[Even]:
    """The seasons that end in the window, and whose every day was in the rotation."""
    calendar = Calendar(problem.handbook.team)
    for season in sorted({piece.season for piece in found if piece.season}):
        days = [piece for piece in found if piece.season == season]
        start, end = days[0].start, days[-1].end
        numbers = tuple(piece.number for piece in days if piece.number is not None)
        if not numbers or _goes_on(problem, season, end) or season < problem.handbook.team.rotation.start:
            continue
        there = tuple(who for who in problem.people if not calendar.firm(who, start, end))
        had = tuple(sum(piece.leads == who for piece in days) for who in there)
        broken = tuple(
            Broken("shared_season", who, start, end, f"{who} is primary on {_WORDS.format(season)}")
            for who in there
        )
        if len(there) > 1:
            yield Even(season, numbers, there, had, broken)


_WORDS = "over one day more of the season from {} than somebody else"


def _goes_on(problem: Problem, season: date, end: datetime) -> bool:
    """Whether the season has days after `end`, the last that the window knows of."""
    following = pieces_of(problem.handbook, (), end, end + timedelta(seconds=1))
    return any(piece.season == season for piece in following)
