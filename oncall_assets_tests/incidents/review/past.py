"""Incidents of a quarter as the ledger hands them out, with what happened to each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from oncall_assets.incidents.ledger.records import Event, FaultRecord, IncidentRecord
from oncall_assets.incidents.review.times import Retold

# A Tuesday of the quarter that begins on Monday 2026-01-05.
DAY = datetime(2026, 1, 13, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def fault(target: str, partition: str | None = "2026-01-12", *, cause: bool = True) -> FaultRecord:
    return FaultRecord(target, partition, cause, DAY, DAY, 1, None)


def event(what: str, hours: float, who: str | None = None, text: str = "") -> Event:
    """So many hours after DAY."""
    return Event(DAY + hours * HOUR, what, who, text)


def past(number: int, *story: Event, **more: Any) -> Retold:
    """A critical incident of `profit`, to be answered in 1 h and mended in 4 h of DAY; open, but for `more`.

    `over` is after how many hours it was resolved, and `by` who did.
    """
    over, by = more.pop("over", None), more.pop("by", None)
    at = more.pop("at", DAY)
    settings: dict[str, Any] = {
        "number": number,
        "title": "complete failed on orders",
        "severity": "critical",
        "urgency": "any_time",
        "pipeline": "profit",
        "opened_at": at,
        "clock_from": at,
        "respond_by": at + HOUR,
        "resolve_by": at + 4 * HOUR,
        "first_told_at": at,
        "acknowledged_at": None,
        "acknowledged_by": None,
        "resolved_at": None if over is None else at + over * HOUR,
        "resolved_by": by,
        "repeats": 0,
        "round": 1,
        "cause": "orders:complete @ 2026-01-12",
        "faults": (fault("orders:complete"),),
        "issues": ("profit.short",),
    }
    return Retold(IncidentRecord(**settings | more), story)
