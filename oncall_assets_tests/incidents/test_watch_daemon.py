"""Dagster's own scheduler launches watches, and a watch that does not come about is told as other failures are."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.test_utils import freeze_time
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._scheduler.scheduler import ScheduleIterationTimes, launch_scheduled_runs

from oncall_assets.handbook import labels
from oncall_assets_tests.incidents.conftest import Watch, opened
from oncall_assets_tests.incidents.signals.probes.daemons import code_location
from oncall_assets_tests.incidents.watchers import MONDAY, WEEKLY, book

MINUTE = timedelta(minutes=1)

_CODE = """
from pathlib import Path
import dagster as dg
from oncall_assets.checks import watching
from oncall_assets.handbook import load_handbook
from oncall_assets.layer import with_on_call
from oncall_assets_tests.incidents.company import ASSETS
from oncall_assets_tests.incidents.watchers import Shelf

def broken(*_):
    raise ValueError("no days")

if {broken}:
    watching.days_before = broken
defs = with_on_call(
    dg.Definitions(assets=ASSETS, resources={{"warehouse": Shelf()}}, executor=dg.in_process_executor),
    load_handbook(Path({book!r}), frozenset()),
)
"""


class Scheduler:
    """Dagster's scheduler, one round at a time."""

    def __init__(self, workspace: WorkspaceProcessContext) -> None:
        self._workspace = workspace
        self._times: dict[str, ScheduleIterationTimes] = {}

    def round(self, now: datetime) -> None:
        with freeze_time(now):
            list(launch_scheduled_runs(self._workspace, logging.getLogger("schedules"), now, self._times))


@contextmanager
def scheduled(
    instance: dg.DagsterInstance, folder: Path, *, broken: bool = False
) -> Iterator[tuple[Scheduler, Watch]]:
    """The scheduler and the pager of a company whose orders are watched weekly, an hour before it is time."""
    made = book(folder / "handbook", "", WEEKLY)
    code = folder / "code.py"
    code.write_text(_CODE.format(broken=broken, book=str(made.folder)))
    url = f"sqlite:///{folder / 'ledger.sqlite'}"
    with code_location(instance, code) as workspace, opened(instance, url, folder, book=made) as pager:
        pager.now = MONDAY - timedelta(hours=1)
        pager.tick()
        scheduler = Scheduler(workspace)
        scheduler.round(pager.now)
        yield scheduler, pager


def test_the_scheduler_launches_a_watch_once_and_a_run_that_never_starts_is_told(
    on_disk: dg.DagsterInstance, tmp_path: Path
) -> None:
    with scheduled(on_disk, tmp_path) as (scheduler, pager):
        assert [] == on_disk.get_runs()
        for minutes in (1, 2, 60):
            scheduler.round(MONDAY + minutes * MINUTE)
        (run,) = on_disk.get_runs()
        assert dg.DagsterRunStatus.QUEUED is run.status
        assert ("orders.weekly", "2026-03-02T14:00:00+00:00") == (
            run.tags[labels.WATCH],
            run.tags[labels.WATCHED_AT],
        )
        told = pager.hears(timedelta(hours=1) + 20 * MINUTE)
        assert ["ann: opened 1"] == told
        assert "watch_orders_weekly" in pager.post.pages[0].title
        assert [] == pager.post.notices


def test_a_watch_whose_schedule_raises_is_told_as_failing_automation(
    on_disk: dg.DagsterInstance, tmp_path: Path
) -> None:
    with scheduled(on_disk, tmp_path, broken=True) as (scheduler, pager):
        scheduler.round(MONDAY + MINUTE)
        assert [] == on_disk.get_runs()
        assert ["ann: opened 1"] == pager.hears(timedelta(hours=1) + 2 * MINUTE)
        page = pager.post.pages[0]
        assert ("Schedule watch_orders_weekly_schedule fails", "ValueError: no days") == (page.title, page.finding)
