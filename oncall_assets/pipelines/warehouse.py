"""The one door to stored tables: what is written has its promised types, and a day is replaced whole or not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError
from ibis.backends.duckdb import Backend as DuckDB
from pydantic import PrivateAttr

from oncall_assets.handbook.home import state_folder
from oncall_assets.metrics.contracts import CONTRACTS, Contract
from oncall_assets.metrics.days import Days

_DAY = "_partition"
# Runs share the machine; DuckDB alone would take 80 % of it in every process.
_MEMORY_SHARE = 0.4
_CREATE_ATTEMPTS = 5


class Warehouse(dg.ConfigurableResource):  # type: ignore[type-arg]  # generic only in Dagster's own stubs
    """Delta tables below `root`, a partition a UTC day, read and computed by Ibis on DuckDB."""

    root: str = ""

    _engine: DuckDB | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path:
        return Path(self.root) if self.root else state_folder() / "warehouse"

    @property
    def engine(self) -> DuckDB:
        """The connection of this process: in memory, UTC, bounded, spilling below the state folder."""
        if self._engine is None:
            self._engine = connect(self.folder / "_spill")
        return self._engine

    def table(self, contract: Contract, days: Days) -> ir.Table:
        """The rows of `days` as last committed; no rows, with the promised columns, where nothing was written."""
        return self.stored(contract.name, days).select(*contract.names)

    def stored(self, name: str, days: Days) -> ir.Table:
        """As `table`, but with the columns that are really there: what a check looks at."""
        contract = CONTRACTS[name]
        files = self._files(contract, days)
        if not files:
            return self.engine.create_table(ibis.util.gen_name(name), schema=contract.schema, temp=True)
        return self.engine.read_parquet(files, hive_partitioning=False)

    def replace(self, contract: Contract, rows: ir.Table, days: Days, run_id: str) -> int:
        """Replace the days' rows by `rows` in one commit that names the run; returns how many rows were written.

        `rows` has a row's day in the contract's landing column. Other days are not touched.
        """
        day = f"strftime(CAST({contract.lands_by} AS DATE), '%Y-%m-%d')"
        with promised(self.engine, contract, rows) as view:
            typed = self.engine.raw_sql(f"SELECT *, {day} AS {_DAY} FROM {view}")  # noqa: S608 - our own names
            return self.commit(contract, typed.to_arrow_reader(), days, run_id)

    def commit(self, contract: Contract, batches: Iterable[pa.RecordBatch], days: Days, run_id: str) -> int:
        """As `replace`, from Arrow batches of exactly the contract's columns and the day as text behind them."""
        schema = stored_schema(contract)
        count = 0

        def counted() -> Iterator[pa.RecordBatch]:
            nonlocal count
            for batch in batches:
                count += batch.num_rows
                yield batch.cast(schema)

        write_deltalake(
            self._create(contract, schema),
            pa.RecordBatchReader.from_batches(schema, counted()),
            mode="overwrite",
            predicate=_within(days),
            commit_properties=CommitProperties(custom_metadata={"run_id": run_id}),
        )
        return count

    def _path(self, contract: Contract) -> str:
        return str(self.folder / contract.name)

    def _create(self, contract: Contract, schema: pa.Schema) -> DeltaTable:
        """The Delta table, made if it is missing: two runs may race to be the first."""
        for attempt in range(_CREATE_ATTEMPTS):
            try:
                return DeltaTable.create(self._path(contract), schema, mode="ignore", partition_by=[_DAY])
            except DeltaError:
                if attempt == _CREATE_ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def _files(self, contract: Contract, days: Days) -> list[str]:
        if not DeltaTable.is_deltatable(self._path(contract)):
            return []
        return DeltaTable(self._path(contract)).file_uris(file_pruning_predicate=_within(days))


def connect(spill: Path) -> DuckDB:
    """An engine of one's own, as every step uses it."""
    engine = ibis.duckdb.connect(
        memory_limit=f"{int(_memory_bytes() * _MEMORY_SHARE / 2**20)}MiB",
        temp_directory=str(spill),
        preserve_insertion_order=False,
    )
    # Only a connection with its time zone extension loaded takes this, so it cannot be among the options above.
    engine.raw_sql("SET TimeZone = 'UTC'")
    return engine


@contextmanager
def promised(engine: DuckDB, contract: Contract, rows: ir.Table) -> Iterator[str]:
    """The name of a view of `rows` with every column cast to its promise; it goes when the block ends.

    Ibis believes that a sum of int64 is int64 and drops the cast, while DuckDB gives a HUGEINT, which
    leaves the engine as a double or as other rows' bytes: money must not go out any other way.
    """
    columns = ", ".join(
        f'CAST("{name}" AS {engine.compiler.type_mapper.to_string(kind)}) AS "{name}"'
        for name, kind in contract.schema.items()
    )
    raw, typed = ibis.util.gen_name("raw"), ibis.util.gen_name("typed")
    engine.create_view(raw, rows)
    engine.raw_sql(f'CREATE VIEW "{typed}" AS SELECT {columns} FROM "{raw}"')  # noqa: S608 - our own names
    try:
        yield f'"{typed}"'
    finally:
        engine.drop_view(typed)
        engine.drop_view(raw)


def stored_schema(contract: Contract) -> pa.Schema:
    """What is on disk: the contract's columns and the day a row belongs to, as text."""
    return contract.schema.to_pyarrow().append(pa.field(_DAY, pa.string()))


def _within(days: Days) -> str:
    return f"{_DAY} >= '{days.first}' AND {_DAY} <= '{days.last}'"


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
