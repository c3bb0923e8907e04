"""What people agreed to change, as intervals: swaps of roles in a turn, and overrides by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from oncall_assets.handbook.rota import Override, Swap
from oncall_assets.handbook.team import Team
from oncall_assets.rota.segment import Segment
from oncall_assets.rota.shift import Reason
from oncall_assets.rota.turns import Turn, turn_number, wall_instant


@dataclass(frozen=True, slots=True)
class Agreed:
    """One change in `[start, end)` UTC; calling it makes it to a segment that lies within."""

    start: datetime
    end: datetime
    change: Swap | Override
    reason: Reason

    def __call__(self, one: Segment) -> Segment:
        primary, secondary = (
            swapped(one, self.change) if isinstance(self.change, Swap) else overridden(one, self.change)
        )
        if (primary, secondary) == (one.primary, one.secondary):
            return one
        made = one.by(primary, secondary, self.reason)
        if isinstance(self.change, Swap) and one.named == self.change.give:
            return Segment(made.start, made.end, primary, secondary, made.reasons, named=self.change.take)
        return made

    def later_than(self, told: datetime, zone: ZoneInfo) -> bool:
        """Whether it was requested after `told`, so that what was told then does not have it yet.

        A date without an hour counts as late as it may be: a swap that is in already changes nothing again.
        """
        requested = self.change.requested
        if isinstance(requested, datetime):
            return wall_instant(requested.date(), requested.time(), zone) > told
        return requested >= told.astimezone(zone).date()


def swapped(one: Segment, swap: Swap) -> tuple[str, str]:
    """The pair after the swap; the same where its giver has no role."""
    pair = (one.primary, one.secondary)
    if swap.give not in pair:
        return pair
    exchanged = {swap.give: swap.take, swap.take: swap.give}
    return exchanged.get(pair[0], pair[0]), exchanged.get(pair[1], pair[1])


def overridden(one: Segment, override: Override) -> tuple[str, str]:
    """The pair after the override; whoever holds the other role already exchanges with who held this one."""
    primary = override.primary or (one.secondary if override.secondary == one.primary else one.primary)
    secondary = override.secondary or (one.primary if override.primary == one.secondary else one.secondary)
    return primary, secondary


def agreed(team: Team, change: Swap | Override) -> Agreed:
    """The change as an interval; that of a swap without hours is its turn."""
    zone = ZoneInfo(team.timezone)
    because = f": {change.because}" if change.because else ""
    if isinstance(change, Override):
        roles = {"primary": change.primary, "secondary": change.secondary}
        who = " and ".join(f"{name} as {role}" for role, name in roles.items() if name)
        force = ", by force" if change.force else ""
        reason = Reason("override", f"override of {_day(change.requested)}{force}: {who}{because}")
        return Agreed(_instant(change.first, zone), _instant(change.last, zone), change, reason)
    turn = turn_of(team, change.turn)
    start = _instant(change.first, zone) if change.first else turn.start
    end = _instant(change.last, zone) if change.last else turn.end
    emergency = f", an emergency approved by {change.emergency}" if change.emergency else ""
    text = f"swap of {_day(change.requested)}{emergency}: {change.take} takes the role of {change.give}{because}"
    return Agreed(start, end, change, Reason("swap", text))


def turn_of(team: Team, day: date) -> Turn:
    """The turn that runs at the hour of hand-off on the local date `day`."""
    rotation = team.rotation
    return turn_number(rotation, ZoneInfo(team.timezone), (day - rotation.start) // rotation.turn)


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall_instant(wall.date(), wall.time(), zone)


def _day(requested: date) -> str:
    return f"{requested:%Y-%m-%d}"
