"""Pieces of a turn on their way to becoming shifts, and the two cuts that every layer makes in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from oncall_assets.rota.shift import Reason, Shift


@dataclass(frozen=True, slots=True)
class Segment:
    """`[start, end)`, who serves so far, and why. `named` was asked for that day, holiday or not."""

    start: datetime
    end: datetime
    primary: str
    secondary: str
    reasons: tuple[Reason, ...]
    named: str | None = None

    def by(self, primary: str, secondary: str, *reasons: Reason) -> Segment:
        """The same stretch with other people, and why."""
        return replace(self, primary=primary, secondary=secondary, reasons=(*self.reasons, *reasons))

    def between(self, start: datetime, end: datetime) -> Segment:
        """What of it lies in `[start, end)`, which must overlap it."""
        return replace(self, start=max(start, self.start), end=min(end, self.end))


def changed(
    segments: Iterable[Segment], start: datetime, end: datetime, change: Callable[[Segment], Segment]
) -> list[Segment]:
    """The segments with `change` made to what of them lies in `[start, end)`."""
    found: list[Segment] = []
    # A day that a zone skipped has no length, and no stretch of its own.
    if end <= start:
        return [*segments]
    for one in segments:
        if one.end <= start or end <= one.start:
            found.append(one)
            continue
        if one.start < start:
            found.append(one.between(one.start, start))
        found.append(change(one.between(start, end)))
        if end < one.end:
            found.append(one.between(end, one.end))
    return found


def merged(segments: Iterable[Segment]) -> list[Shift]:
    """Shifts without cuts that change nothing: neighbours with the same people and reasons are one."""
    found: list[Shift] = []
    for one in segments:
        last = found[-1] if found else None
        same = (one.primary, one.secondary, one.reasons)
        if last and last.end == one.start and (last.primary, last.secondary, last.reasons) == same:
            found[-1] = replace(last, end=one.end)
        else:
            found.append(Shift(one.start, one.end, *same))
    return found
