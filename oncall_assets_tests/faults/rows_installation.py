"""Rows of the fault matrix: what can happen to the sources, the machine, the runs and those who start them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Final
from unittest.mock import patch

import dagster as dg
import pyarrow.parquet as pq
from pyarrow import csv

from oncall_assets.metrics.contracts import LANDED
from oncall_assets_tests.faults.daemon import round_of_schedules
from oncall_assets_tests.faults.eves import ORDINARY, ROOT
from oncall_assets_tests.faults.row import AGGREGATES, FIGURES, Row
from oncall_assets_tests.faults.world import World

# Bytes, of which the engine takes its share: too few to join the days of the events, also where one thread does it
# all since the machine is busy, which takes the least.
MEMORY: Final = 22 * 2**20
HOUR: Final = timedelta(hours=1)
# After the night's two o'clock: the hours of New York.
AFTER_FOUR: Final = 2.1 * HOUR
AFTER_FIVE: Final = 3.1 * HOUR
AFTER_SIX: Final = 4.05 * HOUR


def exported(world: World, table: str, **more: str) -> Path:
    """The table comes from a folder from now on; the day's file in it."""
    folder = world.home / "sample" / table
    bind(world, table, {"kind": "folder", "folder": str(folder), "path": "{day}.parquet"} | more)
    return folder / f"{world.day}.parquet"


def bind(world: World, table: str, place: dict[str, str]) -> None:
    """The handbook says that the table comes from there, by four o'clock."""
    written = json.dumps(place | {"arrives_by": "04:00"})
    world.rewrite("sources.yaml", f'{table}: {{kind: sample, arrives_by: "04:00"}}', f"{table}: {written}")


def no_file(world: World) -> None:
    exported(world, "expense_records").unlink()
    world.night_and_tick()
    world.tick(AFTER_FOUR)


def refused(world: World) -> None:
    bind(world, "revenue_records", {"kind": "database", "url_env": "SALES_URL", "query": "SELECT 1"})
    # Nothing listens on port 1.
    with patch.dict(os.environ, SALES_URL="postgresql://reader:secret@127.0.0.1:1/sales"):
        world.night_and_tick()
    world.tick(AFTER_FOUR)


def broken_query(world: World) -> None:
    exported(world, "account_events", query="SELECT *, seats / nothing FROM raw")
    world.night_and_tick()


def wrong_format(world: World) -> None:
    path = exported(world, "account_events")
    rows = pq.read_table(path)
    path.unlink()
    csv.write_csv(rows, path)
    world.night_and_tick()


def nothing_ran(world: World) -> None:
    for hour in (AFTER_FOUR, AFTER_FIVE, AFTER_SIX):
        world.tick(hour)


_NIGHT = """
import sys
from datetime import datetime

import dagster as dg
from oncall_assets.definitions import definitions
from oncall_assets_tests.faults.clock import clock

home, day, now = sys.argv[1:]
with clock(datetime.fromisoformat(now)), dg.DagsterInstance.from_config(home) as instance:
    definitions.resolve_job_def("night").execute_in_process(instance=instance, partition_key=day)
"""


