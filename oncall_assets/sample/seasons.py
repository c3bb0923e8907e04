"""Weeks and years in the company's business, so that a check must tell a Sunday from an outage."""

from __future__ import annotations

import math
from datetime import date
from typing import Final

# Monday to Sunday, as a ratio to an ordinary working day.
WEEK: Final = (1.00, 1.04, 1.05, 1.02, 0.90, 0.28, 0.24)
YEARLY_SWING: Final = 0.10
PEAK_DAY_OF_YEAR: Final = 60
HOLIDAY_RATIO: Final = 0.60


def weekly(day: date) -> float:
    """Business of `day` by its weekday, as a ratio to an ordinary working day."""
    return WEEK[day.weekday()]


def yearly(day: date) -> float:
    """Business of `day` by the time of year: a peak in March, a low in summer, a hole at the turn of the year."""
    angle = 2 * math.pi * (day.timetuple().tm_yday - PEAK_DAY_OF_YEAR) / 365.25
    holiday = (day.month, day.day) >= (12, 21) or (day.month, day.day) <= (1, 3)
    return (1 + YEARLY_SWING * math.cos(angle)) * (HOLIDAY_RATIO if holiday else 1.0)


def season(day: date) -> float:
    """Both together."""
    return weekly(day) * yearly(day)
