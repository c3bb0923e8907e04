"""Tables from as little typing as a test can do, each column checked against its contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

import ibis
import pyarrow as pa

from oncall_assets.metrics.contracts import CONTRACTS

Row = dict[str, Any]
Run = Callable[[ibis.Table], list[Row]]

_FILLERS: Row = {
    "string": "",
    "int64": 0,
    "float64": None,
    "boolean": False,
    "date": None,
    "timestamp": None,
}


def table(contract: str, rows: Iterable[Row]) -> ibis.Table:
    """A table of the contract; a column a row leaves out is null where it may be, or plainly empty."""
    columns = CONTRACTS[contract].columns
    blank = {column.name: None if column.nullable else _FILLERS[column.kind] for column in columns}
    filled = []
    for number, row in enumerate(rows):
        unknown = row.keys() - blank.keys()
        if unknown:
            raise KeyError(f"{contract} has no {sorted(unknown)}")
        identity = columns[0].name
        name = {identity: f"{identity}-{number}"} if identity.endswith("_id") else {}
        filled.append(blank | name | row)
    schema = CONTRACTS[contract].schema.to_pyarrow()
    return ibis.memtable(pa.Table.from_pylist(filled, schema=schema))


def at(text: str) -> datetime:
    """An instant of UTC, `2026-03-01 12:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def on(text: str) -> date:
    return date.fromisoformat(text)


def of(row: Row, *names: str) -> tuple[Any, ...]:
    """Some values of a row, to compare with a tuple."""
    return tuple(row[name] for name in names)
