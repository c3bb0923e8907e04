"""What a change moves, and who else could take it: what people ask before they agree to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from oncall_assets.handbook import Handbook
from oncall_assets.rota.away import absences
from oncall_assets.rota.fairness import fairness
from oncall_assets.rota.resolve import shifts
from oncall_assets.rota.shift import Shift

# A public holiday inside a turn keeps nobody from taking the turn: the holiday rule finds who stands in.
_GONE: Final = {"vacation", "not_joined", "left"}


@dataclass(frozen=True, slots=True)
class Move:
    """`[start, end)` in UTC changes hands: the pair `(primary, secondary)` before and after."""

    start: datetime
    end: datetime
    before: tuple[str, str]
    after: tuple[str, str]


def moved(before: Sequence[Shift], after: Sequence[Shift]) -> list[Move]:
    """The longest stretches that another pair serves `after` than `before`, in order.

    Both must be in order and cover the same time; only where both do is compared.
    """
    found: list[Move] = []
    edges = sorted({edge for shift in (*before, *after) for edge in (shift.start, shift.end)})
    old, new = _Walk(before), _Walk(after)
    for start, end in pairwise(edges):
        earlier, later = old.at(start), new.at(start)
        if earlier is None or later is None or earlier == later:
            continue
        last = found[-1] if found else None
        if last and (last.end, last.before, last.after) == (start, earlier, later):
            found[-1] = replace(last, end=end)
        else:
            found.append(Move(start, end, earlier, later))
    return found


def free(handbook: Handbook, start: datetime, end: datetime) -> list[str]:
    """Engineers of the team who are neither on duty nor on vacation in `[start, end)`.

    First comes who has the least load against their share, in the calendar year (UTC) of `start`.
    """
    busy = {who for shift in shifts(handbook, start, end) for who in (shift.primary, shift.secondary)}
    busy |= {absence.who for absence in absences(handbook.team, start, end) if absence.kind in _GONE}
    year = start.astimezone(UTC).year
    loads = fairness(handbook, datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)).loads
    carried = {load.who: load.deviation for load in loads}
    return sorted(
        (who for who in handbook.team.engineers if who not in busy), key=lambda who: carried.get(who, 0.0)
    )


class _Walk:
    """Who serves at instants that are asked for in order."""

    def __init__(self, shifts: Iterable[Shift]) -> None:
        self._left = [shift for shift in shifts if shift.start < shift.end][::-1]

    def at(self, at: datetime) -> tuple[str, str] | None:
        while self._left and self._left[-1].end <= at:
            self._left.pop()
        if not self._left or at < self._left[-1].start:
            return None
        return self._left[-1].primary, self._left[-1].secondary
