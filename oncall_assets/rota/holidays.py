"""Which days are holidays: public ones by region, and the major ones that a team counts by a rule of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from oncall_assets.rota.turns import wall_instant

DAY = timedelta(days=1)
_MONDAY, _THURSDAY, _SATURDAY = 0, 3, 5


@dataclass(frozen=True, slots=True)
class HolidayDay:
    """One local day off, `[start, end)` in UTC. It is day `number` of `length` of its run, counted from 1."""

    day: date
    start: datetime
    end: datetime
    name: str
    number: int
    length: int


def public_holidays(region: str, years: Iterable[int]) -> dict[date, str]:
    """The public holidays of `region` (`US`, `US-NY`) in `years`, observed days among them, with English names.

    A new year observed on 31 December is found although the package files it under the year after.
    """
    return {day: name for year in sorted(set(years)) for day, name in _of_year(region, year)}


def major_holidays(names: Iterable[str], year: int) -> dict[str, date]:
    """The nominal date in `year` of each of `names`, which `handbook/rota.py` lists."""
    return {name: _MAJOR[name](year) for name in names}


@cache
def holiday_days(region: str, zone: str, year: int, bridged: bool) -> tuple[HolidayDay, ...]:
    """The public holidays of `region` in `year` as days of `zone`, in order.

    Days that follow each other make a run, also across a weekend between them; where `bridged`, the days of that
    weekend count as holidays themselves.
    """
    named = public_holidays(region, (year - 1, year, year + 1))
    clock = ZoneInfo(zone)
    found: list[HolidayDay] = []
    for run in _runs(sorted(named)):
        days = [run[0] + number * DAY for number in range((run[-1] - run[0]).days + 1)]
        days = days if bridged else [day for day in days if day in named]
        for number, day in enumerate(days, start=1):
            if day.year == year:
                name = named.get(day, f"the weekend between {named[run[0]]} and {named[run[-1]]}")
                start, end = local_day(day, clock)
                found.append(HolidayDay(day, start, end, name, number, len(days)))
    return tuple(found)


def local_day(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants at which `day` begins and ends in `zone`."""
    return wall_instant(day, time(), zone), wall_instant(day + DAY, time(), zone)


@cache
def _of_year(region: str, year: int) -> tuple[tuple[date, str], ...]:
    # Imported late: most handbooks and most commands need no holiday.
    from holidays import country_holidays  # noqa: PLC0415

    country, _, part = region.partition("-")
    # In the package's own language names would follow LANG.
    calendar = country_holidays(country, subdiv=part or None, years=range(year - 1, year + 2), language="en_US")
    return tuple(sorted((day, name) for day, name in calendar.items() if day.year == year))


def _runs(days: list[date]) -> list[list[date]]:
    runs: list[list[date]] = []
    for day in days:
        if runs and _only_weekend_between(runs[-1][-1], day):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _only_weekend_between(first: date, last: date) -> bool:
    between = range(1, (last - first).days)
    return len(between) <= 2 and all((first + number * DAY).weekday() >= _SATURDAY for number in between)


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _nth(number: int, weekday: int, month: int) -> Callable[[int], date]:
    """The `number`th `weekday` of `month`; the last one where `number` is 0."""

    def rule(year: int) -> date:
        first = date(year, month + (number == 0), 1)
        return first + DAY * ((weekday - first.weekday()) % 7 + 7 * (number - 1))

    return rule


_MAJOR: dict[str, Callable[[int], date]] = {
    "New Year's Day": _fixed(1, 1),
    "Martin Luther King Jr. Day": _nth(3, _MONDAY, 1),
    "Presidents' Day": _nth(3, _MONDAY, 2),
    "Memorial Day": _nth(0, _MONDAY, 5),
    "Juneteenth": _fixed(6, 19),
    "Independence Day": _fixed(7, 4),
    "Labor Day": _nth(1, _MONDAY, 9),
    "Columbus Day": _nth(2, _MONDAY, 10),
    "Veterans Day": _fixed(11, 11),
    "Thanksgiving": _nth(4, _THURSDAY, 11),
    "Christmas Eve": _fixed(12, 24),
    "Christmas Day": _fixed(12, 25),
    "Boxing Day": _fixed(12, 26),
    "New Year's Eve": _fixed(12, 31),
}
