"""What version 0002 makes of what 0001 kept: an open incident and a letter on its way stay what they were."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from oncall_assets.incidents.ledger.migrations.reword import Json, case_of, message_of, times_of

_INSTANT = sa.DateTime(timezone=True)
_CHUNK = 500
_LONGEST_RANGE = 1000

# The first telling of the first round, as 0002 counts them.
_FIRST_STEP = {"on_call.primary": "1.1 on_call.primary"}


def _table(name: str, text: str, instants: str = "", numbers: str = "id", flags: str = "") -> sa.TableClause:
    columns: list[sa.ColumnClause[Any]] = [sa.column(column, sa.Text) for column in text.split()]
    columns += [sa.column(column, _INSTANT) for column in instants.split()]
    columns += [sa.column(column, sa.Integer) for column in numbers.split()]
    columns += [sa.column(column, sa.Boolean) for column in flags.split()]
    return sa.table(name, *columns)


_DECISION = ("signal_id kind run_id reason", "happened_at decided_at", "incident_id")
_NOTE = ("author text", "written_at")

_old_incidents = _table(
    "before_incidents",
    "key opened_by partition covers title severity pipeline resolved_by",
    "opened_at last_failed_at resolved_at",
    "id repeats",
)
_old_decisions = _table("before_decisions", *_DECISION)
_old_notes = _table("before_notes", *_NOTE)
_old_outbox = _table(
    "before_outbox",
    "subject step person channel message state last_error",
    "created_at claimed_until sent_at",
    "id incident_id attempts",
)
_incidents = _table(
    "incidents",
    "opened_by about title severity urgency pipeline resolution",
    "opened_at clock_from respond_by resolve_by resolved_at",
    "id repeats round",
    "tell_acknowledged tell_resolved",
)
_faults = _table(
    "faults",
    "key target partition assets run_id kind",
    "opened_at last_failed_at cleared_at",
    "incident_id failures",
    "is_cause",
)
_events = _table("events", "what text", "at", "incident_id")
_decisions = _table("decisions", *_DECISION)
_outbox = _table(
    "outbox",
    "subject step person channel kind message state last_error",
    "created_at claimed_until sent_at refused_at",
    "id incident_id attempts sent_with",
    "doubtful",
)
_notes = _table("notes", *_NOTE)


def carry_over(connection: sa.Connection) -> None:
    """Fill the tables of 0002 from those of 0001, which are called `before_…`."""
    for rows in _chunks(connection, sa.select(_old_incidents), _old_incidents.c.id):
        pages = _pages(connection, [row.id for row in rows])
        origins = _origins(connection, [row.opened_by for row in rows])
        for row in rows:
            _carry_incident(connection, row, pages.get(row.id), origins.get(row.opened_by))
    for old, new in ((_old_decisions, _decisions), (_old_notes, _notes)):
        names = [column.name for column in new.c]
        connection.execute(sa.insert(new).from_select(names, sa.select(*(old.c[name] for name in names))))
    with_opener = sa.select(_old_outbox, _old_incidents.c.opened_by).outerjoin(
        _old_incidents, _old_incidents.c.id == _old_outbox.c.incident_id
    )
    for rows in _chunks(connection, with_opener, _old_outbox.c.id):
        connection.execute(sa.insert(_outbox), [_letter(row) for row in rows])
    if connection.dialect.name == "postgresql":
        for table in ("incidents", "outbox", "notes"):
            # The numbers were given here, so the sequence that gives the next ones has not moved.
            highest = f"(SELECT max(id) FROM {table})"  # noqa: S608 - a constant
            connection.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {highest})"))


def _chunks(
    connection: sa.Connection, query: sa.Select[Any], number: sa.ColumnElement[int]
) -> Iterator[Sequence[sa.Row[Any]]]:
    """The rows in the order of their numbers, never all of them at once."""
    last = 0
    while rows := connection.execute(query.where(number > last).order_by(number).limit(_CHUNK)).all():
        yield rows
        last = rows[-1].id


def _pages(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, Json]:
    """The first page of each incident, of those that had one."""
    first = sa.select(sa.func.min(_old_outbox.c.id)).where(_old_outbox.c.incident_id.in_(numbers))
    chosen = _old_outbox.c.id.in_(first.group_by(_old_outbox.c.incident_id))
    found = connection.execute(sa.select(_old_outbox.c.incident_id, _old_outbox.c.message).where(chosen))
    return {row.incident_id: json.loads(row.message) for row in found}


def _origins(connection: sa.Connection, signals: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Kind and run of each signal that opened an incident."""
    chosen = sa.select(_old_decisions).where(_old_decisions.c.signal_id.in_(signals))
    return {row.signal_id: (row.kind, row.run_id) for row in connection.execute(chosen)}


