"""Who may own which block: whoever is away for part of it is asked only where too few others are there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from oncall_assets.rota.planner.blocks import Block, Duty
from oncall_assets.rota.planner.outcomes import Outcomes
from oncall_assets.rota.shift import ROLES

# With so many who are there for all of a block, nobody else is asked.
_ENOUGH = 3


def candidates(
    outcomes: Outcomes, found: tuple[Block, ...], people: tuple[str, ...], earlier: Mapping[Duty, str]
) -> tuple[tuple[str, ...], ...]:
    """By block, two people at least, in the order of `people`.

    They are whoever is there for all of it; where these are fewer than three, also whoever is there for half;
    and where even these are fewer than two, everybody. Earlier owners who are there for half of it stay.
    """
    chosen = []
    for block in found:
        there = {who: _presence(outcomes, block, who) for who in people}
        half = [who for who in people if there[who] >= (block.end - block.start) / 2]
        whole = [who for who in people if there[who] == block.end - block.start]
        kept = {earlier.get((block.number, role)) for role in ROLES}
        may = [who for who in half if who in whole or who in kept] if len(whole) >= _ENOUGH else half
        chosen.append(tuple(may) if len(may) >= 2 else people)
    return tuple(chosen)


def _presence(outcomes: Outcomes, block: Block, who: str) -> timedelta:
    """How long `who` is in the team and not on vacation within the block."""
    there, at = timedelta(0), block.start
    for gone in outcomes.cover.calendar.firm(who, block.start, block.end):
        there += max(gone.start - at, timedelta(0))
        at = max(at, gone.end)
    return there + max(block.end - at, timedelta(0))
