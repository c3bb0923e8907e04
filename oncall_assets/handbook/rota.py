"""The shape of the rota in `team.yaml`: turns, holidays, time off, and what people agreed to change."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
    model_validator,
)

from oncall_assets.handbook.problem import one_of, shown
from oncall_assets.handbook.values import WEEKDAYS, Duration, Handoff, Hour, Name, Written

HolidayRule = Literal["primary_covers", "secondary_covers", "excused"]

# Each has a date rule in `rota/holidays.py`, in the civil calendar of the United States.
MAJOR_HOLIDAYS = (
    "New Year's Day",
    "Martin Luther King Jr. Day",
    "Presidents' Day",
    "Memorial Day",
    "Juneteenth",
    "Independence Day",
    "Labor Day",
    "Columbus Day",
    "Veterans Day",
    "Thanksgiving",
    "Christmas Eve",
    "Christmas Day",
    "Boxing Day",
    "New Year's Eve",
)


def _entry(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    if not (isinstance(value, list) and len(value) == 2):
        raise ValueError(f"{shown(value)} is not a pair; expected [primary, secondary]")
    return tuple(value)


def _whole_days(value: timedelta) -> timedelta:
    if value % timedelta(days=1):
        raise ValueError(f"{value} is not a number of whole days; expected a length such as 1 week or 10 days")
    return value


def _lag(value: object) -> object:
    if value == "next":
        return {"lag": 1}
    if not isinstance(value, dict):
        raise ValueError(f"{shown(value)} is not known; expected `next`, or `{{lag: 2}}`")
    return value


def _as_written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else shown(value)


def _wall(value: object) -> datetime:
    """A wall time without a zone; a date is none here."""
    if isinstance(value, datetime) and value.tzinfo is None:
        # Without the YAML library's own kind of datetime.
        return datetime.combine(value.date(), value.time())
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", value):
        try:
            return datetime.fromisoformat(value)
        except ValueError as error:
            raise ValueError(
                f"{shown(value)} is no time: {error}; expected one such as 2026-05-05T09:00"
            ) from None
    message = f"{_as_written(value)} is not a wall time; expected one without a zone such as 2026-05-05T09:00"
    raise ValueError(message)


def _moment(value: object) -> date:
    """A date, or a wall time."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return _wall(value)
    except ValueError:
        expected = "expected a date such as 2026-04-20, or a wall time such as 2026-04-20T16:30"
        raise ValueError(f"{_as_written(value)} does not say when; {expected}") from None


def _month_day(value: object) -> tuple[int, int]:
    if isinstance(value, str) and re.fullmatch(r"\d{2}-\d{2}", value):
        try:
            # A leap year, so that the 29th of February is a day.
            day = date.fromisoformat(f"2024-{value}")
        except ValueError:
            pass
        else:
            return day.month, day.day
    raise ValueError(f"{_as_written(value)} is no day of the year; expected month and day such as 12-20")


def _major(value: object) -> str:
    if value not in MAJOR_HOLIDAYS:
        message = f"{shown(value)} is no major holiday; {one_of(str(value), MAJOR_HOLIDAYS)}"
        raise ValueError(message)
    return str(value)


def _year(value: object) -> int:
    if not re.fullmatch(r"[12]\d{3}", str(value)):
        raise ValueError(f"{shown(value)} is not a year; expected one such as 2026")
    return int(str(value))


