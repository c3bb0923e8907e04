"""The one reader of Dagster's event log, so that what Dagster changes there is met in a single place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from dagster import (
    AssetCheckSeverity,
    DagsterEventType,
    DagsterInstance,
    DagsterRun,
    EventLogRecord,
    EventRecordsFilter,
    RunsFilter,
    RunStatusChangeRecordsFilter,
)
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

from oncall_assets.incidents.evidence import evidence_of, partition_of
from oncall_assets.incidents.failure import computed_by, evaluation_id, event_of, failed_steps, instant_of
from oncall_assets.incidents.kinds import (
    CheckFailed,
    CheckPassed,
    RunFailed,
    RunSucceeded,
    Signal,
    bounded,
)
from oncall_assets.metrics.runs import PARTITION, RANGE_END, RANGE_START
from oncall_assets.notify.message import printable, shorten

# On Postgres an event's id is drawn before it is committed, and on SQLite the ids of a deleted run are used
# again: both can put a new event behind the cursor, so the last ids are read again and the known ones dropped.
_OVERLAP = 500

_EVALUATED = DagsterEventType.ASSET_CHECK_EVALUATION
_FAILED: Final = DagsterEventType.RUN_FAILURE
_SUCCEEDED: Final = DagsterEventType.RUN_SUCCESS


class CursorError(Exception):
    """The sensor's cursor is not one of the pager's."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Events up to storage id `after` were read.

    History, which pages nobody, is what has both an id up to `history_id` and an instant up to `history_at`:
    ids are used again and clocks differ, so neither alone can tell.
    """

    after: int
    history_id: int
    history_at: datetime

    def __str__(self) -> str:
        history = {"id": self.history_id, "at": self.history_at.isoformat()}
        return json.dumps({"after": self.after, "history": history})

    def is_history(self, record: EventLogRecord) -> bool:
        return record.storage_id <= self.history_id and instant_of(record.event_log_entry) <= self.history_at

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises CursorError rather than starting anew, which would pass over whatever happened in between."""
        try:
            fields = json.loads(text)
            after, history = fields["after"], fields["history"]
            cursor = cls(after, history["id"], datetime.fromisoformat(history["at"]))
            if type(after) is not int or type(history["id"]) is not int or cursor.history_at.tzinfo is None:
                raise ValueError(text)
        except (ValueError, TypeError, KeyError):
            raise CursorError(
                f"{shorten(text, 100)!r} is not the pager's cursor; expected "
                '{"after": <event id>, "history": {"id": <event id>, "at": "<instant with its zone>"}}. Put it '
                "right, or reset the sensor's cursor to start from now and pass over what happened meanwhile"
            ) from None
        return cursor


def start(instance: DagsterInstance) -> Cursor:
    """The cursor for which all that is in the log now is history."""
    newest = _newest(instance)
    latest, _ = _merged(instance, max(newest - _OVERLAP, 0), _OVERLAP)
    at = max((instant_of(record.event_log_entry) for record in latest), default=datetime.fromtimestamp(0, UTC))
    return Cursor(newest, newest, at)


def read(
    instance: DagsterInstance, cursor: Cursor, limit: int, unknown: Callable[[Iterable[str]], set[str]]
) -> tuple[list[Signal], Cursor]:
    """Signals after the cursor that are unknown, oldest first, and the cursor after them.

    `limit` bounds the events of each kind; `unknown` returns those of the given ids that nobody has decided.
    """
    # Deleting runs in the UI takes events away: a cursor ahead of the log would wait for ids to catch up.
    after = min(cursor.after, _newest(instance))
    records, horizon = _merged(instance, after, limit)
    ids = {record.storage_id: _signal_id(record) for record in records}
    wanted = unknown(ids.values())
    new = [record for record in records if ids[record.storage_id] in wanted and not cursor.is_history(record)]
    runs = _runs(instance, new)
    signals = [_signal(instance, record, runs.get(record.run_id)) for record in new]
    return signals, Cursor(horizon, cursor.history_id, cursor.history_at)


