"""When something is due, as instants, because a deadline is written as a wall time and clocks change."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall_assets.handbook.recurring import falls_on
from oncall_assets.handbook.runbook import Deadline
from oncall_assets.rota.turns import wall_instant

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """By the instant `at` (UTC), on the local date `on`, what belongs to `day` must be there."""

    at: datetime
    on: date
    day: date


def due_instants(
    deadline: Deadline, zone: ZoneInfo, working: Collection[str], start: datetime, end: datetime
) -> Iterator[Due]:
    """Each time in `(start, end]` that the deadline comes, the latest first.

    `working` names the weekdays that count as working days. In a missing hour it comes at the first valid instant
    after it, in a repeated hour at the first of both.
    """
    hour = time.fromisoformat(deadline.by)
    on, first = end.astimezone(zone).date(), start.astimezone(zone).date()
    while on >= first:
        if falls_on(deadline.on, on, working):
            at = wall_instant(on, hour, zone)
            if start < at <= end:
                yield Due(at, on, on - _DAY if deadline.of == "day before" else on)
        on -= _DAY
