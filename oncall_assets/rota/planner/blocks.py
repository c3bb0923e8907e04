"""What a planner may decide, and among whom: pieces of the calendar that one pair owns, and who takes turns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.team import Team
from oncall_assets.rota.away import Calendar
from oncall_assets.rota.cover import Cover
from oncall_assets.rota.shift import Role

Duty = tuple[int, Role]
"""The number of a block, and one of its two roles."""


@dataclass(frozen=True, slots=True)
class Block:
    """`[start, end)` UTC of the turn with the index `turn`: all of it, or what a season leaves of it.

    A day of a season has the first day of that season as `season`. Blocks are numbered from 0 in a window.
    """

    number: int
    turn: int
    start: datetime
    end: datetime
    season: date | None


def blocks(handbook: Handbook, start: datetime, end: datetime) -> tuple[Block, ...]:
    """The blocks that lie wholly in the window, in order.

    What is published, or touched by a swap or an override that people agreed on, is no block: people plan by it.
    """
    cover = Cover(handbook)
    found: list[Block] = []
    for turn, part in cover.parts(start, end):
        within = start <= part.start and part.end <= end
        if within and not cover.settled(part.start, part.end):
            found.append(Block(len(found), turn.index, part.start, part.end, cover.season_from(part)))
    return tuple(found)


def pool(team: Team, start: datetime, end: datetime) -> tuple[str, ...]:
    """Who may own a block of the window: the rotation's order, then whoever joined and is not in it yet.

    Left out is who is in the team at no time of the window. Volunteers outside the order stand in and own nothing,
    unless fewer than two others are left; a rota with a gap, which no checked handbook has, keeps its order.
    """
    calendar = Calendar(team)
    named = dict.fromkeys((*team.rotation.ring, *(who for who, one in team.engineers.items() if one.joined)))
    for asked in (tuple(named), tuple(dict.fromkeys((*named, *team.volunteers)))):
        there = tuple(who for who in asked if not _outside(calendar, who, start, end))
        if len(there) >= 2:
            return there
    return tuple(named)


def _outside(calendar: Calendar, who: str, start: datetime, end: datetime) -> bool:
    return any(
        one.kind in ("not_joined", "left") and one.start <= start and end <= one.end
        for one in calendar.firm(who, start, end)
    )
