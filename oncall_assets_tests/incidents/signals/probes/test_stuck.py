"""Runs that wait or hang, and one whose process was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import StepMaterializationData
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.test_utils import create_run_for_test

from oncall_assets.handbook.escalation import Watch
from oncall_assets.incidents.signals.probes import stuck as stuck_module
from oncall_assets.incidents.signals.probes.stuck import stuck_runs

WATCH = Watch()

DAYS = dg.DailyPartitionsDefinition(start_date="2026-01-01")
DAY = {"dagster/partition": "2026-01-06"}

_HANGS = """
import time
import dagster as dg

@dg.asset
def orders(): ...

@dg.asset(deps=[orders])
def profit():
    print("hanging", flush=True)
    time.sleep(600)

with dg.DagsterInstance.get() as instance:
    dg.materialize([orders, profit], instance=instance)
"""


@pytest.fixture(params=["instance", "on_disk"])
def either(request: pytest.FixtureRequest) -> dg.DagsterInstance:
    made: dg.DagsterInstance = request.getfixturevalue(request.param)
    return made


@dg.asset(partitions_def=DAYS)
def orders() -> None: ...


@dg.asset(partitions_def=DAYS, deps=[orders])
def profit() -> None: ...


JOB = dg.Definitions(assets=[orders, profit]).resolve_implicit_global_asset_job_def()

# What is queued must say where its code is.
_CODE = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("here"), "__repository__")
ORIGIN = RemoteJobOrigin(_CODE, JOB.name)


def launched(
    instance: dg.DagsterInstance, *reached: dg.DagsterEventType, tags: dict[str, str] | None = None
) -> dg.DagsterRun:
    """A run that had these events and then no more."""
    run = instance.create_run_for_job(JOB, tags=tags, remote_job_origin=ORIGIN)
    for event in reached:
        happened = dg.DagsterEvent(event_type_value=event.value, job_name=run.job_name, message="")
        instance.report_dagster_event(happened, run.run_id)
    return run


def later(**ago: int) -> datetime:
    return datetime.now(UTC) + timedelta(**ago)


def targets(instance: dg.DagsterInstance, now: datetime) -> list[str]:
    return [trouble.target for trouble in stuck_runs(instance, WATCH, now)]


QUEUED = dg.DagsterEventType.PIPELINE_ENQUEUED
STARTING = dg.DagsterEventType.RUN_STARTING
STARTED = dg.DagsterEventType.RUN_START
CANCELING = dg.DagsterEventType.RUN_CANCELING
DONE = dg.DagsterEventType.RUN_SUCCESS


@pytest.mark.parametrize(
    ("reached", "status", "limit"),
    [
        ([], "not_started", WATCH.queued),
        ([QUEUED], "queued", WATCH.queued),
        ([QUEUED, STARTING], "starting", WATCH.queued),
        ([QUEUED, STARTING, STARTED], "started", WATCH.running),
        ([STARTED, CANCELING], "canceling", WATCH.running),
    ],
)
def test_a_run_that_stays_where_it_is_is_stuck(
    reached: Iterable[dg.DagsterEventType], status: str, limit: timedelta, either: dg.DagsterInstance
) -> None:
    before = datetime.now(UTC)
    run = launched(either, *reached, tags=DAY)
    after = datetime.now(UTC)
    assert [] == stuck_runs(either, WATCH, before + limit - timedelta(seconds=1))
    (stuck,) = stuck_runs(either, WATCH, after + limit + timedelta(seconds=1))
    assert ("run stuck", run.run_id, ("orders", "profit")) == (stuck.kind, stuck.run_id, stuck.assets)
    assert f"stuck/{run.run_id}/{status.upper()}" == stuck.id
    assert not stuck.figures
    assert stuck.observed is not None
    assert stuck.observed.startswith(f"{status} for ")
    # The database keeps milliseconds on some platforms.
    assert before - timedelta(seconds=1) <= stuck.at - limit <= after


def test_a_hanging_run_is_told_by_its_id_and_its_day(instance: dg.DagsterInstance) -> None:
    run = launched(instance, STARTED, tags=DAY)
    (stuck,) = stuck_runs(instance, WATCH, later(hours=5))
    assert (f"stuck {run.run_id[:8]}", "2026-01-06") == (stuck.target, stuck.partition)


def test_a_run_that_ended_is_not_stuck(either: dg.DagsterInstance) -> None:
    launched(either, STARTED, DONE)
    assert [] == stuck_runs(either, WATCH, later(days=2))


def test_the_time_in_the_queue_is_no_time_to_start(instance: dg.DagsterInstance) -> None:
    """It waited for long and has just left the queue."""
    run = launched(instance, QUEUED)
    left = later(hours=1)
    instance.run_storage.handle_run_event(
        run.run_id, dg.DagsterEvent(STARTING.value, run.job_name, message=""), left
    )
    assert [] == stuck_runs(instance, WATCH, left + timedelta(minutes=14))
    assert [f"stuck {run.run_id[:8]}"] == targets(instance, left + timedelta(minutes=16))


def test_what_a_run_has_computed_is_not_concerned(instance: dg.DagsterInstance) -> None:
    run = launched(instance, STARTED)
    made = StepMaterializationData(dg.AssetMaterialization("orders"))
    event = dg.DagsterEvent(
        dg.DagsterEventType.ASSET_MATERIALIZATION.value, run.job_name, event_specific_data=made, message=""
    )
    instance.report_dagster_event(event, run.run_id)
    assert [("profit",)] == [trouble.assets for trouble in stuck_runs(instance, WATCH, later(hours=5))]


def test_a_run_that_planned_nothing_concerns_what_was_selected(instance: dg.DagsterInstance) -> None:
    selected = frozenset({dg.AssetKey(["raw", "feed"])})
    create_run_for_test(instance, "feed", status=dg.DagsterRunStatus.CANCELING, asset_selection=selected)
    assert [("raw/feed",)] == [trouble.assets for trouble in stuck_runs(instance, WATCH, later(hours=5))]


def test_the_runs_of_a_job_that_wait_are_one_trouble(instance: dg.DagsterInstance) -> None:
    first, *_ = [launched(instance, QUEUED) for _ in range(3)]
    (jam,) = stuck_runs(instance, WATCH, later(minutes=16))
    assert (f"stuck queue of {JOB.name}", None, first.run_id) == (jam.target, jam.partition, jam.run_id)
    assert jam.finding.startswith("3 runs wait to be started, the first since ")
    assert not jam.figures


def test_a_run_of_a_backfill_waits_its_turn_while_another_is_busy(instance: dg.DagsterInstance) -> None:
    launched(instance, QUEUED, tags={"dagster/backfill": "b1"})
    busy = launched(instance, STARTED, tags={"dagster/backfill": "b1"})
    assert [] == targets(instance, later(minutes=16))
    launched(instance, QUEUED, tags={"dagster/backfill": "b2"})
    assert [f"stuck queue of {JOB.name}"] == targets(instance, later(minutes=16))
    instance.delete_run(busy.run_id)
    assert ["2 runs wait"] == [one.finding[:11] for one in stuck_runs(instance, WATCH, later(minutes=16))]


def test_a_long_backfill_hides_no_run_behind_it(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stuck_module, "_LIMIT", 3)
    for _ in range(4):
        launched(instance, QUEUED, tags={"dagster/backfill": "b1"})
    launched(instance, STARTED, tags={"dagster/backfill": "b1"})
    assert [] == targets(instance, later(minutes=16))
    nightly = launched(instance, QUEUED)
    assert [nightly.run_id] == [one.run_id for one in stuck_runs(instance, WATCH, later(minutes=16))]


def test_a_killed_process_leaves_a_run_that_is_found(dagster_home: Path, tmp_path: Path) -> None:
    script = tmp_path / "hangs.py"
    script.write_text(_HANGS)
    environment = {**os.environ, "DAGSTER_HOME": str(dagster_home)}
    process = subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert b"hanging\n" == process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    process.stdout.close()
    with dg.DagsterInstance.from_config(str(dagster_home)) as instance:
        (stuck,) = stuck_runs(instance, WATCH, later(hours=5))
        assert ("A run of __ephemeral_asset_job__ is stuck", ("profit",)) == (stuck.title, stuck.assets)
        assert "started for 5 h" == stuck.observed
