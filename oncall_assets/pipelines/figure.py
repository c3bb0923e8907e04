"""How a metric becomes an asset, said once: what it reads, what it promises, and what it tells of itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import dagster as dg
import ibis.expr.types as ir

from oncall_assets.metrics.contracts import CONTRACTS, Contract
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.warehouse import Warehouse

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
    """The asset `name`: `compute(**tables, days=…)` over the windows it reads, stored by its contract."""
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
    )
    def asset(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult[None]:
        days = days_of(context)
        tables = {
            read: warehouse.table(CONTRACTS[read], days.widen(window.before, window.after))
            for read, window in reads.items()
        }
        count = warehouse.replace(contract, compute(**tables, days=days), days, context.run.run_id)
        stored = warehouse.table(contract, days)
        return dg.MaterializeResult(
            metadata={"dagster/partition_row_count": count, **told(warehouse, stored, key_figures)}
        )

    return asset


def told(warehouse: Warehouse, stored: ir.Table, key_figures: KeyFigures) -> dict[str, dg.MetadataValue]:
    """The key figures of what was stored, as Dagster shows and plots them; none where there are no rows."""
    aggregate = stored.aggregate(**key_figures(stored))
    (values,) = warehouse.engine.to_pyarrow(aggregate).to_pylist()
    return {
        name: dg.MetadataValue.int(int(value))
        if aggregate.schema()[name].is_integer()
        else dg.MetadataValue.float(float(value))
        for name, value in values.items()
        if value is not None
    }
