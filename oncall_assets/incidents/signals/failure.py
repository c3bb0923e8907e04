"""What became of a run: what it computed, why it failed, and what it left undone."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dagster import DagsterEvent, DagsterEventType, DagsterInstance, EventLogEntry
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned
from dagster._core.errors import DagsterAssetCheckFailedError
from dagster._core.events import JobFailureData
from dagster._core.execution.plan.objects import StepFailureData
from dagster_shared.error import SerializableErrorInfo

from oncall_assets.incidents.signals.kinds import FailedStep, bounded, check_target, job_target
from oncall_assets.notify.message import oneline, printable

_ERROR_LIMIT = 500
_BLOCKED = DagsterAssetCheckFailedError.__name__
_PLANNED = DagsterEventType.ASSET_MATERIALIZATION_PLANNED
_MATERIALIZED = DagsterEventType.ASSET_MATERIALIZATION
_CHECK_PLANNED = DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
_EVALUATED = DagsterEventType.ASSET_CHECK_EVALUATION
_STEP_FAILED = DagsterEventType.STEP_FAILURE


@dataclass(frozen=True, slots=True)
class Failure:
    """`steps` are to blame, at least one; the assets `skipped` and the checks `unjudged` are left undone."""

    steps: tuple[FailedStep, ...]
    skipped: tuple[str, ...]
    unjudged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Success:
    """What a run computed, and the planned checks of it that were not judged, by asset and name."""

    covers: frozenset[str]
    unjudged: tuple[tuple[str, str], ...]


def failure_of(instance: DagsterInstance, failure: EventLogEntry, job: str) -> Failure:
    """Why the run of a RUN_FAILURE failed. A check that raised is a failed step and not among `unjudged`."""
    kinds = {_PLANNED, _MATERIALIZED, _CHECK_PLANNED, _EVALUATED, _STEP_FAILED}
    entries = instance.all_logs(failure.run_id, of_type=kinds)
    computed = assets_of(entries, _MATERIALIZED)
    missing = sorted(assets_of(entries, _PLANNED) - computed)
    steps = tuple(_failed_step(entry, entries, job) for entry in entries if _type(entry) is _STEP_FAILED)
    raised = {entry.step_key for entry in entries if _type(entry) is _STEP_FAILED}
    unjudged = tuple(check_target(*check) for check in _unjudged(entries, raised))
    if not steps:
        targets = tuple(missing) or (job_target(job),)
        return Failure((FailedStep(tuple(missing), targets, _run_error(failure)),), (), unjudged)
    blamed = {target for step in steps for target in step.targets}
    return Failure(steps, tuple(asset for asset in missing if asset not in blamed), unjudged)


def success_of(instance: DagsterInstance, run_id: str, job: str) -> Success:
    """Covers are assets, `asset:check`s, and the job itself."""
    entries = instance.all_logs(run_id, of_type={_MATERIALIZED, _CHECK_PLANNED, _EVALUATED})
    checks = {_check_of(entry) for entry in entries if _type(entry) is _EVALUATED}
    assets = assets_of(entries, _MATERIALIZED)
    unjudged = tuple((asset, check) for asset, check in _unjudged(entries, set()) if asset in assets)
    return Success(frozenset({*assets, *checks, job_target(job)}), unjudged)


def left_of(instance: DagsterInstance, run_id: str) -> list[str] | None:
    """The assets that a run planned and has not computed; None if it planned none."""
    entries = instance.all_logs(run_id, of_type={_PLANNED, _MATERIALIZED})
    planned = assets_of(entries, _PLANNED)
    return sorted(planned - assets_of(entries, _MATERIALIZED)) if planned else None


def evaluation_id(entry: EventLogEntry) -> str:
    """The id of an evaluation's signal: its storage id differs between Dagster's index and a run's own log."""
    return bounded(f"check/{entry.run_id}/{entry.timestamp!r}/{_check_of(entry)}")


def assets_of(entries: Iterable[EventLogEntry], kind: DagsterEventType) -> set[str]:
    keys = (event_of(entry).asset_key for entry in entries if _type(entry) is kind)
    return {printable(key.to_user_string()) for key in keys if key}


def instant_of(entry: EventLogEntry) -> datetime:
    return datetime.fromtimestamp(entry.timestamp, UTC)


def sentence(error: SerializableErrorInfo | None) -> str:
    """Class and message of the innermost error, as Dagster wraps what a step raised in an error of its own."""
    if error is None:
        return "It failed without an error."
    while error.cause:
        error = error.cause
    return oneline(error.message, _ERROR_LIMIT)


def _unjudged(entries: Sequence[EventLogEntry], raised: Container[str | None]) -> list[tuple[str, str]]:
    """Checks that were planned and have no evaluation, but for those of the steps that `raised`."""
    judged = {_check_of(entry) for entry in entries if _type(entry) is _EVALUATED}
    planned = [entry for entry in entries if _type(entry) is _CHECK_PLANNED and entry.step_key not in raised]
    return sorted(
        check for check in {planned_check(entry) for entry in planned} if check_target(*check) not in judged
    )


def _failed_step(entry: EventLogEntry, entries: Sequence[EventLogEntry], job: str) -> FailedStep:
    here = [other for other in entries if other.step_key == entry.step_key]
    assets = assets_of(here, _PLANNED)
    planned = {planned_check(other) for other in here if _type(other) is _CHECK_PLANNED}
    checks = set() if assets else {check_target(asset, check) for asset, check in planned}
    error = step_error(entry)
    blocked = error is not None and error.cls_name == _BLOCKED
    causes = [other for other in here if _type(other) is _EVALUATED and _blocks(other)] if blocked else []
    return FailedStep(
        assets=tuple(sorted(assets or {asset for asset, _ in planned})),
        targets=tuple(sorted(assets or checks)) or (job_target(job),),
        error=sentence(error),
        caused_by=tuple(evaluation_id(evaluation) for evaluation in causes),
    )


def _blocks(entry: EventLogEntry) -> bool:
    evaluation = event_of(entry).asset_check_evaluation_data
    return bool(evaluation.blocking) and not evaluation.passed


def _check_of(entry: EventLogEntry) -> str:
    evaluation = event_of(entry).asset_check_evaluation_data
    return printable(check_target(evaluation.asset_key.to_user_string(), evaluation.check_name))


def planned_check(entry: EventLogEntry) -> tuple[str, str]:
    """Asset and name of a check that a run was to judge."""
    planned = event_of(entry).event_specific_data
    if not isinstance(planned, AssetCheckEvaluationPlanned):
        raise TypeError(f"a planned check carries {type(planned).__name__}; this Dagster is not 1.13")
    return printable(planned.asset_key.to_user_string()), printable(planned.check_name)


def step_error(entry: EventLogEntry) -> SerializableErrorInfo | None:
    """What a STEP_FAILURE was about."""
    data = event_of(entry).event_specific_data
    return data.error if isinstance(data, StepFailureData) else None


def _run_error(entry: EventLogEntry) -> str:
    data = event_of(entry).event_specific_data
    error = data.error if isinstance(data, JobFailureData) else None
    message = event_of(entry).message or "The run failed without an error."
    return sentence(error) if error else oneline(message, _ERROR_LIMIT)


def _type(entry: EventLogEntry) -> DagsterEventType:
    return event_of(entry).event_type


def event_of(entry: EventLogEntry) -> DagsterEvent:
    """The Dagster event of an entry; entries without one are plain log lines, and those are never asked for."""
    if entry.dagster_event is None:
        raise TypeError(f"run {entry.run_id} has a log line where an event was asked for")
    return entry.dagster_event
