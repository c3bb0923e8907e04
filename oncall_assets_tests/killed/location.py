"""What the daemon loads that is to be killed: three assets, and the pager over them."""

import os
from pathlib import Path

import dagster as dg

from oncall_assets.handbook import load_handbook
from oncall_assets.incidents.pager import build_pager
from oncall_assets_tests.incidents.company import ASSETS

definitions = dg.Definitions(
    assets=ASSETS, sensors=[build_pager(load_handbook(Path(os.environ["ONCALL_HANDBOOK"]), frozenset()))]
)
