"""What is wrong with a rota that only counting shows: gaps, refused changes, tables begun too late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook, HandbookError, Problem
from oncall_assets.rota.away import EVER, NEVER, Absence, Calendar
from oncall_assets.rota.changes import change_problems
from oncall_assets.rota.cover import Cover
from oncall_assets.rota.holidays import major_holidays
from oncall_assets.rota.turns import turn_number


def check_rota(handbook: Handbook) -> None:
    """Raises HandbookError with every problem of the rota of a handbook that is sound by itself."""
    problems = [
        *_gaps(handbook),
        *_before_the_table(handbook),
        *_published_without(handbook),
        *change_problems(handbook),
    ]
    if problems:
        raise HandbookError(problems)


def _gaps(handbook: Handbook) -> Iterator[Problem]:
    """Times from the first turn on in which fewer than two engineers are neither on vacation nor gone.

    Holidays make no gap: their excuse falls away where too few would be left.
    """
    team, calendar = handbook.team, Calendar(handbook.team)
    start = turn_number(team.rotation, ZoneInfo(team.timezone), 0).start
    pool = tuple(dict.fromkeys((*team.rotation.ring, *team.volunteers)))
    away = {who: calendar.firm(who, start, NEVER) for who in pool}
    edges = {start, NEVER, *(edge for ones in away.values() for one in ones for edge in (one.start, one.end))}
    pieces = [
        (first, last, _gone(away, first))
        for first, last in pairwise(sorted(edge for edge in edges if edge >= start))
    ]
    for _, run in groupby(pieces, key=lambda piece: _left(pool, piece[2]) if _few(pool, piece[2]) else None):
        gap = list(run)
        if _few(pool, gap[0][2]):
            yield _gap(handbook, pool, gap[0][0], gap[-1][1], gap[0][2])


def _gone(away: dict[str, list[Absence]], at: datetime) -> list[Absence]:
    return [one for ones in away.values() for one in ones if one.start <= at < one.end]


def _left(pool: tuple[str, ...], gone: list[Absence]) -> list[str]:
    return [who for who in pool if who not in {one.who for one in gone}]


def _few(pool: tuple[str, ...], gone: list[Absence]) -> bool:
    return len(_left(pool, gone)) < 2


def _gap(
    handbook: Handbook, pool: tuple[str, ...], start: datetime, end: datetime, gone: list[Absence]
) -> Problem:
    zone = ZoneInfo(handbook.team.timezone)
    left = _left(pool, gone)
    until = "on" if end == NEVER else f"to {end.astimezone(zone):%Y-%m-%d %H:%M}"
    why = "; ".join(one.reason.text for one in gone)
    message = (
        f"from {start.astimezone(zone):%Y-%m-%d %H:%M} {until} ({handbook.team.timezone}) only {left[0]} is left"
        if left
        else f"from {start.astimezone(zone):%Y-%m-%d %H:%M} {until} ({handbook.team.timezone}) nobody is left"
    )
    # The last one to go is what brought it about.
    place = max(gone, key=lambda one: max(one.start, EVER)).place
    return handbook.team_source.problem(
        place, f"{message}: {why}; expected two engineers or volunteers at any time"
    )


def _before_the_table(handbook: Handbook) -> Iterator[Problem]:
    """Major holidays from the first turn on that come before the first year of their table."""
    team = handbook.team
    for holiday, years in team.holidays.table.items():
        for year in range(team.rotation.start.year, min(years)):
            if major_holidays([holiday], year)[holiday] >= team.rotation.start:
                message = f"has no year {year}, and the rotation starts on {team.rotation.start}; add it"
                yield handbook.team_source.problem(("holidays", "table", holiday), message)


def _published_without(handbook: Handbook) -> Iterator[Problem]:
    """Times after somebody left, or before they joined, in which they serve as published.

    A published quarter moves by swaps and overrides only, so that these have to be agreed on.
    """
    if not handbook.published:
        return
    shifts = [one for told in handbook.published.values() for one in told]
    start, end = min(one.start for one in shifts), max(one.end for one in shifts)
    calendar, cover = Calendar(handbook.team), Cover(handbook)
    for who in handbook.team.engineers:
        for gone in calendar.firm(who, start, end):
            if gone.kind != "vacation":
                final = cover.expand(max(start, gone.start), min(end, gone.end))
                serving = [one for one in final if who in (one.primary, one.secondary)]
                if serving:
                    since = max(serving[0].start, gone.start)
                    message = (
                        f"{who} is on call from {since:%Y-%m-%dT%H:%M:%SZ}, as published; "
                        "expected a swap or an override of that time"
                    )
                    yield handbook.team_source.problem(gone.place, message)