def _quarters(value: object) -> int:
    match = re.fullmatch(r"([1-8]) quarters?", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{shown(value)} is no number of quarters; expected one such as 1 quarter, 8 at most")
    return int(match[1])


Wall = Annotated[datetime, PlainValidator(_wall)]
# A plain date, or a datetime where somebody wrote the hour too.
Moment = Annotated[date, PlainValidator(_moment)]
MonthDay = Annotated[tuple[int, int], PlainValidator(_month_day)]
MajorHoliday = Annotated[str, PlainValidator(_major)]
Year = Annotated[int, PlainValidator(_year)]
Quarters = Annotated[int, PlainValidator(_quarters)]


class Lag(Written):
    """The secondary of entry `i` is the engineer `lag` entries later."""

    lag: int = Field(ge=1)


class Rotation(Written):
    """Turn `i` since `start` goes to `pairs[i mod n]`, handed off at a wall time of the team's zone.

    An entry of `order` is `(primary, secondary)`, or `(engineer,)` where `secondary` names the other.
    """

    turn: Annotated[Duration, AfterValidator(_whole_days)]
    handoff: Handoff
    start: date
    order: Annotated[list[Annotated[tuple[Name, ...], BeforeValidator(_entry)]], Field(min_length=1)]
    secondary: Annotated[Lag | None, BeforeValidator(_lag)] = None
    notes: list[str] = []
    """A word for each entry of `order`, told with its turns."""

    @field_validator("notes")
    @classmethod
    def _one_for_each_turn(cls, notes: list[str], info: ValidationInfo) -> list[str]:
        turns = len(info.data.get("order", notes))
        if notes and len(notes) != turns:
            raise ValueError(f"are {len(notes)} for {turns} turns; expected one for each entry of `order`")
        return notes

    @field_validator("start")
    @classmethod
    def _on_the_day_of_a_handoff(cls, start: date, info: ValidationInfo) -> date:
        # Without a valid handoff there is nothing to compare with, and that is reported by itself.
        weekday, blank, _ = info.data.get("handoff", "").partition(" ")
        if blank and WEEKDAYS[start.weekday()] != weekday:
            raise ValueError(f"{start} is a {WEEKDAYS[start.weekday()]}; expected a {weekday}, as in `handoff`")
        return start

    @property
    def hour(self) -> str:
        """`HH:MM` of the hand-off."""
        return self.handoff.rpartition(" ")[2]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs `(primary, secondary)` that take turns, in order."""
        entries = self.order
        lag = self.secondary.lag if self.secondary else 0
        return tuple(
            (entry[0], entry[1] if len(entry) == 2 else entries[(number + lag) % len(entries)][0])
            for number, entry in enumerate(entries)
        )

    @property
    def ring(self) -> tuple[str, ...]:
        """Everybody who takes turns, once: primaries in order, then who is only ever secondary."""
        pairs = self.pairs
        return tuple(dict.fromkeys([primary for primary, _ in pairs] + [secondary for _, secondary in pairs]))


class Season(Written):
    """Days of every year, both inclusive, in which turns last a day; it may cross the year's end."""

    first: MonthDay = Field(alias="from")
    last: MonthDay = Field(alias="to")
    split: Literal["daily"] = "daily"


class Holidays(Written):
    """What public holidays change. `primary_covers`: nothing.

    With `guarantee_one_major_off` a plan leaves everybody one of any run of consecutive major holidays as long as
    `major` entirely off, in both roles.
    """

    rule: HolidayRule = "primary_covers"
    share_multi_day: bool = False
    major: list[MajorHoliday] = []
    guarantee_one_major_off: bool = False
    table: dict[MajorHoliday, Annotated[dict[Year, Name], Field(min_length=1)]] = {}
    seasons: list[Season] = []


class Swaps(Written):
    """How long before its start a swap must be requested, at the same wall time."""

    notice: Duration


class Publish(Written):
    """How many quarters ahead the rota is published."""

    ahead: Quarters


class Away(Written):
    """Inclusive local dates of the engineer's own zone; the hours cut the first and the last day short."""

    who: Name
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    from_hour: Hour | None = None
    to_hour: Hour | None = None
    why: str = "vacation"

    @model_validator(mode="after")
    def _some_time(self) -> Away:
        first = (self.first, self.from_hour or "00:00")
        last = (self.last, self.to_hour or "24:00")
        if last <= first:
            raise ValueError(f"ends at {' '.join(map(str, last))}, before it begins; expected `to` after `from`")
        return self


class Swap(Written):
    """`take` takes the role of `give` in the turn that starts on the local date `turn`, or in part of it.

    Where `take` holds the other role, the two exchange. `first` and `last` are wall times of the team's zone.
    """

    kind: Literal["swap"]
    turn: date
    give: Name
    take: Name
    requested: Moment
    first: Wall | None = Field(default=None, alias="from")
    last: Wall | None = Field(default=None, alias="to")
    emergency: str | None = None
    because: str | None = None


class Override(Written):
    """Somebody takes `[first, last)` by name, in wall times of the team's zone."""

    kind: Literal["override"]
    first: Wall = Field(alias="from")
    last: Wall = Field(alias="to")
    primary: Name | None = None
    secondary: Name | None = None
    because: str | None = None
    requested: Moment
    force: bool = False


Change = Annotated[Swap | Override, Field(discriminator="kind")]
