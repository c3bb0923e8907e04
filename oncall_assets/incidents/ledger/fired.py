"""When each detector last found something, so that a team sees which of its fears ever came true."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, inspect, not_, or_, select
from sqlalchemy.exc import DBAPIError

from oncall_assets.incidents.ledger.database import Database, missing_file, open_database
from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.incidents.ledger.tables import faults, incidents
from oncall_assets.incidents.signals.kinds import CheckFailed, CheckNotRun, RunFailed, check_target, job_target

CHECK: Final = "check"
"""What `Fired.by` says of a check; else it is a mechanism in the words of `detected_by`."""


@dataclass(frozen=True, slots=True)
class Fired:
    """The last failure that a check or a mechanism found, about the same assets, at `at` (UTC).

    `target` is `asset:check` for a check. `pipeline` is that of the incident where this was its cause; None where
    it joined another's.
    """

    by: str
    target: str
    assets: tuple[str, ...]
    pipeline: str | None
    at: datetime
    incident: int


def there_is_a_ledger(url: str) -> bool:
    """Whether the database has a ledger's tables; none are made.

    Also true of a database that cannot be read: whoever opens it is told why.
    """
    try:
        if missing_file(url):
            return False
        engine = open_database(url)
    except LedgerError:
        return True
    try:
        return inspect(engine).has_table(incidents.name)
    except DBAPIError:
        return True
    finally:
        engine.dispose()


def last_fired(ledger: Database) -> list[Fired]:
    """One for each check, and for each mechanism by the assets it was about, the latest first.

    Read in one statement that gives back no more rows than there are of these, however many incidents there were.
    """
    by = _by()
    subject = case((by == CHECK, faults.c.target), else_=faults.c.assets)
    pipeline = case((faults.c.is_cause, incidents.c.pipeline))
    latest = (faults.c.last_failed_at.desc(), faults.c.id.desc())
    place = func.row_number().over(partition_by=(by, subject, pipeline), order_by=latest).label("place")
    wanted = (faults.c.target, faults.c.assets, faults.c.last_failed_at, faults.c.incident_id)
    ranked = select(by.label("by"), pipeline.label("pipeline"), *wanted, place).join(incidents).subquery()
    with ledger.reading() as connection:
        rows = connection.execute(select(ranked).where(ranked.c.place == 1)).all()
    found = [
        Fired(row.by, row.target, tuple(json.loads(row.assets)), row.pipeline, row.last_failed_at, row.incident_id)
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.at, one.incident), reverse=True)


def _by() -> ColumnElement[str]:
    """A check, or the mechanism; a step that failed while it judged a check is no failed run of an asset."""
    judged = and_(
        faults.c.target.contains(check_target("", ""), autoescape=True),
        not_(faults.c.target.startswith(job_target(""), autoescape=True)),
    )
    raised = and_(faults.c.kind == RunFailed.__name__, judged)
    return case(
        (faults.c.kind == CheckFailed.__name__, CHECK),
        (or_(faults.c.kind == CheckNotRun.__name__, raised), "check could not run"),
        (faults.c.kind == RunFailed.__name__, "run failed"),
        else_=faults.c.kind,
    )
