"""What is open on some assets, for whoever is about to tell figures that come from them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from oncall_assets.handbook.team import Severity
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.numbered import raised_to
from oncall_assets.incidents.ledger.tables import decisions, events, faults, incidents, is_open, is_uncleared
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.signals.kinds import HELD


@dataclass(frozen=True, slots=True)
class OpenOn:
    """An open incident with faults that are not mended, on `assets`, of those that were asked about.

    `partitions` are those of these faults, each once and in order; None is a fault of the asset as a whole.
    `severity` is what it would be if no edition were held for it.
    """

    number: int
    severity: Severity
    title: str
    assets: tuple[str, ...]
    partitions: tuple[str | None, ...]


def open_on(database: Database, assets: Iterable[str]) -> list[OpenOn]:
    """The open incidents in which something about one of these assets is not mended, oldest first.

    Where all that is about them was mended, and only what it caused is left, it is not among them.
    """
    asked = frozenset(assets)
    wanted = select(faults.c.assets, faults.c.partition, incidents).join(incidents).where(is_open, is_uncleared)
    names: dict[int, set[str]] = defaultdict(set)
    partitions: dict[int, dict[str | None, None]] = defaultdict(dict)
    with database.reading() as connection:
        rows = sorted(connection.execute(wanted), key=lambda row: row.id)
        about = {row.id: row for row in rows if not asked.isdisjoint(json.loads(row.assets))}
        severities = {number: _severity(connection, row) for number, row in about.items()}
    for row in rows:
        if concerned := asked.intersection(json.loads(row.assets)):
            names[row.id] |= concerned
            partitions[row.id][row.partition or None] = None
    return [
        OpenOn(number, severities[number], row.title, tuple(sorted(names[number])), tuple(partitions[number]))
        for number, row in about.items()
    ]


def _severity(connection: Connection, incident: Row[Any]) -> Severity:
    """How bad it is but for editions held for it, or what holds them would never end: each would hold itself."""
    joined = (decisions.c.incident_id == incident.id, decisions.c.reason == Reason.CAUSED.value)
    by_others: dict[datetime, bool] = defaultdict(bool)
    for row in connection.execute(select(decisions.c.signal_id, decisions.c.decided_at).where(*joined)):
        by_others[row.decided_at] |= not row.signal_id.startswith(HELD)
    raised = (events.c.incident_id == incident.id, events.c.what == "raised")
    severity: Severity = json.loads(incident.about)["severity"]
    for row in connection.execute(select(events.c.at, events.c.text).where(*raised).order_by(events.c.id)):
        if by_others.get(row.at, True):
            severity = raised_to(row.text)
    return severity
