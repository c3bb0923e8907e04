"""Dates and instants as people type them, each with its own clear refusal."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import click

from oncall_assets.rota.turns import wall_instant

# Beyond these no public holiday is known, and dates overflow.
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199

Moment = TypeVar("Moment", bound=date)


class Day(click.ParamType[date]):
    """A date such as 2026-12-21."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date; expected one such as 2026-12-21", param, ctx)
        return _in_range(self, day, value, param, ctx)


class When(click.ParamType[date]):
    """A date, or an instant such as 2026-12-25T03:00 (in the team's zone) or 2026-12-25T03:00Z."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            moment = (
                date.fromisoformat(value) if len(value) == len("2026-12-25") else datetime.fromisoformat(value)
            )
        except ValueError:
            self.fail(f"{value!r} is no instant; expected one such as 2026-12-25T03:00", param, ctx)
        return _in_range(self, moment, value, param, ctx)


class Wall(click.ParamType[str]):
    """A wall time such as 2026-05-05T09:00, kept as text for the file that it goes into."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            wall = datetime.strptime(value.replace(" ", "T"), "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - has no zone yet
        except ValueError:
            self.fail(f"{value!r} is no wall time; expected one such as 2026-05-05T09:00", param, ctx)
        _in_range(self, wall, value, param, ctx)
        return wall.isoformat(timespec="minutes")


class Hour(click.ParamType[str]):
    """A time of day such as 13:00."""

    name = "hour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return f"{datetime.strptime(value, '%H:%M'):%H:%M}"  # noqa: DTZ007 - a time of day has no zone
        except ValueError:
            self.fail(f"{value!r} is no time of day; expected one such as 13:00", param, ctx)


def instant(when: date, zone: ZoneInfo) -> datetime:
    """The UTC instant of `when`: a date's first, a wall time's by the rule of hand-offs (DESIGN, rota rule 1)."""
    if not isinstance(when, datetime):
        return wall_instant(when, time(0), zone)
    if when.tzinfo is not None:
        return when.astimezone(UTC)
    return wall_instant(when.date(), when.time(), zone)


def window(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """`[start, end)` in UTC; a date stands for its whole day, on either end. Refuses one that is empty."""
    whole_day = not isinstance(last, datetime)
    start, end = instant(first, zone), instant(last + timedelta(days=whole_day), zone)
    if end <= start:
        raise click.UsageError(f"--to {last} is not after --from {first}; expected a later one")
    return start, end


def _in_range(kind: Any, moment: Moment, value: Any, param: Any, ctx: Any) -> Moment:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        kind.fail(f"{value!r} is out of range; expected a year from {FIRST_YEAR} to {LAST_YEAR}", param, ctx)
    return moment
