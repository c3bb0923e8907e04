"""The base rotation: whose turn it is by count alone, before life intervenes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall_assets.handbook.rota import Rotation


@dataclass(frozen=True, slots=True)
class Turn:
    """Turn `index` of the rotation, `[start, end)` in UTC, and the pair whose turn it is."""

    index: int
    start: datetime
    end: datetime
    primary: str
    secondary: str


def wall_instant(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall time: in a missing hour the first valid instant after it, in a repeated one
    the first (DESIGN, rota rule 1)."""
    earlier = datetime.combine(day, hour, tzinfo=zone)
    offset_before = earlier.utcoffset()
    offset_after = earlier.replace(fold=1).utcoffset()
    instant = earlier.astimezone(UTC)
    if offset_before is None or offset_after is None or offset_before >= offset_after:
        return instant
    # In a gap fold=0 reads the clock of before the change: the change itself is what comes first.
    return _change_between(instant - (offset_after - offset_before), instant, zone)


def turn_at(rotation: Rotation, zone: ZoneInfo, at: datetime) -> Turn:
    """The turn that holds the instant `at`; turns before the rotation's start count backwards.

    Raises ValueError if `at` carries no zone.
    """
    if at.utcoffset() is None:
        raise ValueError(f"{at} carries no time zone; expected an instant such as one in UTC")
    local = at.astimezone(zone).date()
    index = (local - rotation.start) // rotation.turn
    turn = turn_number(rotation, zone, index)
    # On the day of a hand-off, before its hour, the turn before still runs.
    return turn if turn.start <= at else turn_number(rotation, zone, index - 1)


def turn_number(rotation: Rotation, zone: ZoneInfo, index: int) -> Turn:
    """Turn `index`, which goes to entry `index mod n` of the order (DESIGN, rota rule 2)."""
    pairs = rotation.pairs
    primary, secondary = pairs[index % len(pairs)]
    return Turn(index, _handoff(rotation, zone, index), _handoff(rotation, zone, index + 1), primary, secondary)


def _handoff(rotation: Rotation, zone: ZoneInfo, index: int) -> datetime:
    return wall_instant(rotation.start + index * rotation.turn, time.fromisoformat(rotation.hour), zone)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant in `(before, after]` from which the zone has the offset of `after`, to the second."""
    offset = after.astimezone(zone).utcoffset()
    low, high = before, after
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high
