"""The turns and season days around a window, with whose they are already where no plan decides that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from oncall_assets.handbook import Handbook
from oncall_assets.rota.agreed import agreed
from oncall_assets.rota.cover import Cover
from oncall_assets.rota.planner.blocks import Block
from oncall_assets.rota.segment import Segment
from oncall_assets.rota.shift import Shift


@dataclass(frozen=True, slots=True)
class Piece:
    """What one pair owns at a time: a block by its `number`, or what is settled, with its `owners`.

    `leads` is who is primary for most of what is settled; `agreed` means that it is published or was changed.
    """

    turn: int
    start: datetime
    end: datetime
    season: date | None
    number: int | None = None
    owners: tuple[str, str] = ("", "")
    leads: str = ""
    agreed: bool = False


def pieces_of(handbook: Handbook, found: Iterable[Block], start: datetime, end: datetime) -> Iterator[Piece]:
    """The pieces that overlap `[start, end)` and begin in the rotation's first turn or later, in order."""
    cover = Cover(handbook)
    numbers = {block.start: block.number for block in found}
    changes = [agreed(handbook.team, change) for change in handbook.team.changes]
    for turn, part in cover.parts(start, end):
        if turn.index < 0:
            continue
        here = Piece(turn.index, part.start, part.end, cover.season_from(part), numbers.get(part.start))
        if here.number is not None:
            yield here
            continue
        final = [_clipped(one, part) for one in cover.expand(part.start, part.end)]
        # Of what was published nothing is known but who serves.
        owned = final if cover.told(part.start, part.end) else cover.owners(part.start, part.end, changes)
        owners = _longest(owned, "primary"), _longest(owned, "secondary")
        yield replace(
            here,
            owners=owners,
            leads=_longest(final, "primary"),
            agreed=cover.settled(part.start, part.end),
        )


def _clipped(shift: Shift, part: Segment) -> Segment:
    return Segment(shift.start, shift.end, shift.primary, shift.secondary, ()).between(part.start, part.end)


def _longest(served: Iterable[Segment], role: str) -> str:
    lengths: dict[str, timedelta] = {}
    for one in served:
        who = one.primary if role == "primary" else one.secondary
        lengths[who] = lengths.get(who, timedelta(0)) + (one.end - one.start)
    return max(lengths, key=lambda who: lengths[who])
