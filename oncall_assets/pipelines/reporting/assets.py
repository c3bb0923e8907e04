"""The last step of a figure: out to where people read it, once its checks have let it pass."""

from collections import Counter
from typing import Final

import dagster as dg

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.reporting import PUBLISHED
from oncall_assets.metrics.contracts import CONTRACTS, Contract
from oncall_assets.pipelines.figure import SAME_DAY, column_schema, days_of
from oncall_assets.pipelines.reporting.database import ReportingError
from oncall_assets.pipelines.reporting.resource import ReportingDatabase
from oncall_assets.pipelines.reporting.verdicts import refusals
from oncall_assets.pipelines.warehouse import Warehouse

PREFIX: Final = "reporting"

# A figure that is put together from others of the same day is as wrong as they are.
_MADE_OF: Final = {"investor_report": ("aggregate_profit", "aggregate_growth", "aggregate_engagement")}


def reporting_assets(handbook: Handbook, partitions: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """`reporting/<table>` for each table that is published; they need `warehouse` and `reporting`."""
    return [
        _published(CONTRACTS[name], partitions, blocking_checks(handbook, (name, *_MADE_OF.get(name, ()))))
        for name in PUBLISHED
    ]


def blocking_checks(handbook: Handbook, tables: tuple[str, ...]) -> list[dg.AssetCheckKey]:
    """The blocking checks that the runbooks have on the tables."""
    return [
        dg.AssetCheckKey(dg.AssetKey(check.asset.split("/")), check.name)
        for _, _, check in handbook.checks()
        if check.blocking and check.asset in tables
    ]


def _published(
    contract: Contract, partitions: dg.PartitionsDefinition, blocking: list[dg.AssetCheckKey]
) -> dg.AssetsDefinition:
    @dg.asset(
        key=dg.AssetKey([PREFIX, contract.name]),
        group_name=PREFIX,
        description=(
            f"{contract.description} Published for BI tools as the table `{contract.name}` and a view for each "
            "grain, a day or stretch of days in one transaction, once the blocking checks have passed."
        ),
        kinds={"sql"},
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=[dg.AssetDep(contract.name, partition_mapping=SAME_DAY.mapping)],
        metadata={"dagster/column_schema": column_schema(contract)},
    )
    def asset(context: dg.AssetExecutionContext, warehouse: Warehouse, reporting: ReportingDatabase) -> None:
        days = days_of(context)
        refused = [*refusals(context.instance, blocking, days)]
        if refused:
            findings = "\n".join(f"- {refusal}" for refusal in refused)
            raise dg.Failure(
                f"{contract.name} for {days} is not published, as a blocking check failed and has not passed "
                f"since; readers go on seeing what they saw. Correct the figure, compute it and check it again:\n"
                f"{findings}",
                allow_retries=False,
            )
        rows = warehouse.engine.to_pyarrow(warehouse.table(contract, days)).cast(contract.schema.to_pyarrow())
        counted = Counter(rows[contract.lands_by].to_pylist())
        # An aggregate has rows for every day that was computed, even where nothing happened on it.
        if missing := [day for day in days.each if not counted[day]]:
            raise dg.Failure(
                f"{contract.name} for {days} is not published, as it was not computed for "
                f"{', '.join(map(str, missing))}; readers go on seeing what they saw. Compute it first.",
                allow_retries=False,
            )
        try:
            reporting.publish(contract, rows, days)
            place = reporting.place
        except ReportingError as error:
            raise dg.Failure(f"{contract.name} for {days} is not published: {error}") from None
        for day in days.each:
            told = {"dagster/partition_row_count": counted[day], "published to": place}
            context.add_asset_metadata(told, partition_key=day.isoformat())

    return asset