def _merged(instance: DagsterInstance, after: int, limit: int) -> tuple[list[EventLogRecord], int]:
    """Events of all kinds in order from before `after`, and the id up to which they are complete.

    A kind that fills its limit may have more behind: beyond its last id the other kinds must wait, or a run's
    failure could be judged before the check that caused it.
    """
    again = max(after - _OVERLAP, 0)
    kinds = [
        _evaluations(instance, again, limit + _OVERLAP),
        _run_changes(instance, _FAILED, again, limit + _OVERLAP),
        _run_changes(instance, _SUCCEEDED, again, limit + _OVERLAP),
    ]
    fresh = [[record.storage_id for record in records if record.storage_id > after] for records in kinds]
    bounds = [ids[limit - 1] for ids in fresh if len(ids) >= limit]
    horizon = min(bounds) if bounds else max((ids[-1] for ids in fresh if ids), default=after)
    complete = [record for records in kinds for record in records if record.storage_id <= horizon]
    return sorted(complete, key=lambda record: record.storage_id), horizon


def _evaluations(instance: DagsterInstance, after: int, limit: int) -> Sequence[EventLogRecord]:
    # Dagster has no public call for the evaluations of all checks. This one, of the base class, reads the
    # index on SQLite, Postgres and in memory alike; SQLite's own override refuses an id as its cursor.
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        raise TypeError(f"the pager reads SQL event logs only, not {type(storage).__name__}")
    chosen = EventRecordsFilter(_EVALUATED, after_cursor=after)
    return SqlEventLogStorage.get_event_records(storage, chosen, limit, ascending=True)


def _run_changes(
    instance: DagsterInstance,
    kind: Literal[DagsterEventType.RUN_FAILURE, DagsterEventType.RUN_SUCCESS],
    after: int,
    limit: int,
) -> Sequence[EventLogRecord]:
    chosen = RunStatusChangeRecordsFilter(kind, after_storage_id=after)
    return instance.fetch_run_status_changes(chosen, limit, ascending=True).records


def _newest(instance: DagsterInstance) -> int:
    return instance.event_log_storage.get_maximum_record_id() or 0


def _signal_id(record: EventLogRecord) -> str:
    entry = record.event_log_entry
    event = event_of(entry)
    if event.event_type is _EVALUATED:
        return evaluation_id(entry)
    return bounded(f"run/{entry.run_id}/{entry.timestamp!r}/{event.event_type_value}")


def _runs(instance: DagsterInstance, records: Iterable[EventLogRecord]) -> Mapping[str, DagsterRun]:
    ids = sorted({record.run_id for record in records if record.run_id})
    return {run.run_id: run for run in instance.get_runs(RunsFilter(run_ids=ids))} if ids else {}


def _signal(instance: DagsterInstance, record: EventLogRecord, run: DagsterRun | None) -> Signal:
    entry = record.event_log_entry
    event = event_of(entry)
    name, at, run_id = _signal_id(record), instant_of(entry), entry.run_id
    partition = _partition(run.tags) if run else None
    if event.event_type is not _EVALUATED:
        job = printable(run.job_name if run else event.job_name)
        if event.event_type is _SUCCEEDED:
            covers = computed_by(instance, run_id, job)
            return RunSucceeded(id=name, at=at, run_id=run_id, partition=partition, job=job, covers=covers)
        steps, skipped = failed_steps(instance, entry, job)
        return RunFailed(id=name, at=at, run_id=run_id, partition=partition, job=job, steps=steps, skipped=skipped)
    evaluation = event.asset_check_evaluation_data
    asset, check = printable(evaluation.asset_key.to_user_string()), printable(evaluation.check_name)
    partition = partition_of(evaluation) or partition
    if evaluation.passed:
        return CheckPassed(id=name, at=at, run_id=run_id, partition=partition, asset=asset, check=check)
    return CheckFailed(
        id=name,
        at=at,
        run_id=run_id,
        partition=partition,
        asset=asset,
        check=check,
        severity="error" if evaluation.severity is AssetCheckSeverity.ERROR else "warn",
        evidence=evidence_of(evaluation),
    )


def _partition(tags: Mapping[str, str]) -> str | None:
    if PARTITION in tags:
        return printable(tags[PARTITION])
    first, last = tags.get(RANGE_START), tags.get(RANGE_END)
    if not (first and last):
        return None
    # As the checks write their days: one day alone, or the first and the last of a range.
    return printable(first if first == last else f"{first}…{last}")
