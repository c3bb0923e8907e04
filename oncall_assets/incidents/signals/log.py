"""The one reader of Dagster's event log, so that what Dagster changes there is met in a single place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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

from oncall_assets.handbook.labels import QUIET, WATCH
from oncall_assets.incidents.signals.evidence import evidence_of, partition_of
from oncall_assets.incidents.signals.failure import evaluation_id, event_of, failure_of, instant_of, success_of
from oncall_assets.incidents.signals.kinds import (
    CheckFailed,
    CheckNotRun,
    CheckPassed,
    RunFailed,
    RunSucceeded,
    Signal,
    bounded,
    check_target,
)
from oncall_assets.metrics.runs import PARTITION, RANGE_END, RANGE_START
from oncall_assets.notify.message import printable, shorten

# On Postgres an event's id is drawn before it is committed, and on SQLite the ids of a deleted run are used
# again: both can put a new event behind the cursor, so the last ids are read again and the known ones dropped.
_OVERLAP = 500

# How many runs one query names: databases bound the values of a query.
_RUNS_AT_ONCE = 500

_EVALUATED = DagsterEventType.ASSET_CHECK_EVALUATION
_FAILED: Final = DagsterEventType.RUN_FAILURE
_SUCCEEDED: Final = DagsterEventType.RUN_SUCCESS


class CursorError(Exception):
    """The sensor's cursor is not one of the pager's."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Events up to storage id `after` were read.

    History, which pages nobody, is what has both an id up to `history_id` and an instant up to `history_at`:
    ids are used again and clocks differ, so neither alone can tell. `since` is when the pager began to watch:
    deadlines before it are history too.
    """

    after: int
    history_id: int
    history_at: datetime
    since: datetime

    def __str__(self) -> str:
        history = {"id": self.history_id, "at": self.history_at.isoformat()}
        return json.dumps({"after": self.after, "history": history, "since": self.since.isoformat()})

    def is_history(self, record: EventLogRecord) -> bool:
        return record.storage_id <= self.history_id and instant_of(record.event_log_entry) <= self.history_at

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises CursorError rather than starting anew, which would pass over whatever happened in between."""
        try:
            fields = json.loads(text)
            after, history = fields["after"], fields["history"]
            at = datetime.fromisoformat(history["at"])
            # A cursor of before deadlines were watched has no `since`.
            since = datetime.fromisoformat(fields["since"]) if "since" in fields else at
            if type(after) is not int or type(history["id"]) is not int or not (at.tzinfo and since.tzinfo):
                raise ValueError(text)
        except (ValueError, TypeError, KeyError):
            raise CursorError(
                f"{shorten(text, 100)!r} is not the pager's cursor; expected "
                '{"after": <event id>, "history": {"id": <event id>, "at": <instant>}, "since": <instant>}, where '
                'an instant is text with its zone, as "2026-01-07T02:00:00+00:00". Put it right, or reset the '
                "sensor's cursor to start from now and pass over what happened meanwhile"
            ) from None
        return cls(after, history["id"], at, since)


def start(instance: DagsterInstance, now: datetime) -> Cursor:
    """The cursor for which all that is in the log now is history, and so is every deadline up to `now`."""
    last = newest(instance)
    latest, _ = _merged(instance, max(last - _OVERLAP, 0), _OVERLAP)
    at = max((instant_of(record.event_log_entry) for record in latest), default=datetime.fromtimestamp(0, UTC))
    return Cursor(last, last, at, now)


def read(
    instance: DagsterInstance, cursor: Cursor, limit: int, unknown: Callable[[Iterable[str]], set[str]]
) -> tuple[list[Signal], Cursor]:
    """Signals after the cursor that are unknown, oldest first, and the cursor after them.

    `limit` bounds the events of each kind; `unknown` returns those of the given ids that nobody has decided. Of an
    event it is asked the id of the event's own signal. A run that succeeded and left checks unjudged gives further
    signals, behind its own: all of an event must be decided in one transaction, or a crash would lose them.
    """
    # Deleting runs in the UI takes events away: a cursor ahead of the log would wait for ids to catch up.
    after = min(cursor.after, newest(instance))
    records, horizon = _merged(instance, after, limit)
    ids = {record.storage_id: _signal_id(record) for record in records}
    wanted = unknown(ids.values())
    new = [record for record in records if ids[record.storage_id] in wanted and not cursor.is_history(record)]
    runs = _runs(instance, new)
    signals = [signal for record in new for signal in _signals(instance, record, runs.get(record.run_id))]
    return signals, replace(cursor, after=horizon)


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


