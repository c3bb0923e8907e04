"""Holidays of several days, shared day by day, so that no one secondary carries all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from oncall_assets.rota.holidays import DAY, HolidayDay
from oncall_assets.rota.segment import Segment, changed
from oncall_assets.rota.shift import Reason
from oncall_assets.rota.standins import StandIns


def shared(segment: Segment, rule: StandIns) -> list[Segment]:
    """The segment with another secondary, who steps in, on each day of a long holiday of its primary.

    The days go round those who can, beginning with the secondary: whoever has had the fewest of the run is next.
    """
    segments = [segment]
    if segment.named:
        return segments
    had: dict[str, int] = {}
    run = None
    for day in rule.calendar.holiday_days(segment.primary, segment.start, segment.end):
        first = day.day - (day.number - 1) * DAY
        if first != run:
            run, had = first, {}
        helpers = _helpers(segment, rule, day)
        if day.length > 1 and helpers:
            who = min(helpers, key=lambda helper: had.get(helper, 0))
            had[who] = had.get(who, 0) + 1
            segments = changed(segments, day.start, day.end, _given(who, day))
    return segments


def _given(who: str, day: HolidayDay) -> Callable[[Segment], Segment]:
    text = f"day {day.number} of {day.length} of a holiday that is shared by day: {who}'s"
    return lambda one: one.by(one.primary, who, Reason("holiday", text))


def _helpers(segment: Segment, rule: StandIns, day: HolidayDay) -> list[str]:
    """Who can step in on that day, in order: the free; where these are too few, those on holiday too."""
    start, end = max(day.start, segment.start), min(day.end, segment.end)
    order = dict.fromkeys((segment.secondary, *rule.after(segment.secondary)))
    there = [who for who in order if who != segment.primary and not rule.calendar.firm(who, start, end)]
    free = [who for who in there if not _on_holiday(who, rule, start, end)]
    if not rule.secondary_covers:
        return free
    covering = [who for who in there if who in free or who == segment.secondary]
    return covering if len(covering) > 1 else there


def _on_holiday(who: str, rule: StandIns, start: datetime, end: datetime) -> bool:
    return bool(rule.calendar.holiday_days(who, start, end))
