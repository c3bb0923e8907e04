"""Working days of the company, because a promise to investors is made in those and not in days of a calendar."""

from __future__ import annotations

from datetime import date

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.values import WEEKDAYS
from oncall_assets.rota.holidays import DAY, public_holidays


def is_business_day(handbook: Handbook, on: date) -> bool:
    """Whether `on` is one of the weekdays of `business_hours` and no public holiday of `company.region`.

    Observed days are holidays too. Without a region no holiday is known.
    """
    if WEEKDAYS[on.weekday()] not in handbook.team.business_hours.days:
        return False
    region = handbook.team.company.region
    return region is None or on not in public_holidays(region, (on.year,))


def business_days_before(handbook: Handbook, on: date, count: int) -> date:
    """The business day that has `count` business days from itself up to `on`, which is not counted.

    2 before a Tuesday is the Friday before, 1 before a Sunday the Friday too. 0 is `on` itself, or the last
    business day before it where `on` is none. Raises ValueError if `count` is below 0.
    """
    if count < 0:
        raise ValueError(f"{count} business days before {on} lie behind it; expected 0 or more")
    found, left = on, count
    while left or not is_business_day(handbook, found):
        found -= DAY
        left -= bool(left) and is_business_day(handbook, found)
    return found


def business_days_between(handbook: Handbook, start: date, end: date) -> int:
    """How many business days there are from `start` up to `end`, which is not counted; 0 where it is not later."""
    return sum(is_business_day(handbook, start + number * DAY) for number in range((end - start).days))
