"""What becomes of a block by who owns it: alone where nothing interferes, as a pair where the layers step in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from oncall_assets.handbook import Handbook
from oncall_assets.rota.cover import Cover
from oncall_assets.rota.planner.blocks import Block
from oncall_assets.rota.planner.worth import Outcome, Worth
from oncall_assets.rota.segment import Segment
from oncall_assets.rota.shift import ROLES, Role

_NOBODY = ""


class Outcomes:
    """The outcomes of the blocks of one handbook, exactly as the resolver's layers have them."""

    def __init__(self, handbook: Handbook, start: datetime, end: datetime) -> None:
        self.worth = Worth(handbook.team, start, end)
        self.cover = Cover(handbook)
        self._rule = handbook.team.holidays.rule

    def alone(self, block: Block, who: str, role: Role) -> Outcome:
        """What an owner who is there for all of the block brings, whoever else owns it.

        Whom the table names counts as brought by the primary.
        """
        pair = (who, _NOBODY) if role == "primary" else (_NOBODY, who)
        segments = self.cover.named(block.start, block.end, *pair)
        if role == "primary":
            return self.worth.outcome(segments, pair, _NOBODY)
        own = [one for one in segments if one.secondary == who]
        outcome = self.worth.outcome([Segment(one.start, one.end, _NOBODY, who, ()) for one in own], pair, _NOBODY)
        return Outcome(outcome.points, outcome.majors)

    def together(self, block: Block, primary: str, secondary: str) -> Outcome:
        """What the pair brings."""
        segments = self.cover.owned(block.start, block.end, primary, secondary)
        return self.worth.outcome(segments, (primary, secondary))

    def entangled(self, block: Block, people: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """The pairs of `people` whose outcome is more than what each of them brings alone."""
        named = self._named(block)
        if any(self.cover.calendar.firm(who, block.start, block.end) for who in named):
            touched = {role: {*people} for role in ROLES}
        else:
            touched = {role: {who for who in people if self.touched(block, who, role)} for role in ROLES}
            touched["primary"] |= named
        for primary in people:
            for secondary in people if primary in touched["primary"] else sorted(touched["secondary"]):
                if primary != secondary:
                    yield primary, secondary

    def touched(self, block: Block, who: str, role: Role) -> bool:
        """Whether somebody else may have to serve for who owns the block in that role."""
        calendar = self.cover.calendar
        if calendar.firm(who, block.start, block.end):
            return True
        covers = self._rule == "secondary_covers" and role == "secondary"
        return not covers and bool(calendar.holiday_days(who, block.start, block.end))

    def _named(self, block: Block) -> set[str]:
        """Whom the table names for a part of the block."""
        segments = self.cover.named(block.start, block.end, _NOBODY, _NOBODY)
        return {one.named for one in segments if one.named is not None}
