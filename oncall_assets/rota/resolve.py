"""Who is on call at an instant, and why: the one answer that the page, the command line and the UI share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from oncall_assets.handbook.team import Team
from oncall_assets.rota.turns import Turn, turn_at, turn_number


@dataclass(frozen=True, slots=True)
class Shift:
    """`[start, end)` in UTC, the keys of the engineers who serve, and why it is they, layer by layer."""

    start: datetime
    end: datetime
    primary: str
    secondary: str
    reasons: tuple[str, ...]


def on_call(team: Team, at: datetime) -> Shift:
    """The shift that holds the instant `at`, which must carry its zone."""
    return _shift(team, turn_at(team.rotation, ZoneInfo(team.timezone), at))


def shifts(team: Team, start: datetime, end: datetime) -> Iterator[Shift]:
    """Every shift that overlaps `[start, end)`, in order and without a gap; none if that is empty."""
    zone = ZoneInfo(team.timezone)
    turn = turn_at(team.rotation, zone, start)
    while turn.start < end and start < end:
        # A day that a zone skipped, as Samoa did in 2011, holds a turn without length.
        if turn.start < turn.end:
            yield _shift(team, turn)
        turn = turn_number(team.rotation, zone, turn.index + 1)


def _shift(team: Team, turn: Turn) -> Shift:
    zone = ZoneInfo(team.timezone)
    first = turn.start.astimezone(zone)
    last = turn.end.astimezone(zone)
    reason = (
        f"turn {turn.index + 1} of the rotation, from {first:%a %Y-%m-%d %H:%M} to {last:%a %Y-%m-%d %H:%M} "
        f"{team.timezone}"
    )
    return Shift(turn.start, turn.end, turn.primary, turn.secondary, (reason,))
