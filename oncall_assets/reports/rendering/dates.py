"""Periods and instants in words as the company's locale writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from oncall_assets.handbook.reports import Grain
from oncall_assets.notify.message import oneline
from oncall_assets.reports.edition import Edition
from oncall_assets.reports.rendering.numbers import locale_of


def period_in_words(grain: Grain, first: date, last: date, locale: str) -> str:
    """`Tuesday, October 6, 2026`, `week of Sep 28 – Oct 4, 2026`, `October 2026`: one line of plain blanks."""
    from babel.dates import format_date, format_interval, format_skeleton  # noqa: PLC0415 - when one is written

    known = locale_of(locale)
    match grain:
        case "day":
            words = format_date(first, "full", locale=known)
        case "week":
            words = f"week of {format_interval(first, last, 'yMMMMd', locale=known)}"
        case "month":
            words = format_skeleton("yMMMM", _noon(first), locale=known)
    return oneline(words, 100)


def short_period(grain: Grain, first: date, locale: str) -> str:
    """A period by its first day or its month, short enough for an axis: `Oct 6`, `Oct 2026`."""
    from babel.dates import format_skeleton  # noqa: PLC0415 - as above

    skeleton = "yMMM" if grain == "month" else "MMMd"
    return oneline(format_skeleton(skeleton, _noon(first), locale=locale_of(locale)), 40)


def period_name(first: date, last: date) -> str:
    """`2026-10-06` or `2026-09-28_2026-10-04`, for file names."""
    return first.isoformat() if first == last else f"{first.isoformat()}_{last.isoformat()}"


def instant_in_words(at: datetime, edition: Edition) -> str:
    """`Oct 7, 2026, 6:00 AM America/New_York (10:00 UTC)`; of another day in UTC, with that day."""
    from babel.dates import format_date, format_time  # noqa: PLC0415 - as above

    known = locale_of(edition.locale)
    local, utc = at.astimezone(ZoneInfo(edition.zone)), at.astimezone(UTC)
    words = f"{format_date(local.date(), 'medium', locale=known)}, {format_time(local, 'short', locale=known)}"
    if edition.zone == "UTC":
        return oneline(f"{words} UTC", 100)
    day = "" if local.date() == utc.date() else f"{utc:%Y-%m-%d} "
    return oneline(f"{words} {edition.zone} ({day}{utc:%H:%M} UTC)", 100)


def _noon(day: date) -> datetime:
    # Babel moves an instant without a zone from UTC to UTC; a date alone it does not take.
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
