"""The whole history of one incident, put together from all that was kept about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from oncall_assets.incidents.ledger.letters import FAILED, SENT
from oncall_assets.incidents.ledger.quiet import between, faults_of, holding
from oncall_assets.incidents.ledger.records import Event
from oncall_assets.incidents.ledger.tables import events, outbox
from oncall_assets.notify.message import in_utc, length

# From then on the message itself said that it was late.
_LATE = timedelta(minutes=15)


def story_of(connection: Connection, incident: Row[Any]) -> list[Event]:
    """All that happened to the incident of this row, in order; at the same instant, telling comes last."""
    query = select(events).where(events.c.incident_id == incident.id).order_by(events.c.id)
    found = [Event(row.at, row.what, row.who, row.text) for row in connection.execute(query)]
    found += _silences(connection, incident)
    letters = select(outbox).where(outbox.c.incident_id == incident.id).order_by(outbox.c.id)
    found += [_of_letter(row) for row in connection.execute(letters)]
    return sorted(found, key=lambda event: event.at)


def _silences(connection: Connection, incident: Row[Any]) -> Iterator[Event]:
    rows = faults_of(connection, incident.id)
    for kept in between(connection, incident.opened_at, incident.resolved_at):
        silence = kept.silence
        at = max(silence.starts, incident.opened_at)
        if holding([silence], rows, incident.pipeline, at):
            yield Event(at, "silenced", silence.by, f"until {in_utc(silence.ends)}: {silence.because}")
            if kept.lifted_at and _before(kept.lifted_at, incident.resolved_at):
                yield Event(kept.lifted_at, "silence lifted", kept.lifted_by, silence.because)


def _before(at: datetime, end: datetime | None) -> bool:
    return end is None or at < end


def _of_letter(row: Row[Any]) -> Event:
    if row.state == SENT:
        # Stakeholders hear of it; they are not asked to do anything.
        what = "notified" if row.kind == "notice" else "told"
        return Event(row.sent_at, what, row.person, "; ".join([f"by {row.channel} ({row.step})", *_marks(row)]))
    if row.state == FAILED:
        return Event(row.refused_at, "refused", row.person, f"by {row.channel} ({row.step}): {row.last_error}")
    tried = f"; tried {row.attempts} times: {row.last_error}" if row.attempts else ""
    return Event(row.created_at, "waiting", row.person, f"for {row.channel} ({row.step}){tried}")


def _marks(row: Row[Any]) -> Iterator[str]:
    late = row.sent_at - row.created_at
    if late > _LATE:
        yield f"late by {length(late)}"
    if row.attempts > 1 and row.first_tried_at:
        yield f"first tried at {in_utc(row.first_tried_at)}"
    if row.doubtful:
        yield "possibly a repeat"
