"""The messages of version 0001 in the words of 0002, so that what was on its way can still be read and sent."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

Json = dict[str, Any]

_LENGTH = TypeAdapter(timedelta)

# Where no page of an incident is kept.
_RESPOND, _RESOLVE = timedelta(hours=1), timedelta(hours=8)

# What a page of 0001 said of the incident, apart from whom it told and when.
_CASE = (
    "key", "title", "severity", "what", "finding", "observed", "threshold", "partition", "sample", "happened_at",
    "pipeline", "audience", "owners", "affected", "more_affected", "not_computed", "runbook", "steps", "links",
)  # fmt: skip


def case_of(incident: sa.Row[Any], page: Json | None, opened_at: datetime) -> Json:
    """What the incident is about, from the page that told of it, or as far as its own row says."""
    if page is not None:
        return {name: page[name] for name in _CASE if name in page}
    return {
        "key": incident.key,
        "title": incident.title,
        "severity": incident.severity,
        "what": incident.key,
        "finding": "Nothing more is known.",
        "partition": incident.partition,
        "happened_at": opened_at.isoformat(),
        "pipeline": incident.pipeline,
    }


def times_of(page: Json | None, opened_at: datetime) -> tuple[datetime, datetime, datetime]:
    """When its clock began, by when it was to be answered, and by when resolved, as the page promised."""
    if page is None:
        return opened_at, opened_at + _RESPOND, opened_at + _RESOLVE
    told_at = datetime.fromisoformat(page["told_at"])
    respond, resolve = (_LENGTH.validate_python(page[name]) for name in ("respond", "resolve"))
    return told_at, told_at + respond, told_at + resolve


def message_of(letter: sa.Row[Any], step: str) -> str:
    """The letter's message; `letter` has `opened_by` of its incident."""
    old = json.loads(letter.message)
    return json.dumps(_notice(old) if letter.incident_id is None else _page(old, letter, step))


def _notice(old: Json) -> Json:
    kept = {name: old[name] for name in ("kind", "title", "rows", "told_at")}
    return {**kept, "id": old["key"], "to": old["person"]}


def _page(old: Json, letter: sa.Row[Any], step: str) -> Json:
    number = letter.incident_id
    told_at, respond_by, resolve_by = times_of(old, datetime.fromisoformat(old["told_at"]))
    people = ("primary", "secondary")
    role = next((name for name in people if old[name]["key"] == letter.person), "primary")
    return {
        **{name: old[name] for name in _CASE if name in old},
        "kind": "page",
        "id": f"incident {number}/{step}/{letter.person}",
        "dedup": f"oncall-{sha256(letter.opened_by.encode()).hexdigest()[:12]}-{number}",
        "incident": number,
        "to": old[role],
        "telling": "opened",
        "why": f"You are on call as {role}.",
        "told_at": told_at.isoformat(),
        "primary": old["primary"],
        "secondary": old["secondary"],
        "because": old["because"],
        "respond": old["respond"],
        "resolve": old["resolve"],
        "respond_by": respond_by.isoformat(),
        "resolve_by": resolve_by.isoformat(),
    }
