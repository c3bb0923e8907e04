"""How a metric becomes an asset, said once: what it reads, what it promises, and what it tells of itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import dagster as dg
import ibis.expr.types as ir

from oncall_assets.metrics.contracts import CONTRACTS, Contract
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.fingerprint import fingerprint
from oncall_assets.pipelines.warehouse import Warehouse

# The figures of one day's rows, by name.
KeyFigures = Callable[[ir.Table], Mapping[str, ir.Value]]

_CENTURY = 36500


@dataclass(frozen=True, slots=True)
class Window:
    """How many days before and after its own a day's figures need from a table."""

    before: int = 0
    after: int = 0

    @property
    def mapping(self) -> dg.PartitionMapping:
        if self == SAME_DAY:
            return dg.IdentityPartitionMapping()
        return dg.TimeWindowPartitionMapping(
            start_offset=-self.before, end_offset=self.after, allow_nonexistent_upstream_partitions=True
        )


SAME_DAY: Final = Window()
HISTORY: Final = Window(before=_CENTURY)
# The longest month, and the days of the week that reach into the one before.
PERIODS: Final = Window(before=37)


def daily(first_day: date, last_day: date | None) -> dg.DailyPartitionsDefinition:
    """Partitions of UTC days from `first_day`, to `last_day` or up to yesterday."""
    end = None if last_day is None else Days.one(last_day).end.strftime("%Y-%m-%d")
    return dg.DailyPartitionsDefinition(start_date=first_day.isoformat(), end_date=end, timezone="UTC")


def days_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Days:
    """The days of the run's partition or range of partitions."""
    keys = context.partition_key_range
    return Days.parse(keys.start, keys.end)


def column_schema(contract: Contract) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                column.kind,
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for column in contract.columns
        ]
    )


def figure(
    name: str,
    compute: Callable[..., ir.Table],
    reads: Mapping[str, Window],
    *,
    group: str,
    partitions: dg.PartitionsDefinition,
    key_figures: KeyFigures,
) -> dg.AssetsDefinition:
    """The asset `name`: `compute(**tables, days=…)` over the windows it reads, stored by its contract.

    Its code version says what is computed, so that a figure computed otherwise is known by it.
    """
    contract = CONTRACTS[name]

    @dg.asset(
        name=name,
        group_name=group,
        description=contract.description,
        kinds={"duckdb", "deltalake"},
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=[dg.AssetDep(read, partition_mapping=window.mapping) for read, window in reads.items()],
        metadata={"dagster/column_schema": column_schema(contract)},
        code_version=fingerprint(compute, reads, name),
    )
    def asset(context: dg.AssetExecutionContext, warehouse: Warehouse) -> None:
        days = days_of(context)
        tables = {
            read: warehouse.table(CONTRACTS[read], days.widen(window.before, window.after))
            for read, window in reads.items()
        }
        warehouse.replace(contract, compute(**tables, days=days), days, context.run.run_id)
        tell(context, warehouse, contract, days, key_figures)

    return asset


def tell(
    context: dg.AssetExecutionContext,
    warehouse: Warehouse,
    contract: Contract,
    days: Days,
    key_figures: KeyFigures,
) -> None:
    """Row count and key figures of each day as it was stored, in the metadata of its partition."""
    stored = warehouse.table(contract, days)
    grouped = stored.group_by(_day=contract.landing_day(stored)).aggregate(
        _rows=stored.count(), **key_figures(stored)
    )
    figures = {row.pop("_day"): row for row in warehouse.engine.to_pyarrow(grouped).to_pylist()}
    for one in days.each:
        told = figures.get(one, {"_rows": 0})
        metadata = {"dagster/partition_row_count": told.pop("_rows"), **_shown(told)}
        context.add_asset_metadata(metadata, partition_key=one.isoformat())


def _shown(figures: Mapping[str, Any]) -> dict[str, dg.MetadataValue[Any]]:
    """Numbers as Dagster plots them; a figure without a value is left out."""
    return {
        name: dg.MetadataValue.float(value) if isinstance(value, float) else dg.MetadataValue.int(int(value))
        for name, value in figures.items()
        if value is not None
    }
