"""Rounds of Dagster's scheduler over a file of code, as its daemon makes them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import dagster as dg
from dagster._core.test_utils import freeze_time
from dagster._scheduler.scheduler import ScheduleIterationTimes, launch_scheduled_runs

from oncall_assets_tests.incidents.signals.probes.daemons import code_location


def round_of_schedules(instance: dg.DagsterInstance, code: Path, instants: Iterable[datetime]) -> None:
    """One round at each of the instants, in order; the first only sees that there are schedules."""
    times: dict[str, ScheduleIterationTimes] = {}
    with code_location(instance, code) as workspace:
        for now in instants:
            with freeze_time(now):
                list(launch_scheduled_runs(workspace, logging.getLogger("schedules"), now, times))
