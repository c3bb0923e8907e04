"""Editions as a run has them when it begins to send, and what becomes of their copies."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from oncall_assets.incidents.ledger.edition_records import EditionRecord, NewCopy, NewEdition, Won
from oncall_assets.incidents.ledger.editions import EditionBook

NOW = datetime(2026, 10, 7, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UNTIL = NOW + 5 * MINUTE
REPORT, PERIOD = "aggregate_profit_daily", "2026-10-06"
CONTENT: dict[str, Any] = {
    "report": REPORT,
    "title": "Aggregate profit",
    "pipeline": "aggregate_profit",
    "currency": "EUR",
    "figures": [
        {"column": "profit_cents", "name": "Profit", "unit": "money", "now": {"amount": 9007199254740993}},
        {"column": "margin", "name": "Margin", "unit": "ratio", "now": {"amount": 0.1}},
    ],
    "repeat": 0,
}


def copies(*names: str, repeat: int = 0, audience: str = "investors") -> tuple[NewCopy, ...]:
    """A copy for each of the names, as `ann@example.com`."""
    return tuple(
        NewCopy(f"audience.{audience}.{name}@example.com", f"{name}@example.com", f"<{name}.{repeat}@oncall>")
        for name in names
    )


def new_edition(*names: str, report: str = REPORT, period: str = PERIOD, **more: Any) -> NewEdition:
    """An edition for these people, by default Ann and Ben; `more` is content."""
    content = json.dumps(CONTENT | {"report": report} | more)
    return NewEdition(report, period, NOW, content, NOW - MINUTE, copies(*(names or ("ann", "ben"))))


def begun(book: EditionBook, *names: str, at: datetime = NOW, run_id: str = "run-1", **more: Any) -> EditionRecord:
    """The edition, taken by a run until five minutes after `at`."""
    claimed = book.begin(new_edition(*names, **more), run_id, at, at + 5 * MINUTE)
    assert isinstance(claimed, Won), claimed
    return claimed.edition


def send(book: EditionBook, edition: EditionRecord, at: datetime = NOW) -> EditionRecord:
    """Send what is waiting of the edition, and finish."""
    for copy in edition.copies:
        if book.claim_copy(copy.id, at, at + 5 * MINUTE):
            book.copy_sent(copy.id, at)
    return book.finish(edition.id, at)


def left_in_doubt(book: EditionBook, *names: str, **more: Any) -> EditionRecord:
    """An edition whose first copy was being sent when its run died, and all others sent by the next run."""
    first = begun(book, *names, **more)
    book.claim_copy(first.copies[0].id, NOW, UNTIL)
    return send(book, begun(book, *names, at=UNTIL, run_id="run-2", **more), UNTIL)


def states(edition: EditionRecord) -> list[str]:
    return [copy.state for copy in edition.copies]
