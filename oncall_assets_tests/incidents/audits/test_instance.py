"""The daemon's heartbeats, the pager's ticks and its cursor, read from a real instance."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.scheduler.instigation import InstigatorStatus, TickStatus

from oncall_assets.handbook.escalation import Watch
from oncall_assets.incidents.audits.finding import Finding
from oncall_assets.incidents.audits.instance import InstanceLook, instance_findings, oldest_waiting
from oncall_assets.incidents.signals import log as signals
from oncall_assets_tests.incidents.audits.world import NOW, Pager, beat, dagster_home, environment
from oncall_assets_tests.incidents.company import failing, report, run

WATCH = Watch()
SILENT = WATCH.silent
PATIENCE = 90.0

_WORKSPACE = """
from dagster import DefaultSensorStatus, Definitions, SkipReason, sensor

@sensor(name="oncall_pager", minimum_interval_seconds=1, default_status=DefaultSensorStatus.RUNNING)
def oncall_pager(context):
    return SkipReason("nothing to do")

defs = Definitions(sensors=[oncall_pager])
"""


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """On disk, with daemons and a pager that live at NOW."""
    home = dagster_home(tmp_path / "dagster")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.from_config(str(home)) as made:
        beat(made, NOW)
        Pager(made).tick(NOW)
        yield made


def look(instance: dg.DagsterInstance, at: datetime = NOW) -> list[Finding]:
    return instance_findings(instance, WATCH, at)


def titles(found: list[Finding]) -> list[str]:
    return [finding.title for finding in found]


def test_a_daemon_and_a_pager_that_live_are_well_until_they_are_silent_for_too_long(
    instance: dg.DagsterInstance,
) -> None:
    assert [] == look(instance, NOW + SILENT)
    daemon, pager = look(instance, NOW + timedelta(minutes=3))
    assert "The pager is silent: Dagster's daemon has stopped" == daemon.title
    assert "SENSOR, SCHEDULER, QUEUED_RUN_COORDINATOR, MONITORING: for 3 min" in daemon.detail
    assert "The pager is silent: its sensor makes no ticks" == pager.title
    assert "Its last tick began 3 min ago." == pager.detail
    assert "daemon" in pager.explained_by
    assert "location company" in pager.explained_by


def test_one_daemon_that_died_alone_or_never_lived_is_named(instance: dg.DagsterInstance) -> None:
    later = NOW + timedelta(minutes=3)
    Pager(instance).tick(later)
    beat(instance, later, "SCHEDULER")
    (finding,) = look(instance, later)
    assert finding.detail.startswith("No heartbeat of SCHEDULER: for 3 min.")
    instance.wipe_daemon_heartbeats()
    beat(instance, later, "MONITORING")
    (finding,) = look(instance, later)
    assert finding.detail.startswith("No heartbeat of MONITORING: never yet.")


def test_a_daemon_that_the_instance_does_not_need_is_not_missed(tmp_path: Path) -> None:
    home = dagster_home(tmp_path / "plain")
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\nrun_monitoring: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(home)) as plain:
        beat(plain, NOW)
        Pager(plain).tick(NOW)
        assert [] == look(plain)


def test_a_pager_that_never_ran_is_found(tmp_path: Path) -> None:
    with dg.DagsterInstance.from_config(str(dagster_home(tmp_path / "new"))) as new:
        beat(new, NOW)
        assert ["The pager is silent: it has never run"] == titles(look(new))
        Pager(new).set(NOW)
        (finding,) = look(new)
        assert "It has made no tick yet." == finding.detail


def test_a_pager_that_was_switched_off_is_found(instance: dg.DagsterInstance) -> None:
    Pager(instance).set(NOW, status=InstigatorStatus.STOPPED)
    assert ["The pager is silent: its sensor is switched off"] == titles(look(instance))
    Pager(instance).set(NOW, status=InstigatorStatus.RUNNING)
    assert [] == look(instance)


def test_a_pager_whose_last_tick_failed_is_found_with_the_first_line_of_its_error(
    instance: dg.DagsterInstance,
) -> None:
    Pager(instance).tick(
        NOW + timedelta(seconds=1), TickStatus.FAILURE, "ValueError: the ledger\n\nStack Trace:\n  File x"
    )
    # The next tick has begun and tells nothing yet.
    Pager(instance).tick(NOW + timedelta(seconds=5), TickStatus.STARTED)
    (finding,) = look(instance, NOW + timedelta(seconds=6))
    expected = ("The pager fails: its sensor raises an error", "ValueError: the ledger")
    assert expected == (finding.title, finding.detail)
    assert "ledger" in finding.explained_by
    Pager(instance).tick(NOW + timedelta(seconds=10))
    assert [] == look(instance, NOW + timedelta(seconds=11))


def test_a_tick_that_hangs_is_no_sign_of_life(instance: dg.DagsterInstance) -> None:
    later = NOW + timedelta(minutes=1)
    beat(instance, later + SILENT + timedelta(seconds=1))
    Pager(instance).tick(later, TickStatus.STARTED)
    assert ["The pager is silent: its sensor makes no ticks"] == titles(
        look(instance, later + SILENT + timedelta(seconds=1))
    )
    assert [] == look(instance, later + SILENT)


def test_what_a_renamed_code_location_left_behind_is_not_the_pager(instance: dg.DagsterInstance) -> None:
    Pager(instance, "before").tick(NOW - timedelta(days=30), TickStatus.FAILURE, "ValueError: old")
    assert [] == look(instance)


def test_an_event_that_waits_beyond_the_cursor_is_found_when_it_has_waited_too_long(
    instance: dg.DagsterInstance,
) -> None:
    report(instance, "orders", "complete", passed=True)
    cursor = signals.start(instance, NOW)
    assert oldest_waiting(instance, cursor) is None
    report(instance, "orders", "complete")
    began = datetime.now(UTC)
    for _ in range(3):
        report(instance, "orders", "fresh")
    at = oldest_waiting(instance, cursor)
    assert at is not None
    assert at <= began, "the oldest of them counts"
    Pager(instance).tick(at + SILENT, cursor=str(cursor))
    beat(instance, at + SILENT)
    assert [] == look(instance, at + SILENT)
    (finding,) = look(instance, at + SILENT + timedelta(seconds=1))
    assert "The pager is behind: events wait for it" == finding.title
    assert finding.detail.startswith("The oldest one happened 2 min ago")
    _, reached = signals.read(instance, cursor, 100, set)
    Pager(instance).tick(at + SILENT, cursor=str(reached))
    assert [] == look(instance, at + SILENT + timedelta(seconds=1))
    read_until = datetime.now(UTC)
    report(instance, "orders", "complete")
    at = oldest_waiting(instance, reached)
    assert at is not None
    assert at > read_until, "what was read does not wait"


def test_a_run_that_waits_to_be_judged_is_an_event_too(instance: dg.DagsterInstance) -> None:
    cursor = signals.start(instance, NOW)
    run(instance, failing("breaks", ValueError("no")))
    at = oldest_waiting(instance, cursor)
    assert at is not None
    assert timedelta(0) < datetime.now(UTC) - at < timedelta(minutes=1)


def test_a_cursor_that_is_not_the_pagers_is_found(instance: dg.DagsterInstance) -> None:
    Pager(instance).tick(NOW, cursor="17")
    (finding,) = look(instance)
    assert "The pager's cursor cannot be read" == finding.title
    assert "'17' is not the pager's cursor" in finding.detail


@pytest.mark.usefixtures("instance")
def test_an_instance_that_is_gone_is_found_and_seen_again_when_it_is_back(tmp_path: Path) -> None:
    seen = InstanceLook()
    assert () == seen(WATCH, NOW).findings
    (tmp_path / "dagster").rename(tmp_path / "away")
    for _ in range(2):
        sight = seen(WATCH, NOW)
        assert ["storage"] == [finding.key for finding in sight.findings]
        assert {"daemon", "pager", "events"} == sight.blind
    (tmp_path / "away").rename(tmp_path / "dagster")
    assert () == seen(WATCH, NOW).findings


def test_a_real_daemon_that_is_killed_is_found(tmp_path: Path) -> None:
    home = dagster_home(tmp_path / "real")
    (tmp_path / "company.py").write_text(_WORKSPACE)
    log = (tmp_path / "daemon.log").open("w")
    daemon = subprocess.Popen(
        [sys.executable, "-m", "dagster._daemon", "run", "-f", str(tmp_path / "company.py")],
        env=environment(DAGSTER_HOME=str(home)),
        cwd=tmp_path,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        with dg.DagsterInstance.from_config(str(home)) as real:
            end = time.monotonic() + PATIENCE
            while found := look(real, datetime.now(UTC)):
                assert daemon.poll() is None, (tmp_path / "daemon.log").read_text()
                assert time.monotonic() < end, found
                # A poll of another process, bounded above: there is nothing to be notified by.
                time.sleep(0.2)
            daemon.kill()
            daemon.wait(30)
            # Heartbeats come each half minute, so that one may be newer than this instant minus that.
            assert [] == look(real, datetime.now(UTC)), "its last heartbeat is young enough"
            assert ["daemon", "pager"] == [one.key for one in look(real, datetime.now(UTC) + SILENT)]
    finally:
        daemon.kill()
        daemon.wait(30)
        log.close()
