"""Incidents as people read them, today and at the end of a quarter."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from oncall_assets.incidents.ledger import open_incidents as reads
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.letters import chunks
from oncall_assets.incidents.ledger.numbered import any_incident
from oncall_assets.incidents.ledger.pen import case_from, unknown
from oncall_assets.incidents.ledger.records import Event, FaultRecord, IncidentLine, IncidentRecord
from oncall_assets.incidents.ledger.story import story_of
from oncall_assets.incidents.ledger.tables import faults, incidents, is_open, is_sent, outbox
from oncall_assets.incidents.policy.decide import FaultKey
from oncall_assets.incidents.signals.kinds import TroubleKind
from oncall_assets.notify.message import Case


class History(Database):
    """Reads the ledger and changes nothing."""

    def unknown(self, signal_ids: Iterable[str]) -> set[str]:
        """Those of the signals that nothing was decided about."""
        with self.reading() as connection:
            return unknown(connection, signal_ids)

    def open_count(self) -> int:
        """How many incidents are open."""
        with self.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(incidents).where(is_open)).scalar_one())

    def open_troubles(self) -> list[tuple[TroubleKind, FaultKey]]:
        """The open faults that were found by looking, each with its kind, oldest first."""
        with self.reading() as connection:
            return reads.open_troubles(connection)

    def history(self, since: datetime) -> list[IncidentLine]:
        """Incidents that are open, or were opened since then, oldest first."""
        with self.reading() as connection:
            # One after the other: to find both at once SQLite would go through all there ever were.
            rows = [*_rows(connection, is_open), *_rows(connection, incidents.c.opened_at >= since)]
        return [_line(row) for row in _oldest_first({row.id: row for row in rows}.values())]

    def incidents(self, since: datetime | None, open_only: bool) -> list[IncidentRecord]:
        """Incidents opened since then, or ever, oldest first; with `open_only` those that are not over."""
        wanted = true() if since is None else incidents.c.opened_at >= since
        with self.reading() as connection:
            return _records(connection, wanted & is_open if open_only else wanted)

    def opened(self, start: datetime, end: datetime) -> list[IncidentRecord]:
        """Incidents opened in `[start, end)`, oldest first."""
        with self.reading() as connection:
            return _records(connection, (incidents.c.opened_at >= start) & (incidents.c.opened_at < end))

    def incident(self, number: int) -> IncidentRecord:
        """Raises LedgerError if there is none with this number."""
        with self.reading() as connection:
            any_incident(connection, number)
            return _records(connection, incidents.c.id == number)[0]

    def case(self, number: int) -> Case:
        """What the incident is about, at its present severity. Raises LedgerError if there is none."""
        with self.reading() as connection:
            return case_from(any_incident(connection, number))

    def story(self, number: int) -> list[Event]:
        """All that happened to the incident, in order. Raises LedgerError if there is none with this number."""
        with self.reading() as connection:
            return story_of(connection, any_incident(connection, number))


def _rows(connection: Connection, wanted: ColumnElement[bool]) -> Sequence[Row[Any]]:
    return connection.execute(select(incidents).where(wanted)).all()


def _oldest_first(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    return sorted(rows, key=lambda row: (row.opened_at, row.id))


def _line(row: Row[Any]) -> IncidentLine:
    partition = json.loads(row.about).get("partition")
    return IncidentLine(row.id, row.title, row.severity, partition, row.opened_at, row.resolved_at)


def _records(connection: Connection, wanted: ColumnElement[bool]) -> list[IncidentRecord]:
    rows = _oldest_first(_rows(connection, wanted))
    failed: dict[int, list[FaultRecord]] = defaultdict(list)
    told: dict[int, datetime] = {}
    for some in chunks([row.id for row in rows]):
        theirs = select(faults).where(faults.c.incident_id.in_(some)).order_by(faults.c.id)
        for row in connection.execute(theirs):
            failed[row.incident_id].append(_fault(row))
        told.update(_first_told(connection, some))
    return [_record(row, tuple(failed[row.id]), told.get(row.id)) for row in rows]


def _first_told(connection: Connection, numbers: Sequence[int]) -> dict[int, datetime]:
    pages = (outbox.c.incident_id.in_(numbers), outbox.c.kind == "page", is_sent)
    query = select(outbox.c.incident_id, func.min(outbox.c.sent_at).label("at")).where(*pages)
    return {row.incident_id: row.at for row in connection.execute(query.group_by(outbox.c.incident_id))}


def _fault(row: Row[Any]) -> FaultRecord:
    return FaultRecord(
        row.target, row.partition or None, row.is_cause, row.opened_at, row.last_failed_at, row.failures,
        row.cleared_at,
    )  # fmt: skip


def _record(row: Row[Any], failed: tuple[FaultRecord, ...], first_told_at: datetime | None) -> IncidentRecord:
    about = json.loads(row.about)
    return IncidentRecord(
        number=row.id,
        title=row.title,
        severity=row.severity,
        urgency=row.urgency,
        pipeline=row.pipeline,
        opened_at=row.opened_at,
        clock_from=row.clock_from,
        respond_by=row.respond_by,
        resolve_by=row.resolve_by,
        first_told_at=first_told_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        repeats=row.repeats,
        round=row.round,
        cause=about["key"],
        faults=failed,
        issues=tuple(about.get("issues", ())),
    )
