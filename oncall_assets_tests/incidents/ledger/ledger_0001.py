"""A ledger as the first version of the program made and filled it, so that later ones can show they lose nothing.

Its tables and messages are those of that version, word by word, and never change again.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    insert,
)

from oncall_assets.incidents.ledger.database import open_database

NOW = datetime(2026, 1, 7, 2, 0, tzinfo=UTC)
_INSTANT = DateTime(timezone=True)

metadata = MetaData()

incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("opened_by", Text, nullable=False, unique=True),
    Column("partition", Text),
    Column("covers", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("pipeline", Text),
    Column("opened_at", _INSTANT, nullable=False),
    Column("last_failed_at", _INSTANT, nullable=False),
    Column("repeats", Integer, nullable=False, default=0),
    Column("resolved_at", _INSTANT),
    Column("resolved_by", Text),
)
_open = incidents.c.resolved_at.is_(None)
Index("one_open_incident", incidents.c.key, unique=True, sqlite_where=_open, postgresql_where=_open)

decisions = Table(
    "decisions",
    metadata,
    Column("signal_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("happened_at", _INSTANT, nullable=False),
    Column("decided_at", _INSTANT, nullable=False),
    Column("reason", Text, nullable=False),
    Column("incident_id", ForeignKey("incidents.id")),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("incident_id", ForeignKey("incidents.id")),
    Column("step", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("state", Text, nullable=False, default="pending"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("created_at", _INSTANT, nullable=False),
    Column("claimed_until", _INSTANT),
    Column("sent_at", _INSTANT),
    UniqueConstraint("subject", "step", "person", "channel"),
    Index("messages_by_state", "state"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("written_at", _INSTANT, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
)

ANN = {"key": "ann", "name": "Ann Archer", "timezone": "Europe/London"}
BEN = {"key": "ben", "name": "Ben Baker", "timezone": "America/New_York"}


def seconds(number: int) -> datetime:
    """So many seconds after NOW."""
    return NOW + timedelta(seconds=number)


def fill(url: str) -> None:
    """Make the tables as that version did, and put in incidents, letters and a note.

    Incident 1 is open and its letter on its way, 2 failed for three days, 3 is over, 4 is about the same as 1 and
    has no letter.
    """
    engine = open_database(url)
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(incidents), [_incident(number) for number in (1, 2, 3, 4)])
        connection.execute(insert(decisions), _decisions())
        connection.execute(insert(outbox), _letters())
        connection.execute(insert(notes), {"written_at": NOW, "author": "ann", "text": "ask Finance"})
    engine.dispose()


def _incident(number: int) -> dict[str, Any]:
    covers = [["orders:complete"], ["profit", "orders"], ["job:nightly"], ["orders:complete"]][number - 1]
    partition = ["2026-01-06", "2026-01-02…2026-01-04", None, "2026-01-06"][number - 1]
    return {
        "id": number,
        "key": f"{'check' if number == 1 else 'run'} {' '.join(covers)} @ {partition}",
        "opened_by": f"s{number}",
        "partition": partition,
        "covers": json.dumps(covers),
        "title": f"Title {number}",
        "severity": "critical" if number == 1 else "minor",
        "pipeline": "profit",
        "opened_at": seconds(number),
        "last_failed_at": seconds(number + 10),
        "repeats": number,
        "resolved_at": seconds(60) if number == 3 else None,
        "resolved_by": "s30" if number == 3 else None,
    }


def _decisions() -> list[dict[str, Any]]:
    kinds = {"s1": "CheckFailed", "s2": "RunFailed", "s3": "RunFailed", "s4": "RunFailed", "s30": "RunSucceeded"}
    return [
        {
            "signal_id": signal,
            "kind": kind,
            "run_id": f"run of {signal}",
            "happened_at": NOW,
            "decided_at": NOW,
            "reason": "resolved" if signal == "s30" else "opened",
            "incident_id": int(signal[1]),
        }
        for signal, kind in kinds.items()
    ]


def _letters() -> list[dict[str, Any]]:
    pending: dict[str, Any] = {"state": "pending", "attempts": 2, "last_error": "down"}
    claimed = seconds(90)
    return [
        _letter(1, 1, "slack", **pending | {"claimed_until": claimed}),
        _letter(2, 2, "slack", state="sent", attempts=1, sent_at=seconds(4)),
        _letter(3, 3, "slack", state="failed", attempts=1, last_error="account_inactive"),
        _letter(4, 3, "console", state="sent", attempts=1, sent_at=seconds(5)),
        {**_letter(5, None, "slack"), **pending},
    ]


def _letter(number: int, incident: int | None, channel: str, **more: Any) -> dict[str, Any]:
    about = f"incident {incident}" if incident else "turn 2026-01-12 primary ann"
    return {
        "id": number,
        "subject": about,
        "incident_id": incident,
        "step": "on_call.primary" if incident else "notice",
        "person": "ann",
        "channel": channel,
        "message": json.dumps(_page(incident) if incident else _notice(about)),
        "state": "pending",
        "attempts": 0,
        "last_error": None,
        "created_at": seconds(number),
        "claimed_until": None,
        "sent_at": None,
    } | more


def _page(number: int) -> dict[str, Any]:
    return {
        "kind": "page",
        "incident": number,
        "key": _incident(number)["key"],
        "title": f"Title {number}",
        "severity": _incident(number)["severity"],
        "what": "check complete of asset orders",
        "finding": "71 of 100 rows are there.",
        "observed": "0.71",
        "threshold": "at least 0.99",
        "partition": _incident(number)["partition"],
        "sample": "record_id  cents\nr-1        199",
        "happened_at": "2026-01-07T02:00:01Z",
        "told_at": "2026-01-07T02:00:03Z",
        "primary": ANN,
        "because": ["turn 0 of the rotation"],
        "secondary": BEN,
        "respond": "PT1H",
        "resolve": "P1DT4H",
        "pipeline": "profit",
        "audience": "investors",
        "owners": ["Ben Baker"],
        "affected": [{"asset": "profit", "investors": True}],
        "more_affected": 3,
        "not_computed": ["weekly"],
        "runbook": "runbooks/profit.md",
        "steps": ["1. Look at the run."],
        "links": [{"title": "Run", "url": "http://127.0.0.1:3000/runs/5f0c"}],
    }


def _notice(key: str) -> dict[str, Any]:
    return {
        "kind": "notice",
        "key": key,
        "person": ANN,
        "title": "You are on call",
        "rows": [["With", "Ben Baker"]],
        "told_at": "2026-01-07T02:00:00Z",
    }
