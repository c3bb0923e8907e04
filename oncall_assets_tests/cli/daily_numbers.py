"""Definitions of another project, as Dagster loads them from a module: daily assets that can be backfilled."""

import dagster as dg

from oncall_assets_tests.incidents.company import ASSETS

definitions = dg.Definitions(assets=ASSETS)
