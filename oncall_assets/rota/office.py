"""When a person is at work, so that what can wait for the morning wakes nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.values import WEEKDAYS
from oncall_assets.rota.away import Calendar
from oncall_assets.rota.holidays import DAY, public_holidays
from oncall_assets.rota.turns import wall_instant

# Longer than any leave that is planned with the person still in the rota, and quickly searched.
SEARCHED: Final = timedelta(days=366)


def is_working(handbook: Handbook, who: str, at: datetime) -> bool:
    """Whether `at` lies in the business hours of `who`, and they are not away.

    An engineer's hours are those of their own zone, but for the public holidays of their region, their `away`, and
    the time before they join or after they leave. Anybody else who can be told, as a team of `teams:`, works those
    hours in the team's zone. Raises ValueError if `at` carries no zone.
    """
    return any(start <= at < end for start, end in _working(handbook, who, _aware(at), at))


def next_working(handbook: Handbook, who: str, at: datetime) -> datetime:
    """The first instant from `at` on, in UTC, at which `who` works; `at` itself if they do.

    `at` too where there is none within 366 days: told at a bad hour is better than never told. Raises ValueError
    if `at` carries no zone.
    """
    for start, end in _working(handbook, who, _aware(at), at + SEARCHED):
        if at < end:
            return max(start, at).astimezone(UTC)
    return at.astimezone(UTC)


def _aware(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"{at} carries no time zone; expected an instant such as one in UTC")
    return at


def _working(handbook: Handbook, who: str, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The stretches `[start, end)` in which `who` works, in order, of all local days between the instants."""
    # A day more on either side, as clocks that are put back at midnight repeat the end of the day before.
    away = Calendar(handbook.team).firm(who, first - 3 * DAY, last + 3 * DAY)
    for start, end in _office_days(handbook, who, first - DAY, last + DAY):
        free = start
        for absence in away:
            if free < absence.end and absence.start < end:
                if free < absence.start:
                    yield free, absence.start
                free = absence.end
        if free < end:
            yield free, end


def _office_days(
    handbook: Handbook, who: str, first: datetime, last: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The business hours of each working day in the zone of `who`, whether or not they are away."""
    team, hours = handbook.team, handbook.team.business_hours
    engineer = team.engineers.get(who)
    zone = ZoneInfo(engineer.timezone if engineer else team.timezone)
    opens, closes = time.fromisoformat(hours.start), time.fromisoformat(hours.to)
    for day in _days(first.astimezone(zone).date(), last.astimezone(zone).date()):
        if WEEKDAYS[day.weekday()] not in hours.days:
            continue
        if engineer and day in public_holidays(engineer.region, (day.year,)):
            continue
        # Where the clock jumps over the whole of them they begin and end at once.
        yield wall_instant(day, opens, zone), wall_instant(day, closes, zone)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY
