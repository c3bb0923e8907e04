"""What the schedules ask for, and that two nights at once leave what they leave one after the other."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from oncall_assets.definitions import definitions
from oncall_assets.handbook.reporting import PUBLISHED
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.figure import daily
from oncall_assets.pipelines.warehouse import Warehouse
from oncall_assets_tests.pipelines.test_assets import rows

ROOT = Path(__file__).parents[2]


def asked(schedule: str, at: datetime) -> dg.RunRequest:
    """The run that a schedule asks for at an instant."""
    repository = definitions.get_repository_def()
    context = dg.build_schedule_context(scheduled_execution_time=at, repository_def=repository)
    (request,) = repository.get_schedule_def(schedule).evaluate_tick(context).run_requests or []
    return request


def test_a_night_computes_the_utc_day_that_ended_last() -> None:
    request = asked("every_night", datetime(2026, 10, 4, 2, 0, tzinfo=ZoneInfo("America/New_York")))
    assert ("2026-10-03", "night-2026-10-03") == (request.partition_key, request.run_key)


def test_east_of_utc_the_day_that_ended_last_is_two_dates_back() -> None:
    request = asked("every_night", datetime(2026, 10, 4, 2, 0, tzinfo=ZoneInfo("Asia/Kolkata")))
    assert "2026-10-02" == request.partition_key


def test_the_two_days_before_are_computed_again_for_late_events() -> None:
    request = asked("late_events_every_night", datetime(2026, 10, 4, 3, 0, tzinfo=ZoneInfo("America/New_York")))
    tags = {name: value for name, value in request.tags.items() if "range" in name}
    expected = {
        "dagster/asset_partition_range_start": "2026-10-01",
        "dagster/asset_partition_range_end": "2026-10-02",
    }
    assert expected == tags


@pytest.mark.parametrize("job", ["night", "late_events"])
def test_whatever_is_computed_again_is_published_again(job: str) -> None:
    selected = definitions.get_repository_def().get_job(job).asset_layer.selected_asset_keys
    keys = {key.to_user_string() for key in selected}
    assert {f"reporting/{name}" for name in keys & {*PUBLISHED}} == {key for key in keys if "reporting/" in key}


@pytest.mark.parametrize(("last", "expected"), [("2026-01-03", ["2026-01-01", "2026-01-02", "2026-01-03"])])
def test_partitions_end_with_the_last_day_if_there_is_one(last: str, expected: list[str]) -> None:
    days = Days.parse("2026-01-01", last)
    assert expected == daily(days.first, days.last).get_partition_keys()


def test_without_a_last_day_partitions_go_up_to_yesterday() -> None:
    today = datetime(2026, 1, 4, 0, 30, tzinfo=ZoneInfo("UTC"))
    keys = daily(Days.parse("2026-01-01").first, None).get_partition_keys(current_time=today)
    assert ["2026-01-01", "2026-01-02", "2026-01-03"] == keys


_NIGHT = """
import sys
import dagster as dg
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets.definitions import definitions

# Tables are what nights could take from each other; checks only read.
job = definitions.resolve_job_def("night")
job = job.get_subset(asset_selection={*job.asset_layer.executable_asset_keys}, asset_check_selection=set())
with dg.DagsterInstance.ephemeral() as instance:
    tags = run_tags(Days.parse(*sys.argv[1:]))
    result = job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
print(*sorted(event.asset_key.to_user_string() for event in result.get_asset_materialization_events()))
"""


def night(home: Path, *days: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _NIGHT, *days],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ONCALL_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.long
def test_two_nights_in_two_processes_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    both = Days.parse("2026-09-01", "2026-09-02")
    finished(night(tmp_path, *both.keys))
    warehouse = Warehouse(root=str(tmp_path / "warehouse"))
    before = {name: rows(warehouse, name, both) for name in CONTRACTS}

    # All that either day needs is there, so whichever writes first, both must leave what was there.
    for process in [night(tmp_path, day) for day in both.keys]:
        finished(process)

    for name, expected in before.items():
        assert expected == rows(warehouse, name, both), name
    warehouse.engine.disconnect()


def finished(process: subprocess.Popen[str]) -> None:
    """Waits for a night that computes every table, or fails with what it said."""
    computed, errors = process.communicate(timeout=240)
    published = {f"reporting/{name}" for name in PUBLISHED}
    assert {*CONTRACTS, *published} == set(computed.split()), errors[-3000:]
