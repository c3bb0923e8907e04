"""Definitions of another project, as Dagster loads them from a module: orders → profit → report, and `usage`."""

import dagster as dg


@dg.asset
def orders() -> None: ...


@dg.asset(deps=[orders])
def profit() -> None: ...


@dg.asset(deps=[profit])
def report() -> None: ...


@dg.asset(key_prefix=["landed"])
def usage() -> None: ...


@dg.asset_check(asset=orders)
def in_code() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


definitions = dg.Definitions(assets=[orders, profit, report, usage], asset_checks=[in_code])
