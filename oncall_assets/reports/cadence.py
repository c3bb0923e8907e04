"""When which edition is due, worked out from the handbook alone so that desk, gate, countdown and people agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook, labels
from oncall_assets.handbook.recurring import EVERY_DAY, falls_on
from oncall_assets.handbook.reports import Grain, PlannedReport
from oncall_assets.handbook.runbook import Runbook
from oncall_assets.metrics.days import Days, period_of
from oncall_assets.reports.business import business_days_before
from oncall_assets.rota.turns import wall_instant

_DAY: Final = timedelta(days=1)

# An edition is due less than this after the end of its period: the next wall time may be a period away, and a bit
# more where clocks change.
_LATEST: Final[dict[Grain, timedelta]] = {
    "day": timedelta(days=3),
    "week": timedelta(days=9),
    "month": timedelta(days=64),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A report with the runbook it stands in."""

    runbook: Runbook
    report: PlannedReport

    @property
    def key(self) -> str:
        """What the report is called everywhere: `aggregate_profit_daily`."""
        return self.report.key(self.runbook.pipeline)

    @property
    def pipeline(self) -> str:
        return self.runbook.pipeline

    @property
    def table(self) -> str:
        return self.report.table(self.runbook.pipeline)

    @property
    def asset(self) -> str:
        """The key of its asset as text: `editions/aggregate_profit_daily`."""
        return f"{labels.EDITIONS}/{self.key}"


@dataclass(frozen=True, slots=True)
class Occasion:
    """The edition of the UTC days `days`, due at the instant `due` (UTC)."""

    planned: Planned
    days: Days
    due: datetime

    @property
    def period(self) -> str:
        """`2026-10-06`, or `2026-09-28…2026-10-04`."""
        return str(self.days)

    @property
    def partition(self) -> str:
        """The partition of the edition's asset: the first of its days."""
        return self.days.first.isoformat()


def planned(handbook: Handbook) -> list[Planned]:
    """Every report of the handbook, in the order in which the runbooks have them."""
    return [Planned(runbook, report) for runbook, _, report in handbook.reports()]


def partition_of(planned: Planned, key: str) -> Days:
    """The days of a partition of the report's asset: a day, the week from a Monday, the month from its 1st.

    Raises ValueError if `key` is not the first day of such a period.
    """
    first = date.fromisoformat(key)
    days = _period(planned, first)
    if days.first != first:
        raise ValueError(f"{key} is no partition of {planned.asset}; expected {days.first}, when its days begin")
    return days


def due_of(handbook: Handbook, planned: Planned, days: Days) -> datetime | None:
    """The instant (UTC) at which the edition of `days` is due; None where none is planned.

    It is the first due wall time at or after the end of `days`, which are UTC days and all over by then. So a
    daily report due at 06:00 in New York or Kolkata is of the day before; one due at 06:00 in Sydney, which is
    20:00 UTC of the day before, is of the day before that. (A deadline of `day before` goes by the local date.)

    Before a meeting it is the last whole month that is told: a month has an edition if a date of the calendar
    makes one due after its end and before the end of the month that follows, and only one however many do. None is
    planned for days that begin before the `first_day` of `sources.yaml` or end after its `last_day`. Raises
    ValueError if `days` are not one period of the report.
    """
    if days != _period(planned, days.first):
        raise ValueError(f"{days} is no {planned.report.period} of {planned.key}; expected a whole one")
    sources = handbook.sources
    if days.first < sources.first_day or (sources.last_day is not None and days.last > sources.last_day):
        return None
    zone, hour = ZoneInfo(handbook.team.timezone), time.fromisoformat(planned.report.due.at)
    wall_times = (wall_instant(on, hour, zone) for on in _due_dates(handbook, planned, days))
    return next((instant for instant in wall_times if _is_told_at(planned, days, instant)), None)


def occasions(handbook: Handbook, planned: Planned, start: datetime, end: datetime) -> list[Occasion]:
    """The editions due in `[start, end)`, each period once, the oldest first. Raises ValueError without a zone."""
    if start.utcoffset() is None or end.utcoffset() is None:
        raise ValueError(f"{start} to {end} carry no time zone; expected instants such as those in UTC")
    return [*takewhile(lambda occasion: occasion.due < end, _from(handbook, planned, start))]


def next_due(handbook: Handbook, planned: Planned, now: datetime) -> Occasion | None:
    """The first edition due at or after `now`; None if there is no further one, as after a calendar's last date.

    Raises ValueError if `now` carries no zone.
    """
    if now.utcoffset() is None:
        raise ValueError(f"{now} carries no time zone; expected an instant such as one in UTC")
    return next(_from(handbook, planned, now), None)


def _from(handbook: Handbook, planned: Planned, start: datetime) -> Iterator[Occasion]:
    """The editions due at or after `start`: a later period is never due before an earlier one."""
    first = max((start.astimezone(UTC) - _LATEST[planned.report.period]).date(), handbook.sources.first_day)
    last = _last_of(handbook, planned)
    days = _period(planned, first)
    while last is None or days.last <= last:
        due = due_of(handbook, planned, days)
        if due is not None and due >= start:
            yield Occasion(planned, days, due)
        days = _period(planned, days.last + _DAY)


def _last_of(handbook: Handbook, planned: Planned) -> date | None:
    """The day after which no period of the report ends; None if they go on and on."""
    calendar = _calendar(handbook, planned)
    ends = [handbook.sources.last_day, calendar[-1] if calendar else None]
    return min((day for day in ends if day is not None), default=None)


def _calendar(handbook: Handbook, planned: Planned) -> list[date]:
    """The meetings before which it is due; none if it is due by the days of weeks or months."""
    before = planned.report.due.before
    return [] if before is None else handbook.team.calendars[before]


def _due_dates(handbook: Handbook, planned: Planned, days: Days) -> Iterator[date]:
    """Local dates on which the edition of `days` may be due, in order."""
    due = planned.report.due
    if due.business_days is not None:
        for meeting in _calendar(handbook, planned):
            if meeting >= days.last:
                yield business_days_before(handbook, meeting, due.business_days)
        return
    # West of UTC the last of the days is not over yet on the clock when it is over in UTC.
    for offset in range(_LATEST[planned.report.period].days):
        on = days.last + offset * _DAY
        if falls_on(EVERY_DAY if due.on is None else due.on, on, ()):
            yield on


def _is_told_at(planned: Planned, days: Days, instant: datetime) -> bool:
    """Whether all of `days` are over at the instant and, before a meeting, no later period is."""
    if instant < days.end:
        return False
    return planned.report.due.before is None or instant < _period(planned, days.last + _DAY).end


def _period(planned: Planned, day: date) -> Days:
    return period_of(day, planned.report.period)