def newest(instance: DagsterInstance) -> int:
    """The id of the newest event of any kind; 0 in an empty log."""
    return instance.event_log_storage.get_maximum_record_id() or 0


def _signal_id(record: EventLogRecord) -> str:
    entry = record.event_log_entry
    event = event_of(entry)
    if event.event_type is _EVALUATED:
        return evaluation_id(entry)
    return bounded(f"run/{entry.run_id}/{entry.timestamp!r}/{event.event_type_value}")


def _runs(instance: DagsterInstance, records: Iterable[EventLogRecord]) -> Mapping[str, DagsterRun]:
    ids = sorted({record.run_id for record in records if record.run_id})
    found: dict[str, DagsterRun] = {}
    for first in range(0, len(ids), _RUNS_AT_ONCE):
        chosen = RunsFilter(run_ids=ids[first : first + _RUNS_AT_ONCE])
        found.update((run.run_id, run) for run in instance.get_runs(chosen))
    return found


def _signals(instance: DagsterInstance, record: EventLogRecord, run: DagsterRun | None) -> list[Signal]:
    """The event's own signal, and behind it those of the checks that its run left unjudged."""
    event = event_of(record.event_log_entry)
    name = _signal_id(record)
    partition = partition_of_run(run.tags) if run else None
    watched = bool(run and WATCH in run.tags)
    if event.event_type is _EVALUATED:
        return [_evaluated(record, name, partition, watched)]
    job = printable(run.job_name if run else event.job_name)
    if event.event_type is _SUCCEEDED:
        return _succeeded(instance, record, name, partition, job)
    failure = failure_of(instance, record.event_log_entry, job)
    return [
        RunFailed(
            id=name,
            at=instant_of(record.event_log_entry),
            run_id=record.run_id,
            partition=partition,
            job=job,
            steps=failure.steps,
            skipped=failure.skipped,
            unjudged=failure.unjudged,
            quiet=bool(run and QUIET in run.tags),
            watched=watched,
        )
    ]


def _succeeded(
    instance: DagsterInstance, record: EventLogRecord, name: str, partition: str | None, job: str
) -> list[Signal]:
    at, run_id = instant_of(record.event_log_entry), record.run_id
    success = success_of(instance, run_id, job)
    own = RunSucceeded(id=name, at=at, run_id=run_id, partition=partition, job=job, covers=success.covers)
    left = [
        CheckNotRun(
            id=bounded(f"unjudged/{run_id}/{check_target(asset, check)}"),
            at=at,
            run_id=run_id,
            partition=partition,
            asset=asset,
            check=check,
        )
        for asset, check in success.unjudged
    ]
    return [own, *left]


def _evaluated(
    record: EventLogRecord, name: str, partition: str | None, watched: bool
) -> CheckPassed | CheckFailed:
    evaluation = event_of(record.event_log_entry).asset_check_evaluation_data
    at, run_id = instant_of(record.event_log_entry), record.run_id
    asset, check = printable(evaluation.asset_key.to_user_string()), printable(evaluation.check_name)
    partition = partition_of(evaluation) or partition
    if evaluation.passed:
        return CheckPassed(
            id=name, at=at, run_id=run_id, partition=partition, watched=watched, asset=asset, check=check
        )
    return CheckFailed(
        id=name,
        at=at,
        run_id=run_id,
        partition=partition,
        watched=watched,
        asset=asset,
        check=check,
        severity="error" if evaluation.severity is AssetCheckSeverity.ERROR else "warn",
        evidence=evidence_of(evaluation),
    )


def partition_of_run(tags: Mapping[str, str]) -> str | None:
    """As the checks write their days: one day alone, or the first and the last of a range."""
    if PARTITION in tags:
        return printable(tags[PARTITION])
    first, last = tags.get(RANGE_START), tags.get(RANGE_END)
    if not (first and last):
        return None
    return printable(first if first == last else f"{first}…{last}")
