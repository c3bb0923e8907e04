"""Who is on call at an instant, and why: the one answer that the page, the command line and the UI share."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta

from oncall_assets.handbook import Handbook
from oncall_assets.rota.cover import Cover
from oncall_assets.rota.shift import Shift

# What is expanded around an instant that was asked for, and how far a stretch may grow before it starts anew.
_AROUND = timedelta(days=200)


class Rota:
    """The rota of one handbook; what was expanded once is kept, so that later answers take microseconds."""

    def __init__(self, handbook: Handbook) -> None:
        self._cover = Cover(handbook)
        self._shifts: list[Shift] = []
        self._starts: list[datetime] = []

    def on_call(self, at: datetime) -> Shift:
        """The shift that holds the instant `at`. Raises ValueError if `at` carries no zone."""
        if at.utcoffset() is None:
            raise ValueError(f"{at} carries no time zone; expected an instant such as one in UTC")
        if not self._shifts or not self._starts[0] <= at < self._shifts[-1].end:
            self._shifts = self._cover.expand(at - _AROUND, at + _AROUND)
            self._starts = [shift.start for shift in self._shifts]
        return self._shifts[bisect_right(self._starts, at) - 1]

    def shifts(self, start: datetime, end: datetime) -> list[Shift]:
        """Every shift that overlaps `[start, end)`, whole and in order; none if that is empty."""
        return self._cover.expand(start, end)


def on_call(handbook: Handbook, at: datetime) -> Shift:
    """The shift that holds the instant `at`. Raises ValueError if `at` carries no zone."""
    return Cover(handbook).at(at)


def shifts(handbook: Handbook, start: datetime, end: datetime) -> list[Shift]:
    """Every shift that overlaps `[start, end)`, whole, in order and without a gap; none if that is empty."""
    return Cover(handbook).expand(start, end)
