"""Shifts and audits in short: weeks from Monday 2026-01-05 at midnight UTC, and people by their first letter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.team import Team
from oncall_assets.rota import Reason, Shift
from oncall_assets.rota.audit import audit
from oncall_assets_tests.rota.teams import FOUR, handbook, team, utc

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(weeks=1)
PEOPLE = {name[0]: name for name in ("alice", "bob", "carol", "david", "erin")}


def by_utc(**more: Any) -> Team:
    """Alice, Bob, Carol and David in weeks that begin on Monday at midnight UTC, where they all live."""
    return team(**{"zone": "UTC", "hour": "00:00", "order": FOUR, **more})


def shift(start: str, end: str, pair: str) -> Shift:
    """`ab` is Alice with Bob; instants as `2026-01-05T00:00` or `2026-01-05`, in UTC."""
    return Shift(utc(start), utc(end), PEOPLE[pair[0]], PEOPLE[pair[1]], (Reason("base", "a test"),))


def weeks(text: str, first: datetime = FIRST) -> tuple[Shift, ...]:
    """A shift a week for each pair of `ab bc cd`."""
    return tuple(
        Shift(first + number * WEEK, first + (number + 1) * WEEK, PEOPLE[pair[0]], PEOPLE[pair[1]], ())
        for number, pair in enumerate(text.split())
    )


def days(text: str, first: datetime) -> tuple[Shift, ...]:
    """A shift a day for each pair."""
    day = timedelta(days=1)
    return tuple(
        Shift(first + number * day, first + (number + 1) * day, PEOPLE[pair[0]], PEOPLE[pair[1]], ())
        for number, pair in enumerate(text.split())
    )


def found(of: Team | Handbook, shifts: Iterable[Shift], **more: Any) -> list[tuple[str, str, str]]:
    """Rule, who and start (`01-05 00:00`) of each finding; the window is that of the shifts."""
    return [(rule, who, start) for rule, who, start, _ in told(of, shifts, **more)]


def told(of: Team | Handbook, shifts: Iterable[Shift], **more: Any) -> Iterator[tuple[str, str, str, str]]:
    """As `found`, with the sentence."""
    served = tuple(shifts)
    window = {"start": min(one.start for one in served), "end": max(one.end for one in served), **more}
    book = of if isinstance(of, Handbook) else handbook(of)
    for one in audit(book, served, **window):
        yield one.rule, one.who, f"{one.start:%m-%d %H:%M}", one.text
