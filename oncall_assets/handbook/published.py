"""The quarters that people were told: shifts as they were published, which no later plan moves."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainValidator

from oncall_assets.handbook.problem import HandbookError, Problem, one_of, shown
from oncall_assets.handbook.source import Source, read_yaml
from oncall_assets.handbook.values import Name, Written


def _instant(value: object) -> datetime:
    if not (isinstance(value, datetime) and value.tzinfo):
        found = value.isoformat() if isinstance(value, date) else shown(value)
        raise ValueError(f"{found} is no instant; expected one such as 2027-01-04T14:00:00Z, without quotes")
    # Without the YAML library's own kind of datetime.
    return datetime.combine(value.date(), value.time(), value.tzinfo).astimezone(UTC)


def _quarter(value: object) -> str:
    if not (isinstance(value, str) and re.fullmatch(r"[0-9]{4}Q[1-4]", value)):
        raise ValueError(f"{shown(value)} is no quarter; expected one such as 2027Q1")
    return value


Instant = Annotated[datetime, PlainValidator(_instant)]


class PublishedShift(Written):
    """`[start, end)` in UTC as it was published, who serves, and why."""

    start: Instant
    end: Instant
    primary: Name
    secondary: Name
    why: list[str] = []


class PublishedQuarter(Written):
    """The whole of `published/<quarter>.yaml`; `published` is the instant it was told."""

    quarter: Annotated[str, PlainValidator(_quarter)]
    published: Instant
    shifts: Annotated[list[PublishedShift], Field(min_length=1)]


def read_published(path: Path, engineers: Collection[str]) -> PublishedQuarter:
    """One published quarter, served by `engineers`. Raises HandbookError with every problem of the file."""
    source = read_yaml(path)
    quarter = source.validate(PublishedQuarter)
    if problems := [*_problems(source, quarter, path.stem, engineers)]:
        raise HandbookError(problems)
    return quarter


def _problems(
    source: Source, quarter: PublishedQuarter, name: str, engineers: Collection[str]
) -> Iterator[Problem]:
    if quarter.quarter != name:
        message = f"{shown(quarter.quarter)} is not what the file is called; expected {name}"
        yield source.problem(("quarter",), message)
    last = quarter.shifts[0].start
    for number, shift in enumerate(quarter.shifts):
        here = ("shifts", number)
        if shift.start != last:
            message = f"is not the end of the shift before, {last:%Y-%m-%dT%H:%M:%SZ}; expected no gap or overlap"
            yield source.problem((*here, "start"), message)
        if shift.end <= shift.start:
            yield source.problem((*here, "end"), "is not after `start`; expected a later instant")
        for field, who in (("primary", shift.primary), ("secondary", shift.secondary)):
            if who not in engineers:
                message = f"{shown(who)} is no engineer of team.yaml; {one_of(who, engineers)}"
                yield source.problem((*here, field), f"{message}; keep who is gone, with `left:`")
        if shift.primary == shift.secondary:
            message = f"{shown(shift.primary)} is primary and secondary at once; expected two people"
            yield source.problem((*here, "secondary"), message)
        last = shift.end


def overlaps(folder: Path, quarters: Iterable[PublishedQuarter]) -> Iterator[Problem]:
    """Quarters that begin before another has ended: nobody could say which of the two holds."""
    for one, other in pairwise(sorted(quarters, key=lambda quarter: quarter.shifts[0].start)):
        if other.shifts[0].start < one.shifts[-1].end:
            path = folder / "published" / f"{other.quarter}.yaml"
            message = (
                f"begins before {one.quarter} ends; expected shifts from {one.shifts[-1].end:%Y-%m-%dT%H:%M:%SZ}"
            )
            yield Problem(str(path), 1, 1, "shifts", message)
