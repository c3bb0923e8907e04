"""What watches found, read from their runs, because warnings and passes open no incident and leave no signal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from dagster import AssetCheckSeverity, DagsterEventType, DagsterInstance, EventLogEntry, RunRecord, RunsFilter

from oncall_assets.handbook.labels import NOT_JUDGED, WATCH, WATCHED_AT
from oncall_assets.incidents.signals.evidence import evidence_of
from oncall_assets.incidents.signals.failure import event_of, planned_check, sentence, step_error
from oncall_assets.incidents.signals.log import partition_of_run
from oncall_assets.notify.message import printable

# More than all watches of a few days: a bound for what one tick may read.
_LIMIT = 500

_PLANNED: Final = DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
_EVALUATED: Final = DagsterEventType.ASSET_CHECK_EVALUATION
_FAILED: Final = DagsterEventType.STEP_FAILURE
_KINDS = {_PLANNED, _EVALUATED, _FAILED}


@dataclass(frozen=True, slots=True)
class WatchRun:
    """A run of the watch `key` (`pipeline.name`) for `instant`; `ended_at` is None while it is not over."""

    run_id: str
    key: str
    instant: datetime
    days: str | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a check of a watch's run; `finding` says in a sentence what is wrong."""

    asset: str
    check: str
    verdict: Literal["passed", "failed", "warned", "not judged"]
    finding: str


def watch_runs(instance: DagsterInstance, keys: Collection[str], since: datetime) -> list[WatchRun]:
    """The runs that schedules launched for these watches since then, oldest first, in one query."""
    if not keys:
        return []
    chosen = RunsFilter(tags={WATCH: sorted(keys)}, created_after=since)
    records = instance.get_run_records(chosen, limit=_LIMIT)
    found = [run for record in records if (run := _run(record))]
    return sorted(found, key=lambda run: (run.created_at, run.run_id))


def judgements(instance: DagsterInstance, run_id: str) -> list[Judgement]:
    """One for each check that the run was to judge, by asset and name."""
    entries = instance.all_logs(run_id, of_type=_KINDS)
    by_kind = {kind: [one for one in entries if event_of(one).event_type is kind] for kind in _KINDS}
    errors = {entry.step_key: sentence(step_error(entry)) for entry in by_kind[_FAILED]}
    found = {(one.asset, one.check): one for one in map(_judged, by_kind[_EVALUATED])}
    for entry in by_kind[_PLANNED]:
        asset, check = planned_check(entry)
        why = errors.get(entry.step_key, "The run ended without judging it.")
        found.setdefault((asset, check), Judgement(asset, check, NOT_JUDGED, why))
    return [found[name] for name in sorted(found)]


def _run(record: RunRecord) -> WatchRun | None:
    run = record.dagster_run
    try:
        instant = datetime.fromisoformat(run.tags[WATCHED_AT])
    except (KeyError, ValueError):
        # Launched by a person, who looks at it.
        return None
    if instant.tzinfo is None:
        return None
    # A run that never began ends without an end of its own.
    ended = record.end_time or _in_utc(record.update_timestamp).timestamp()
    return WatchRun(
        run.run_id,
        run.tags[WATCH],
        instant.astimezone(UTC),
        partition_of_run(run.tags),
        _in_utc(record.create_timestamp),
        datetime.fromtimestamp(ended, UTC) if run.is_finished else None,
    )


def _in_utc(instant: datetime) -> datetime:
    # Some of Dagster's storages keep no zone, and mean UTC.
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _judged(entry: EventLogEntry) -> Judgement:
    evaluation = event_of(entry).asset_check_evaluation_data
    asset, check = printable(evaluation.asset_key.to_user_string()), printable(evaluation.check_name)
    evidence = evidence_of(evaluation)
    if evaluation.passed:
        return Judgement(asset, check, "passed", evidence.finding)
    if evidence.observed == NOT_JUDGED:
        return Judgement(asset, check, NOT_JUDGED, evidence.finding)
    failed = evaluation.severity is AssetCheckSeverity.ERROR
    return Judgement(asset, check, "failed" if failed else "warned", evidence.finding)