def _carry_incident(
    connection: sa.Connection, row: sa.Row[Any], page: Json | None, origin: tuple[str, str] | None
) -> None:
    resolution = f"what failed succeeded again ({row.resolved_by})" if row.resolved_at else None
    clock_from, respond_by, resolve_by = times_of(page, _aware(row.opened_at))
    values = {
        "id": row.id,
        "opened_by": row.opened_by,
        "about": json.dumps(case_of(row, page, _aware(row.opened_at))),
        "title": row.title,
        "severity": row.severity,
        "urgency": "any_time",
        "pipeline": row.pipeline,
        "opened_at": row.opened_at,
        "repeats": row.repeats,
        "round": 1,
        "clock_from": clock_from,
        "respond_by": respond_by,
        "resolve_by": resolve_by,
        "resolved_at": row.resolved_at,
        "resolution": resolution,
        "tell_acknowledged": False,
        "tell_resolved": False,
    }
    connection.execute(sa.insert(_incidents), values)
    connection.execute(sa.insert(_faults), _faults_of(row, origin or ("CheckFailed", "")))
    story = [{"at": row.opened_at, "what": "opened", "text": row.title}]
    if row.resolved_at:
        story.append({"at": row.resolved_at, "what": "resolved", "text": resolution})
    connection.execute(sa.insert(_events), [{"incident_id": row.id, **event} for event in story])


def _faults_of(row: sa.Row[Any], origin: tuple[str, str]) -> list[Json]:
    """What has to succeed, one for each target and, of an open incident, for each day of a range."""
    partitions = [row.partition or ""] if row.resolved_at else _days(row.partition or "")
    kind, run_id = origin
    return [
        {
            "incident_id": row.id,
            "key": sha256(json.dumps([target, partition]).encode()).hexdigest(),
            "target": target,
            "partition": partition,
            "assets": json.dumps(_assets(target)),
            "run_id": run_id,
            "kind": kind,
            "is_cause": True,
            "opened_at": row.opened_at,
            "last_failed_at": row.last_failed_at,
            "failures": row.repeats + 1,
            "cleared_at": row.resolved_at,
        }
        for target in json.loads(row.covers)
        for partition in partitions
    ]


def _assets(target: str) -> list[str]:
    if target.startswith("job:"):
        return []
    asset, _, _ = target.rpartition(":")
    return [asset or target]


def _days(partition: str) -> list[str]:
    first, _, last = partition.partition("…")
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return [partition]
    count = (end - start).days + 1
    return [str(start + timedelta(days=n)) for n in range(count)] if 0 < count <= _LONGEST_RANGE else [partition]


def _letter(row: sa.Row[Any]) -> Json:
    about_incident = row.incident_id is not None
    step = _FIRST_STEP.get(row.step, row.step) if about_incident else row.step
    return {
        "id": row.id,
        "subject": row.subject,
        "incident_id": row.incident_id,
        "step": step,
        "person": row.person,
        "channel": row.channel,
        "kind": "page" if about_incident else "notice",
        "message": message_of(row, step),
        "state": row.state,
        "attempts": row.attempts,
        "last_error": row.last_error,
        "created_at": row.created_at,
        "claimed_until": row.claimed_until,
        "doubtful": False,
        "sent_at": row.sent_at,
        "sent_with": row.id if row.state == "sent" else None,
        # When it was refused was not kept.
        "refused_at": row.created_at if row.state == "failed" else None,
    }


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
