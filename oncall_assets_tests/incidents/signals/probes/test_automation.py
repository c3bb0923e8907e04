"""Sensors and schedules whose ticks fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
    ScheduleInstigatorData,
    TickData,
    TickStatus,
)
from dagster._core.test_utils import load_remote_repo
from dagster_shared.error import SerializableErrorInfo

from oncall_assets.incidents.signals.kinds import Trouble
from oncall_assets.incidents.signals.probes.automation import failing_automation
from oncall_assets_tests.incidents.signals.probes.daemons import code_location, round_of_sensors

BEGAN = datetime(2026, 1, 7, 2, 0, tzinfo=UTC)
LATER = BEGAN + timedelta(minutes=9)

_CODE = """
from pathlib import Path
import dagster as dg

@dg.sensor(default_status=dg.DefaultSensorStatus.RUNNING, minimum_interval_seconds=1)
def arrivals():
    if Path({broken!r}).exists():
        try:
            raise KeyError("EUR")
        except KeyError as error:
            raise ValueError("no arrivals") from error
    return dg.SkipReason("nothing arrived")

@dg.sensor(default_status=dg.DefaultSensorStatus.RUNNING, minimum_interval_seconds=1)
def oncall_pager():
    raise ValueError("the pager itself")

defs = dg.Definitions(sensors=[arrivals, oncall_pager])
"""


def test_a_sensor_fails_until_a_tick_works_or_it_is_stopped(on_disk: dg.DagsterInstance, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    code = tmp_path / "code.py"
    code.write_text(_CODE.format(broken=str(broken)))
    with code_location(on_disk, code) as workspace:
        minutes = (BEGAN + timedelta(minutes=number) for number in range(1, 9))

        def after_a_tick() -> list[Trouble]:
            round_of_sensors(workspace, next(minutes))
            return failing_automation(on_disk, LATER, BEGAN)

        assert [] == after_a_tick()
        broken.touch()
        (failing,) = after_a_tick()
        assert ("automation failing", "automation arrivals") == (failing.kind, failing.target)
        assert ("Sensor arrivals fails", "KeyError: 'EUR'") == (failing.title, failing.finding)
        assert BEGAN + timedelta(minutes=2) == failing.at
        assert [] == failing_automation(on_disk, LATER, failing.at)
        (again,) = after_a_tick()
        assert failing.id != again.id
        broken.unlink()
        assert [] == after_a_tick()
        broken.touch()
        assert 1 == len(after_a_tick())
        sensor = load_remote_repo(workspace, "__repository__").get_sensor("arrivals")
        on_disk.stop_sensor(sensor.get_remote_origin_id(), sensor.selector_id, sensor)
        assert [] == failing_automation(on_disk, LATER, BEGAN)


def schedule(instance: dg.DagsterInstance, name: str = "nightly") -> InstigatorState:
    """A schedule that is on."""
    code = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("here"), "__repository__")
    kept = ScheduleInstigatorData("0 2 * * *", BEGAN.timestamp())
    state = InstigatorState(
        RemoteInstigatorOrigin(code, name), InstigatorType.SCHEDULE, InstigatorStatus.RUNNING, kept
    )
    return instance.add_instigator_state(state)


def ticked(instance: dg.DagsterInstance, state: InstigatorState, status: TickStatus, minute: int) -> None:
    at = (BEGAN + timedelta(minutes=minute)).timestamp()
    error = SerializableErrorInfo("no disk", [], "OSError") if status is TickStatus.FAILURE else None
    instance.create_tick(
        TickData(
            state.instigator_origin_id,
            state.instigator_name,
            state.instigator_type,
            status,
            at,
            run_ids=["1a2b"] if status is TickStatus.SUCCESS else None,
            error=error,
            selector_id=state.selector_id,
        )
    )


def test_a_tick_that_goes_on_says_nothing_yet(on_disk: dg.DagsterInstance) -> None:
    nightly = schedule(on_disk)
    ticked(on_disk, nightly, TickStatus.FAILURE, 1)
    ticked(on_disk, nightly, TickStatus.STARTED, 2)
    (failing,) = failing_automation(on_disk, LATER, BEGAN)
    assert ("Schedule nightly fails", "no disk") == (failing.title, failing.finding)


@pytest.mark.parametrize("status", [TickStatus.SUCCESS, TickStatus.SKIPPED])
def test_a_tick_that_worked_ends_the_failures(status: TickStatus, on_disk: dg.DagsterInstance) -> None:
    nightly, weekly = schedule(on_disk), schedule(on_disk, "weekly")
    for state in (nightly, weekly):
        ticked(on_disk, state, TickStatus.FAILURE, 1)
    ticked(on_disk, nightly, status, 2)
    assert ["automation weekly"] == [failing.target for failing in failing_automation(on_disk, LATER, BEGAN)]


@pytest.mark.parametrize("ago", [timedelta(minutes=1), timedelta(hours=3), timedelta(days=30)])
def test_the_latest_tick_counts_however_long_ago_it_was(ago: timedelta, on_disk: dg.DagsterInstance) -> None:
    monthly = schedule(on_disk)
    ticked(on_disk, monthly, TickStatus.FAILURE, 1)
    now = BEGAN + timedelta(minutes=1) + ago
    assert 1 == len(failing_automation(on_disk, now, BEGAN))
    assert [] == failing_automation(on_disk, now, BEGAN + timedelta(minutes=1))


def test_an_instance_that_schedules_nothing_has_no_failing_automation(instance: dg.DagsterInstance) -> None:
    assert [] == failing_automation(instance, LATER, BEGAN)
