"""Silences that are not over, also those to come: a window of maintenance is planned before it begins."""

from __future__ import annotations

from datetime import datetime

from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.quiet import between
from oncall_assets.incidents.policy.silences import Silence


def planned(ledger: Database, now: datetime) -> list[Silence]:
    """Those in force at `now` and those that begin later, the first to begin first."""
    with ledger.reading() as connection:
        found = [kept.silence for kept in between(connection, now, None)]
    return sorted(found, key=lambda one: (one.starts, one.id))
