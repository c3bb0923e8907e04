"""The small values people write in a handbook, each with its own clear refusal."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator

from oncall_assets.handbook.problem import did_you_mean, shown

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# Far longer than any turn or deadline, and short enough that no date overflows.
_LONGEST = timedelta(days=3660)


class Written(BaseModel):
    """Anything a person writes: unknown fields are refused, types are not guessed, nothing changes later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _name(value: str) -> str:
    # Dagster's tag values take no other characters, and names become tags.
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,63}", value):
        raise ValueError(f"{shown(value)} is not a name; expected 1 to 63 letters, digits, `_`, `.` or `-`")
    return value


def _check_name(value: str) -> str:
    # Dagster's names of checks take no other characters.
    if not re.fullmatch(r"[A-Za-z0-9_]{1,63}", value):
        raise ValueError(f"{shown(value)} is not a check's name; expected 1 to 63 letters, digits or `_`")
    return value


def _email(value: str) -> str:
    # The pattern Dagster accepts for owners, so that a handbook never fails later in the UI.
    if not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}", value):
        raise ValueError(f"{shown(value)} is not an e-mail address; expected one such as alice@example.com")
    return value


def _phone(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f'{shown(value)} is not text; put the number in quotes, as in "+1 555 0100"')
    if not re.fullmatch(r"\+[0-9][0-9 ()-]{5,20}", value):
        raise ValueError(f'{shown(value)} is not a phone number; expected one such as "+1 555 0100"')
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        from zoneinfo import available_timezones  # noqa: PLC0415 - reads a whole folder; only for the hint

        meant = did_you_mean(value, available_timezones())
        expected = f"expected a name such as America/New_York{meant}"
        raise ValueError(f"{shown(value)} is not a time zone; {expected}") from None
    return value


_UNITS = {
    "m": "minutes", "minute": "minutes", "h": "hours", "hour": "hours",
    "d": "days", "day": "days", "w": "weeks", "week": "weeks",
}  # fmt: skip


def duration(value: object) -> timedelta:
    """The length that `value` writes, as `4h` or `2 weeks` do. Raises ValueError if it writes none."""
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"([1-9][0-9]{0,5}) ?([a-z]+?)s?", value) if isinstance(value, str) else None
    if match is None or match[2] not in _UNITS:
        raise ValueError(f"{shown(value)} is not a duration; expected one such as 30m, 4h, 1 day or 2 weeks")
    length = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if length > _LONGEST:
        raise ValueError(f"{shown(value)} is too long; expected ten years at most")
    return length


# Decimal and binary units are both in use for disks; each means what its standard says (SI, IEC 80000-13).
_SIZES = {"MB": 10**6, "GB": 10**9, "TB": 10**12, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def _size(value: object) -> int:
    match = re.fullmatch(r"([1-9][0-9]{0,5}) ?([A-Za-z]+)", value) if isinstance(value, str) else None
    if match is None or match[2] not in _SIZES:
        raise ValueError(f"{shown(value)} is not a size; expected one such as 500 MiB, 1 GiB or 2 TB")
    return int(match[1]) * _SIZES[match[2]]


def _hour(value: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError(f"{shown(value)} is not a time of day; expected HH:MM such as 09:00")
    return value


def _handoff(value: str) -> str:
    day, blank, hour = value.partition(" ")
    # Turns that are not whole weeks have no weekday of their own.
    if not blank and ":" in day:
        return _hour(value)
    if day not in WEEKDAYS:
        raise ValueError(f"{shown(value)} begins with no weekday; expected one such as `monday 09:00`")
    _hour(hour)
    return value


def _host(value: str) -> str:
    try:
        ip_address(value)
    except ValueError:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", value):
            expected = "expected a name such as smtp.example.com, without a port"
            raise ValueError(f"{shown(value)} is not a host; {expected}") from None
    return value


def _variable(value: str) -> str:
    # Not shown: who mistakes the field writes the secret itself here.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)+", value) or len(value) > 63:
        expected = "expected a name with `_` in it such as ONCALL_SMTP_PASSWORD, never the secret itself"
        raise ValueError(f"is not the name of an environment variable; {expected}")
    return value


def _url(value: str) -> str:
    if "@" in value:
        # Not shown: messages end up in logs.
        raise ValueError("has a user or a password in it; expected an address without, as https://slack.com/api/")
    if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/\S*)?", value):
        raise ValueError(f"{shown(value)} is not a web address; expected one such as https://slack.com/api/")
    return value


Name = Annotated[str, AfterValidator(_name)]
CheckName = Annotated[str, AfterValidator(_check_name)]
Email = Annotated[str, AfterValidator(_email)]
Phone = Annotated[str, BeforeValidator(_phone)]
Zone = Annotated[str, AfterValidator(_zone)]
Duration = Annotated[timedelta, BeforeValidator(duration)]
Size = Annotated[int, PlainValidator(_size)]
"""Bytes."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Hour = Annotated[str, AfterValidator(_hour)]
Handoff = Annotated[str, AfterValidator(_handoff)]
Url = Annotated[str, AfterValidator(_url)]
Host = Annotated[str, AfterValidator(_host)]
Variable = Annotated[str, AfterValidator(_variable)]
"""The name of an environment variable that holds a secret."""
