"""What an edition says, part by part, in words of no channel: a plain mail says the same as a page."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from oncall_assets.handbook.reports import Grain
from oncall_assets.notify.message import oneline
from oncall_assets.reports.edition import Edition, Figure, Restatement, Value, change
from oncall_assets.reports.rendering.dates import instant_in_words, period_in_words
from oncall_assets.reports.rendering.numbers import (
    NOT_AVAILABLE,
    shown,
    shown_amount,
    shown_change,
    shown_share,
)

_LONGEST: Final = 2000
_LONGEST_SUBJECT: Final = 200
BEFORE: Final[dict[Grain, str]] = {"day": "the day before", "week": "the week before", "month": "the month before"}
YEAR_BEFORE: Final = "a year before"


class Box(NamedTuple):
    """Something to know before the figures are read."""

    kind: Literal["warning", "remark"]
    title: str
    lines: tuple[str, ...]


class Compared(NamedTuple):
    """The change against `what`, and the value there or why there is none."""

    what: str
    change: str
    detail: str


class Row(NamedTuple):
    name: str
    value: str
    why: str
    compared: tuple[Compared, Compared]


class Passage(NamedTuple):
    """A heading with its lines."""

    title: str
    lines: tuple[str, ...]


def said(text: str) -> str:
    """What people or data wrote, on one line and without what moves a cursor."""
    return oneline(text, _LONGEST)


def subject(edition: Edition) -> str:
    """`Aggregate profit for Tuesday, October 6, 2026`, and whether it was sent before."""
    again = "Resent: " if edition.repeat else ""
    return oneline(f"{again}{edition.title} for {_period(edition)}", _LONGEST_SUBJECT)


def period(edition: Edition) -> str:
    """`Tuesday, October 6, 2026 (UTC)`: whose days they are."""
    return f"{_period(edition)} (UTC)"


def boxes(edition: Edition) -> list[Box]:
    found = []
    if edition.repeat:
        found.append(Box("remark", "Resent", ("This edition was sent before and is sent again on purpose.",)))
    if edition.override:
        released = edition.override
        lines = (
            f"By {said(released.by)}, {instant_in_words(released.at, edition)}.",
            f"Because: {said(released.because)}",
            *(f"Held for: {said(hold)}" for hold in released.holds),
        )
        found.append(Box("warning", "Released although held", lines))
    if edition.provisional:
        found.append(Box("remark", "Provisional", (said(edition.provisional),)))
    return found


def rows(edition: Edition) -> list[Row]:
    return [_row(figure, edition) for figure in edition.figures]


def definitions(edition: Edition) -> list[Passage]:
    return [
        Passage(said(one.name), (said(one.means), f"Calculation: {said(one.calculation)}"))
        for one in edition.figures
    ]


def data(edition: Edition) -> list[str]:
    """How complete and how fresh it is."""
    complete, fresh = NOT_AVAILABLE, NOT_AVAILABLE
    if edition.coverage is not None:
        complete = f"{shown_share(edition.coverage, edition)} of the days upstream are present"
    if edition.computed_at is not None:
        fresh = instant_in_words(edition.computed_at, edition)
    return [f"Coverage: {complete}.", f"Oldest part computed: {fresh}."]


def restatements(edition: Edition) -> list[Passage]:
    return [_restated(one, edition) for one in edition.restatements]


def caveats(edition: Edition) -> list[str]:
    return [said(caveat) for caveat in edition.caveats]


def footer(edition: Edition) -> list[str]:
    composed, due = (instant_in_words(at, edition) for at in (edition.composed_at, edition.due))
    return [
        f"Sent by {said(edition.team)}. Report {said(edition.report)}, from the table {said(edition.table)}.",
        f"Composed {composed}; due {due}.",
        f"Money is in {said(edition.currency)}; days are days of UTC.",
    ]


def _period(edition: Edition) -> str:
    return period_in_words(edition.grain, edition.first, edition.last, edition.locale)


def _row(figure: Figure, edition: Edition) -> Row:
    value, why = NOT_AVAILABLE, said(figure.now.why or "")
    if figure.now.amount is not None:
        value, why = shown_amount(figure.now.amount, figure.unit, edition), ""
    before = _compared(BEFORE[edition.grain], figure, figure.before, edition)
    return Row(said(figure.name), value, why, (before, _compared(YEAR_BEFORE, figure, figure.year_ago, edition)))


def _compared(what: str, figure: Figure, past: Value, edition: Edition) -> Compared:
    changed = shown_change(figure.unit, figure.now, past, edition)
    if past.amount is None:
        return Compared(what, changed, said(past.why or ""))
    reference = shown_amount(past.amount, figure.unit, edition)
    why = change(figure.unit, figure.now, past).why if figure.now.amount is not None else None
    return Compared(what, changed, f"{reference}; {said(why)}" if why else reference)


def _restated(one: Restatement, edition: Edition) -> Passage:
    days = period_in_words(edition.grain, one.first, one.last, edition.locale)
    sent, now = (shown(value, one.unit, edition) for value in (one.sent, one.now))
    changed = shown_change(one.unit, one.now, one.sent, edition)
    by = "" if changed == NOT_AVAILABLE else f" ({changed})"
    lines = (f"Sent as {sent}, now {now}{by}.", f"Cause: {said(one.cause)}")
    return Passage(f"{said(one.figure)}, {days}", lines)
