"""The answer of the rota: who serves in an interval, and what made it so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from oncall_assets.handbook.published import PublishedShift

Layer = Literal[
    "base",
    "plan",
    "published",
    "season",
    "table",
    "swap",
    "membership",
    "vacation",
    "holiday",
    "volunteer",
    "override",
]

Role = Literal["primary", "secondary"]
ROLES: Final[tuple[Role, ...]] = ("primary", "secondary")


@dataclass(frozen=True, slots=True)
class Reason:
    """One layer that had a part in a shift, and what it did in a sentence."""

    layer: Layer
    text: str


@dataclass(frozen=True, slots=True)
class Shift:
    """`[start, end)` in UTC, the keys of the engineers who serve, and why it is they, lowest layer first."""

    start: datetime
    end: datetime
    primary: str
    secondary: str
    reasons: tuple[Reason, ...]

    @property
    def why(self) -> tuple[str, ...]:
        """The reasons as plain texts."""
        return tuple(reason.text for reason in self.reasons)


def serving(shift: Shift | PublishedShift, role: Role) -> str:
    """The key of the engineer who has the role in the shift."""
    return shift.primary if role == "primary" else shift.secondary


def cut(shifts: Iterable[Shift], start: datetime, end: datetime) -> tuple[Shift, ...]:
    """What of the shifts lies in `[start, end)`, each cut where it reaches over a border."""
    return tuple(
        replace(shift, start=max(shift.start, start), end=min(shift.end, end))
        for shift in shifts
        if shift.start < end and start < shift.end
    )
