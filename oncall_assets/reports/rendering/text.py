"""An edition as plain text, for programs and people who read no HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from oncall_assets.reports.edition import Edition
from oncall_assets.reports.rendering import wording
from oncall_assets.reports.rendering.wording import Passage, Row

COLUMNS: Final = 72


def as_text(edition: Edition) -> str:
    """The whole edition but for its pictures, in lines of at most 72 columns."""
    return "\n".join(_lines(edition)) + "\n"


def _lines(edition: Edition) -> Iterator[str]:
    yield from _wrapped(wording.said(edition.title).upper())
    yield from _wrapped(wording.period(edition))
    for box in wording.boxes(edition):
        yield from ("", f"*** {box.title} ***")
        for line in box.lines:
            yield from _wrapped(line, indent=4)
    yield from _heading("Figures")
    for row in wording.rows(edition):
        yield from _figure(row)
    yield from _heading("Definitions")
    yield from _passages(wording.definitions(edition))
    yield from _heading("Data")
    yield from _items(wording.data(edition))
    if edition.restatements:
        yield from _heading("Restated since the last edition")
        yield from _passages(wording.restatements(edition))
    if edition.caveats:
        yield from _heading("Known caveats")
        yield from _items(wording.caveats(edition))
    yield from ("", "-" * COLUMNS)
    for line in wording.footer(edition):
        yield from _wrapped(line)


def _figure(row: Row) -> Iterator[str]:
    room = COLUMNS - len(row.name) - len(row.value)
    if room >= 2:
        yield row.name + " " * room + row.value
    else:
        yield from _wrapped(row.name)
        yield from (line.rjust(COLUMNS) for line in _wrapped(row.value))
    if row.why:
        yield from _wrapped(row.why, indent=4)
    for one in row.compared:
        detail = f" ({one.detail})" if one.detail else ""
        yield from _wrapped(f"{one.change} against {one.what}{detail}", indent=4)
    yield ""


def _heading(title: str) -> Iterator[str]:
    yield from ("", title, "-" * len(title))


def _passages(passages: Sequence[Passage]) -> Iterator[str]:
    for passage in passages:
        yield from _wrapped(passage.title)
        for line in passage.lines:
            yield from _wrapped(line, indent=4)


def _items(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(line, COLUMNS, initial_indent="- ", subsequent_indent="  ")


def _wrapped(text: str, indent: int = 0) -> list[str]:
    blanks = " " * indent
    # A date or a minus sign is not torn at its hyphen.
    return textwrap.wrap(
        text, COLUMNS, initial_indent=blanks, subsequent_indent=blanks, break_on_hyphens=False
    ) or [blanks.rstrip()]
