"""The landed tables: what each source sent for a day, unchanged, or a refusal that says why nothing landed."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import ibis.expr.types as ir
import pyarrow as pa

from oncall_assets.handbook import Handbook
from oncall_assets.metrics.contracts import LANDED, Contract
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.exact import total
from oncall_assets.pipelines.admission import BrokenContract, admit, extra_columns
from oncall_assets.pipelines.arrival import Silent
from oncall_assets.pipelines.figure import KeyFigures, column_schema, days_of, tell
from oncall_assets.pipelines.places import Places
from oncall_assets.pipelines.warehouse import Warehouse, stored_schema


def source_assets(handbook: Handbook, partitions: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """An asset for each landed table, bound to its place by the handbook."""
    return [_landed(handbook, contract, partitions) for contract in LANDED.values()]


def _landed(handbook: Handbook, contract: Contract, partitions: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    place = handbook.sources.sources[contract.name]

    @dg.asset(
        name=contract.name,
        group_name="sources",
        description=contract.description,
        kinds={"source", "deltalake", place.kind},
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        metadata={"dagster/column_schema": column_schema(contract)},
    )
    def asset(context: dg.AssetExecutionContext, warehouse: Warehouse) -> None:
        days = days_of(context)
        landing = Landing(warehouse, handbook, contract)
        try:
            landing.land(days, context.run.run_id)
        except (BrokenContract, Silent, ValueError) as error:
            # Asking again gives the same answer: a person has to look.
            raise dg.Failure(f"{contract.name} for {days}: {error}", allow_retries=False) from None
        context.add_asset_metadata({"columns not in the contract": ", ".join(sorted(landing.extra)) or "none"})
        tell(context, warehouse, contract, days, _key_figures(contract))

    return asset


def _key_figures(contract: Contract) -> KeyFigures:
    """What was booked, and how many accounts the rows are about, where the table says so."""

    def figures(t: ir.Table) -> dict[str, ir.Value]:
        money = {"amount_cents": total(t.amount_cents)} if "amount_cents" in contract.names else {}
        accounts = {"accounts": t.account_id.nunique()} if "account_id" in contract.names else {}
        return money | accounts

    return figures


class Landing:
    """One landing of a stretch of days: all of them or, where one breaks its contract, none."""

    def __init__(self, warehouse: Warehouse, handbook: Handbook, contract: Contract) -> None:
        self._warehouse = warehouse
        self._engine = warehouse.engine
        self._contract = contract
        self._handbook = handbook
        self.empty: list[date] = []
        self.extra: set[str] = set()

    def land(self, days: Days, run_id: str) -> int:
        """Rows landed. Raises BrokenContract, Silent or ValueError, and then what was there stays."""
        self._engine.create_table("landing", self._no_rows(), temp=True, overwrite=True)
        places = Places(self._engine, self._handbook, self._contract, days.last)
        for day in days.each:
            self._gather(places, day)
        reader = self._engine.raw_sql("SELECT * FROM landing").to_arrow_reader()
        count = self._warehouse.commit(self._contract, _batches(reader), days, run_id)
        self._engine.drop_table("landing")
        return count

    def _gather(self, places: Places, day: date) -> None:
        arrived = places.fetch(day)
        if arrived is None:
            self.empty.append(day)
            return
        rows = admit(self._engine, self._contract, arrived, day)
        self.extra.update(extra_columns(self._engine, self._contract, arrived))
        self._engine.raw_sql(f"INSERT INTO landing SELECT *, '{day}' FROM ({rows})")  # noqa: S608 - admitted names
        # Not a name of ours alone: a second table read in this process must find its own.
        self._engine.drop_table(arrived.table)

    def _no_rows(self) -> pa.Table:
        return stored_schema(self._contract).empty_table()


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    yield from reader
