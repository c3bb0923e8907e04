"""Silences as rows: kept until long after they are over, as they belong to the story of what they held back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select

from oncall_assets.incidents.ledger.tables import faults, silences
from oncall_assets.incidents.policy.silences import Silence, silenced


@dataclass(frozen=True, slots=True)
class Kept:
    """A silence that ends when it really did, and who lifted it before its time, if somebody did."""

    silence: Silence
    lifted_at: datetime | None
    lifted_by: str | None


def keep(connection: Connection, silence: Silence) -> int:
    """The new silence's number."""
    values = {
        "author": silence.by,
        "because": silence.because,
        "starts": silence.starts,
        "ends": silence.ends,
        "asset": silence.asset,
        "pipeline": silence.pipeline,
        "check_name": silence.check,
    }
    return int(connection.execute(insert(silences).values(values).returning(silences.c.id)).scalar_one())


def in_force(connection: Connection, at: datetime) -> list[Silence]:
    """Those that hold at that instant, oldest first."""
    return [kept.silence for kept in between(connection, at, None) if kept.silence.starts <= at]


def between(connection: Connection, start: datetime, end: datetime | None) -> list[Kept]:
    """Those that held at some time in `[start, end)`, or later than `start` without an end, oldest first."""
    lifted = or_(silences.c.lifted_at.is_(None), silences.c.lifted_at > start)
    query = select(silences).where(silences.c.ends > start, lifted)
    if end is not None:
        query = query.where(silences.c.starts < end)
    return [_kept(row) for row in connection.execute(query.order_by(silences.c.id))]


def faults_of(connection: Connection, number: int) -> Sequence[Row[Any]]:
    """The faults of an incident, in the order they came."""
    return connection.execute(select(faults).where(faults.c.incident_id == number).order_by(faults.c.id)).all()


def holding(
    which: Iterable[Silence], rows: Iterable[Row[Any]], pipeline: str | None, at: datetime
) -> Silence | None:
    """The silence that kept an incident with these faults quiet at that instant."""
    rows = list(rows)
    assets = {asset for row in rows if row.is_cause for asset in json.loads(row.assets)}
    failing = {
        row.target for row in rows if row.opened_at <= at and (row.cleared_at is None or row.cleared_at >= at)
    }
    return silenced(which, assets, pipeline, failing, at)


def _kept(row: Row[Any]) -> Kept:
    ends = min(row.ends, row.lifted_at) if row.lifted_at else row.ends
    silence = Silence(row.id, row.author, row.because, row.starts, ends, row.asset, row.pipeline, row.check_name)
    return Kept(silence, row.lifted_at, row.lifted_by)