def killed(world: World) -> None:
    """A run in a process of its own, killed when every source has landed."""
    process = subprocess.Popen(
        [sys.executable, "-c", _NIGHT, str(world.home / "dagster"), str(world.day), world.eve.night.isoformat()],
        cwd=ROOT,
        env={**os.environ, "ONCALL_HANDBOOK": str(world.home / "runbooks")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not all(is_there(world, table) for table in LANDED):
        time.sleep(0.05)
    process.kill()
    process.wait()
    world.tick(AFTER_SIX)


def is_there(world: World, table: str) -> bool:
    return str(world.day) in world.instance.get_materialized_partitions(dg.AssetKey(table))


def out_of_memory(world: World) -> None:
    # Only what is made of the join: how much its checks need depends on how many threads look at once.
    figures = ("aggregate_engagement", "investor_report", "reporting/investor_report")
    with patch("oncall_assets.pipelines.warehouse._memory_bytes", lambda: MEMORY):
        world.compute("engagement", *figures)
    world.tick()


def short_disk(world: World) -> None:
    world.rewrite("team.yaml", "storage_at_least: 1 GiB", "storage_at_least: 4000 TiB")
    world.tick()


_BROKEN_SCHEDULE = """
import dagster as dg

@dg.job
def night(): ...

@dg.schedule(job=night, cron_schedule="0 6 * * *", default_status=dg.DefaultScheduleStatus.RUNNING)
def every_night(context):
    raise ValueError("no day to compute")

defs = dg.Definitions(jobs=[night], schedules=[every_night])
"""


def pager_was_down(world: World) -> None:
    """Nothing runs, and the pager looks for the first time when the morning's report is late too."""
    world.tick(AFTER_SIX)


def broken_schedule(world: World) -> None:
    code = world.home / "code.py"
    code.write_text(_BROKEN_SCHEDULE)
    round_of_schedules(world.instance, code, [world.eve.night - HOUR, world.eve.night + HOUR / 4])
    world.tick()


def checks_raise(world: World) -> None:
    """Files of last week's figures are gone, which the checks of today's read."""
    week_before = world.day - timedelta(days=7)
    for table in AGGREGATES:
        for path in (world.home / "warehouse" / table).glob(f"_partition={week_before}/*.parquet"):
            path.unlink()
    world.night_and_tick()


ROWS: Final = (
    Row(
        "a source's file is not there",
        no_file,
        ("run failed", "source silent"),
        ("aggregate_profit.source_unavailable", "unit_level_profit.source_unavailable"),
        ("david: major profit",),
        eve=ORDINARY,
    ),
    Row(
        "a source's database refuses connections",
        refused,
        ("run failed", "source silent"),
        ("aggregate_profit.source_unavailable", "aggregate_profit.run_failure"),
        ("david: major profit",),
        eve=ORDINARY,
    ),
    Row(
        "a step of the ETL has a bug",
        broken_query,
        ("run failed",),
        ("aggregate_growth.run_failure", "daily_growth.run_failure"),
        ("david: major growth",),
    ),
    Row(
        "a file is of another format",
        wrong_format,
        ("run failed",),
        ("aggregate_growth.source_unavailable",),
        ("david: major growth",),
    ),
    Row(
        "nothing runs",
        nothing_ran,
        ("source silent", "asset late"),
        (
            "aggregate_profit.nothing_ran",
            "aggregate_growth.nothing_ran",
            "aggregate_engagement.nothing_ran",
            "aggregate_engagement.source_unavailable",
        ),
        (
            "david: major profit",
            "david: major profit",
            "david: major growth",
            "david: major engagement",
            "infrastructure: major engagement",
            # Raised when the report that is made of it is late.
            "david: critical profit",
        ),
        eve=ORDINARY,
    ),
    Row(
        "nothing runs and the pager does not look before six",
        pager_was_down,
        ("source silent", "asset late"),
        ("aggregate_profit.nothing_ran", "aggregate_profit.late_report"),
        # One of the silent sources of profit is the cause of what is late, and as bad.
        (
            "david: critical profit",
            "david: major profit",
            "david: major growth",
            "david: major engagement",
            "infrastructure: major engagement",
        ),
        eve=ORDINARY,
    ),
    Row(
        "the schedule fails",
        broken_schedule,
        ("automation failing",),
        (*(f"{name}.nothing_ran" for name in FIGURES),),
        ("david: major None",),
    ),
    Row(
        "a worker is killed",
        killed,
        ("run stuck", "asset late"),
        (
            "aggregate_profit.run_hangs",
            "aggregate_growth.slow_processing",
            "aggregate_engagement.slow_processing",
            "investor_report.join_failure",
        ),
        ("david: critical aggregate_engagement",),
        eve=ORDINARY,
    ),
    Row(
        "memory runs out in a join",
        out_of_memory,
        ("run failed",),
        ("aggregate_engagement.out_of_memory", "investor_report.join_failure"),
        ("david: major engagement",),
    ),
    Row(
        "checks cannot run",
        checks_raise,
        ("check could not run",),
        (*(f"{name}.not_judged" for name in FIGURES),),
        ("david: critical aggregate_engagement",),
        held=False,
    ),
    Row(
        "the disk is short of room",
        short_disk,
        ("storage short",),
        (
            "aggregate_profit.full_disk",
            "aggregate_growth.run_failure",
            "aggregate_engagement.run_failure",
            "daily_growth.run_failure",
            "unit_level_profit.run_failure",
            "investor_report.run_failure",
        ),
        ("david: major None",),
    ),
)
