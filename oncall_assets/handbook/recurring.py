"""Words for the days on which something comes again, the same for deadlines and for watches."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Annotated, Final

from pydantic import PlainValidator

from oncall_assets.handbook.problem import shown
from oncall_assets.handbook.values import WEEKDAYS

EVERY_DAY: Final = "every day"
WORKING_DAYS: Final = "working days"
LAST_WEEK: Final = "last week of the month"
LAST_DAY: Final = "last day of the month"

_WORDS = (EVERY_DAY, WORKING_DAYS, *WEEKDAYS, LAST_WEEK, LAST_DAY)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def _on(value: object) -> str | int:
    if isinstance(value, str) and value in _WORDS:
        return value
    # A bool is an int too.
    if type(value) is int and 1 <= value <= 28:
        return value
    words = f"`{EVERY_DAY}`, `{WORKING_DAYS}`, a weekday such as monday, `{LAST_WEEK}`, `{LAST_DAY}`"
    raise ValueError(f"{shown(value)} does not say which days; expected {words} or a day of the month, 1 to 28")


OnDays = Annotated[str | int, PlainValidator(_on)]
"""`every day`, `working days`, a weekday, the last seven days or the last day of a month, or its day 1 to 28."""


def falls_on(days: str | int, on: date, working: Collection[str]) -> bool:
    """Whether the date is one of those that `days` names; `working` are the weekdays that are working days."""
    match days:
        case int():
            return on.day == days
        case "every day":
            return True
        case "working days":
            return WEEKDAYS[on.weekday()] in working
        case "last week of the month":
            return (on + _WEEK).month != on.month
        case "last day of the month":
            return (on + _DAY).month != on.month
        case _:
            return WEEKDAYS[on.weekday()] == days
