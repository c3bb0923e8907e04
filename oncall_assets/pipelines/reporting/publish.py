"""One period of one table into the reporting database: whole or not at all, and twice as good as once."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from oncall_assets.metrics.contracts import Contract
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.reporting.address import file_of, opened
from oncall_assets.pipelines.reporting.database import Database, ReportingError, quoted
from oncall_assets.pipelines.reporting.tables import prepare, relations


def publish(url: str, contract: Contract, rows: pa.Table, days: Days, readers: Collection[str]) -> None:
    """Replace the days' rows by `rows`, of the contract's columns and types, in one transaction.

    Those readers who are roles of the database are let read. Raises ReportingError, and then readers see what they
    saw before.
    """
    _refuse_no_numbers(contract, rows)
    with opened(url) as database:
        database.begin(contract.name)
        database.require_roles(readers)
        prepare(database, contract)
        database.run(
            f"DELETE FROM {quoted(contract.name)} WHERE {_within(contract)}",  # noqa: S608 - the contract's own names
            *_ends(database, days),
        )
        if rows.num_rows:
            database.append(contract.name, rows)
        database.let_read(relations(contract), readers)
        database.commit()


def published(url: str, contract: Contract, days: Days) -> pa.Table | None:
    """The days' rows as readers see them, or None if there is no such table.

    The columns are those of the contract that are there, with its types; a column that somebody filled with
    something else keeps the type it has. Raises ReportingError if the database does not answer.
    """
    file = file_of(url)
    if file is not None and not file.exists():
        return None
    with opened(url) as database:
        there = database.columns(contract.name)
        names = [name for name in contract.names if name in there]
        if contract.lands_by not in names:
            return None
        columns = ", ".join(quoted(name) for name in names)
        found = database.fetch(
            f"SELECT {columns} FROM {quoted(contract.name)} WHERE {_within(contract)}",  # noqa: S608 - likewise
            *_ends(database, days),
        )
    promised = contract.schema.to_pyarrow()
    return pa.table({name: _cast(found[name], promised.field(name).type) for name in names})


def _within(contract: Contract) -> str:
    return f"{quoted(contract.lands_by)} BETWEEN $1 AND $2"


def _ends(database: Database, days: Days) -> tuple[object, object]:
    return database.day(days.first), database.day(days.last)


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if not len(column):
        # SQLite says nothing of the type of a column without rows, and not every kind is cast to every other.
        return pa.chunked_array([], type=kind)
    try:
        return column.cast(kind)
    except pa.ArrowInvalid:
        return column


def _refuse_no_numbers(contract: Contract, rows: pa.Table) -> None:
    for column in contract.columns:
        if column.kind == "float64":
            wrong = pc.sum(pc.invert(pc.is_finite(rows[column.name]))).as_py()
            if wrong:
                raise ReportingError(
                    f"{contract.name} has {wrong} values in column {column.name} that are no number (NaN or "
                    "infinite); a figure that does not exist is empty: correct the asset and compute it again"
                )
