"""What is open, read in a few statements however much it is: for the policy, the probes and the escalation."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from oncall_assets.incidents.ledger.letters import chunks
from oncall_assets.incidents.ledger.tables import faults, incidents, is_open, is_uncleared, outbox
from oncall_assets.incidents.policy.decide import Fault, FaultKey, OpenIncident
from oncall_assets.incidents.policy.standing import Standing
from oncall_assets.incidents.signals.kinds import TroubleKind


def open_incidents(connection: Connection) -> list[OpenIncident]:
    """What is open, with its open faults, oldest first."""
    opened = _chosen(connection, is_open)
    cause: dict[int, set[str]] = defaultdict(set)
    failing: dict[int, dict[FaultKey, Fault]] = defaultdict(dict)
    for row in _faults(connection, opened):
        assets = tuple(json.loads(row.assets))
        if row.is_cause:
            cause[row.incident_id].update(assets)
        if row.cleared_at is None:
            fault = Fault(row.target, row.partition or None, assets, row.last_failed_at, row.run_id)
            failing[row.incident_id][fault.key] = fault
    return [OpenIncident(row.opened_by, frozenset(cause[row.id]), failing[row.id]) for row in opened]


def open_troubles(connection: Connection) -> list[tuple[TroubleKind, FaultKey]]:
    """The open faults that were found by looking, each with its kind, oldest first."""
    rows = connection.execute(select(faults).where(is_uncleared, faults.c.kind.in_(get_args(TroubleKind))))
    return [(row.kind, (row.target, row.partition or None)) for row in sorted(rows, key=lambda row: row.id)]


def standings(connection: Connection, which: ColumnElement[bool] = is_open) -> list[Standing]:
    """Each of the incidents as the escalation sees it, oldest first."""
    rows = _chosen(connection, which)
    assets: dict[int, dict[str, None]] = defaultdict(dict)
    targets: dict[int, dict[str, None]] = defaultdict(dict)
    for row in _faults(connection, rows):
        if row.is_cause:
            assets[row.incident_id].update(dict.fromkeys(json.loads(row.assets)))
        if row.cleared_at is None:
            targets[row.incident_id][row.target] = None
    told = _told(connection, rows)
    return [_standing(row, tuple(assets[row.id]), tuple(targets[row.id]), frozenset(told[row.id])) for row in rows]


def _chosen(connection: Connection, which: ColumnElement[bool]) -> list[Row[Any]]:
    """The incidents, oldest first. Sorted here, as SQLite would go through all there ever were to do it."""
    return sorted(connection.execute(select(incidents).where(which)), key=lambda row: row.id)


def _faults(connection: Connection, of: Sequence[Row[Any]]) -> Iterator[Row[Any]]:
    """The faults of these incidents that are open or a cause, in the order they came in each."""
    for some in chunks([row.id for row in of]):
        wanted = select(faults).where(faults.c.incident_id.in_(some), or_(is_uncleared, faults.c.is_cause))
        yield from connection.execute(wanted.order_by(faults.c.id))


def _told(connection: Connection, of: Sequence[Row[Any]]) -> dict[int, set[str]]:
    """Who has a page of the present round; where it was refused everywhere, telling them again would not help."""
    this_round = {row.id: f"{row.round}." for row in of}
    told: dict[int, set[str]] = defaultdict(set)
    for some in chunks(list(this_round)):
        pages = (outbox.c.incident_id.in_(some), outbox.c.kind == "page")
        query = select(outbox.c.incident_id, outbox.c.person, outbox.c.step).where(*pages)
        for row in connection.execute(query):
            if row.step.startswith(this_round[row.incident_id]):
                told[row.incident_id].add(row.person)
    return told


def _standing(row: Row[Any], assets: tuple[str, ...], targets: tuple[str, ...], told: frozenset[str]) -> Standing:
    return Standing(
        number=row.id,
        severity=row.severity,
        urgency=row.urgency,
        pipeline=row.pipeline,
        assets=assets,
        targets=targets,
        opened_at=row.opened_at,
        round=row.round,
        clock_from=row.clock_from,
        respond_by=row.respond_by,
        resolve_by=row.resolve_by,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        told=told,
        tell=row.tell,
    )
