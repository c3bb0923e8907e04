"""Whether a blocking check has spoken against some days: a figure it refused is not published by another run.

Reads Dagster's records of evaluations by a call that is not public, for the gate of the reports as well; no other
module does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import dagster as dg
from dagster._core.storage.asset_check_execution_record import (
    COMPLETED_ASSET_CHECK_EXECUTION_RECORD_STATUSES,
    AssetCheckExecutionRecord,
)

from oncall_assets.handbook import labels
from oncall_assets.metrics.days import Days

_PAGE = 50
_LONGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Word:
    """What a check said once, at an instant in UTC: `about` some days, or all where it names none.

    `refuses`: it failed as an error does. A word that did not come of a run has an empty `run_id`.
    """

    about: Days | None
    refuses: bool
    at: datetime
    run_id: str

    def speaks_of(self, day: date) -> bool:
        return self.about is None or self.about.first <= day <= self.about.last


@dataclass(frozen=True, slots=True)
class Refusal:
    """The check that failed last on a day and has not passed since.

    What it found stays on its own page: it may quote a figure, and many may read a failure.
    """

    check: dg.AssetCheckKey
    day: date

    def __str__(self) -> str:
        return f"{self.check.name} of {self.check.asset_key.to_user_string()} failed on {self.day}"


def refusals(instance: dg.DagsterInstance, checks: Iterable[dg.AssetCheckKey], days: Days) -> Iterator[Refusal]:
    """The days on which the last evaluation of a check is a failure that blocks, by check and day.

    An evaluation that does not say which days it is about, as one of another program, is about all. A check that
    was never evaluated, or broke down before it came to a verdict, refuses nothing. What a watch says of several
    days together says nothing of one of them, and is passed over.
    """
    for check in checks:
        open_days = set(days.each)
        failed: set[date] = set()
        for word in words(instance, check):
            judged = {day for day in open_days if word.speaks_of(day)}
            if word.refuses:
                failed |= judged
            open_days -= judged
            if not open_days:
                break
        yield from (Refusal(check, day) for day in sorted(failed))


def words(instance: dg.DagsterInstance, check: dg.AssetCheckKey, expected: int = _PAGE) -> Iterator[Word]:
    """What the check came to, the latest first, but for what a watch said of several days together.

    One question to Dagster for the first `expected` of them, and for each further page, which is twice as long.
    """
    cursor: int | None = None
    limit = expected
    while True:
        page = instance.event_log_storage.get_asset_check_execution_history(
            check, limit=limit, cursor=cursor, status=COMPLETED_ASSET_CHECK_EXECUTION_RECORD_STATUSES
        )
        yield from (word for record in page if (word := _word(record)))
        if len(page) < limit:
            return
        cursor = page[-1].id
        limit = min(2 * limit, _LONGEST_PAGE)


def _word(record: AssetCheckExecutionRecord) -> Word | None:
    evaluation = record.evaluation
    if evaluation is None or record.event is None:
        return None
    about = _days_of(evaluation)
    if labels.WATCH in evaluation.metadata and about is not None and about.first != about.last:
        return None
    return Word(
        about,
        not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR,
        datetime.fromtimestamp(record.event.timestamp, UTC),
        record.event.run_id,
    )


def _days_of(evaluation: dg.AssetCheckEvaluation) -> Days | None:
    """The days an evaluation says it is about; None if it names none, or something that is not days."""
    written = evaluation.metadata.get(labels.PARTITION)
    try:
        return Days.read(str(written.value)) if written is not None else None
    except ValueError:
        return None
