"""Runs that neither go on nor end: a worker that was killed with all around it leaves no event behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, RunRecord, RunsFilter
from dagster._core.storage.tags import BACKFILL_ID_TAG

from oncall_assets.handbook.escalation import Watch
from oncall_assets.incidents.signals.failure import left_of
from oncall_assets.incidents.signals.kinds import Trouble
from oncall_assets.incidents.signals.log import partition_of_run
from oncall_assets.notify.message import in_utc, length, printable

# A night that hangs may queue thousands: enough of the oldest say what there is to say.
_LIMIT = 200
_ASSETS = 20

_WAITING = (DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED)
_BUSY = (DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING)


def stuck_runs(instance: DagsterInstance, watch: Watch, now: datetime) -> list[Trouble]:
    """One for each run that is busy for too long, and one for each job whose runs wait for too long.

    A backfill queues more runs than may run at once: they wait their turn as long as one of them is busy.
    """
    busy = instance.get_run_records(RunsFilter(statuses=_BUSY), limit=_LIMIT, ascending=True)
    going_on = {backfill for record in busy if (backfill := _backfill(record))}
    waiting = [record for record in _waiting(instance, now - watch.queued) if _backfill(record) not in going_on]
    by_job = groupby(sorted(waiting, key=_job), key=_job)
    jams = [_jam(instance, job, list(records), watch, now) for job, records in by_job]
    return [*jams, *(trouble for record in busy if (trouble := _stuck(instance, record, watch, now)))]


def _waiting(instance: DagsterInstance, created_before: datetime) -> Sequence[RunRecord]:
    """The oldest runs that wait since before then; those of no backfill are not hidden by the many of one."""

    def oldest(alone: bool) -> Sequence[RunRecord]:
        chosen = RunsFilter(statuses=_WAITING, created_before=created_before, exclude_subruns=alone)
        return instance.get_run_records(chosen, limit=_LIMIT, ascending=True)

    records = oldest(alone=False)
    if len(records) < _LIMIT:
        return records
    return [*(record for record in records if _backfill(record)), *oldest(alone=True)]


def _backfill(record: RunRecord) -> str | None:
    return record.dagster_run.tags.get(BACKFILL_ID_TAG)


def _job(record: RunRecord) -> str:
    return record.dagster_run.job_name


def _jam(
    instance: DagsterInstance, job: str, records: Sequence[RunRecord], watch: Watch, now: datetime
) -> Trouble:
    oldest = min(records, key=lambda record: record.create_timestamp)
    run, created = oldest.dagster_run, oldest.create_timestamp
    more = " or more" if len(records) >= _LIMIT else ""
    count = "One run waits" if len(records) == 1 else f"{len(records)}{more} runs wait"
    selected = {asset for record in records for asset in _selected(record.dagster_run)}
    assets = sorted(selected.union(_assets(instance, run)))
    return Trouble(
        id=f"stuck/{run.run_id}/{run.status.value}",
        at=created + watch.queued,
        run_id=run.run_id,
        partition=None,
        kind="run stuck",
        target=f"stuck queue of {printable(job)}",
        assets=tuple(assets[:_ASSETS]),
        title=f"Runs of {printable(job)} do not start",
        finding=f"{count} to be started, the first since {in_utc(created)}.",
        observed=f"{run.status.value.lower()} for {length(now - created)}",
        threshold=f"started within {length(watch.queued)}",
        figures=False,
    )


def _stuck(instance: DagsterInstance, record: RunRecord, watch: Watch, now: datetime) -> Trouble | None:
    run = record.dagster_run
    since, limit = _since(record), _limit(run, watch)
    if now - since <= limit:
        return None
    job, status = printable(run.job_name), run.status.value.lower()
    return Trouble(
        id=f"stuck/{run.run_id}/{run.status.value}",
        at=since + limit,
        run_id=run.run_id,
        partition=partition_of_run(run.tags),
        kind="run stuck",
        target=f"stuck {run.run_id[:8]}",
        assets=tuple(_assets(instance, run)),
        title=f"A run of {job} is stuck",
        finding=f"Run {run.run_id[:8]} of {job} is {status} since {in_utc(since)}.",
        observed=f"{status} for {length(now - since)}",
        threshold=f"at most {length(limit)}",
        figures=False,
    )


def _since(record: RunRecord) -> datetime:
    """When it was started, or left the queue: before that it only waited."""
    started = record.start_time
    return datetime.fromtimestamp(started, UTC) if started else record.update_timestamp


def _limit(run: DagsterRun, watch: Watch) -> timedelta:
    return watch.queued if run.status is DagsterRunStatus.STARTING else watch.running


def _assets(instance: DagsterInstance, run: DagsterRun) -> list[str]:
    """Those still to be computed; the selection of a run says nothing where it is a whole job."""
    left = left_of(instance, run.run_id)
    return _selected(run) if left is None else left


def _selected(run: DagsterRun) -> list[str]:
    return sorted(printable(key.to_user_string()) for key in run.asset_selection or ())
