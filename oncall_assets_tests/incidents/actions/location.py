"""What a real daemon loads: days of orders and of profit from them, the pager over both, the jobs of the UI."""

import os
from pathlib import Path

import dagster as dg

from oncall_assets.handbook import load_handbook
from oncall_assets.incidents.jobs import on_call_jobs
from oncall_assets.incidents.pager import build_pager
from oncall_assets_tests.incidents.company import DAYS, asset_tags

SINGLE = dg.BackfillPolicy.single_run()
handbook = load_handbook(Path(os.environ["ONCALL_HANDBOOK"]), frozenset())


@dg.asset(partitions_def=DAYS, tags=asset_tags("orders", "stakeholders", "minor"), backfill_policy=SINGLE)
def orders() -> None: ...


@dg.asset(
    partitions_def=DAYS,
    deps=[orders],
    tags=asset_tags("profit", "investors", "critical"),
    backfill_policy=SINGLE,
)
def profit() -> None: ...


definitions = dg.Definitions(
    assets=[orders, profit],
    jobs=on_call_jobs(handbook),
    sensors=[build_pager(handbook)],
    executor=dg.in_process_executor,
)
