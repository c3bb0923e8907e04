"""Whether a blocking check has spoken against some days: a figure it refused is not published by another run.

Reads Dagster's records of evaluations by a call that is not public; no other module of this package does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import dagster as dg
from dagster._core.storage.asset_check_execution_record import (
    COMPLETED_ASSET_CHECK_EXECUTION_RECORD_STATUSES,
)

from oncall_assets.handbook import labels
from oncall_assets.metrics.days import Days

_PAGE = 50


@dataclass(frozen=True, slots=True)
class Refusal:
    """The check that failed last on a day and has not passed since, and what it found."""

    check: dg.AssetCheckKey
    day: date
    finding: str

    def __str__(self) -> str:
        return f"{self.check.name} of {self.check.asset_key.to_user_string()} failed on {self.day}: {self.finding}"


def refusals(instance: dg.DagsterInstance, checks: Iterable[dg.AssetCheckKey], days: Days) -> Iterator[Refusal]:
    """The days on which the last evaluation of a check is a failure that blocks, by check and day.

    An evaluation that does not say which days it is about, as one of another program, is about all. A check that
    was never evaluated, or broke down before it came to a verdict, refuses nothing. What a watch says of several
    days together says nothing of one of them, and is passed over.
    """
    for check in checks:
        open_days = set(days.each)
        failed: dict[date, str] = {}
        for evaluation in _latest_first(instance, check):
            about = _days_of(evaluation)
            if labels.WATCH in evaluation.metadata and about is not None and about.first != about.last:
                continue
            judged = {day for day in open_days if about is None or about.first <= day <= about.last}
            if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR:
                failed |= dict.fromkeys(judged, evaluation.description or "it gave no reason")
            open_days -= judged
            if not open_days:
                break
        yield from (Refusal(check, day, failed[day]) for day in sorted(failed))


def _latest_first(instance: dg.DagsterInstance, check: dg.AssetCheckKey) -> Iterator[dg.AssetCheckEvaluation]:
    cursor: int | None = None
    while True:
        page = instance.event_log_storage.get_asset_check_execution_history(
            check, limit=_PAGE, cursor=cursor, status=COMPLETED_ASSET_CHECK_EXECUTION_RECORD_STATUSES
        )
        yield from (record.evaluation for record in page if record.evaluation is not None)
        if len(page) < _PAGE:
            return
        cursor = page[-1].id


def _days_of(evaluation: dg.AssetCheckEvaluation) -> Days | None:
    """The days an evaluation says it is about; None if it names none, or something that is not days."""
    written = evaluation.metadata.get(labels.PARTITION)
    try:
        return Days.parse(*str(written.value).split("…")) if written is not None else None
    except (TypeError, ValueError):
        return None
