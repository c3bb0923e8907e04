"""The door of the warehouse: a day that breaks its contract lands nothing, and the refusal names the column."""

from __future__ import annotations

from datetime import date

import duckdb
import ibis
import ibis.expr.datatypes as dt
from ibis.backends.duckdb import Backend as DuckDB

from oncall_assets.handbook.problem import first_line
from oncall_assets.metrics.contracts import Column, Contract
from oncall_assets.pipelines.arrival import Arrived

_SQL = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
}


class BrokenContract(Exception):
    """Rows that are not what was promised: `findings` name column, expected and found, one a line."""

    def __init__(self, contract: Contract, origin: str, findings: list[str]) -> None:
        self.findings = findings
        lines = "\n".join(f"- {finding}" for finding in findings)
        super().__init__(f"{contract.name} breaks its contract in {origin}; nothing was landed:\n{lines}")


def admit(engine: DuckDB, contract: Contract, arrived: Arrived, day: date) -> str:
    """SQL that selects the day's rows with the contract's columns and types.

    Raises BrokenContract if a column is missing or of another type, if a text is not the value it should
    be, or if a row belongs to another day.
    """
    found = engine.table(arrived.table).schema()
    findings = [
        finding for column in contract.columns if (finding := _column_finding(engine, column, found, arrived))
    ]
    if findings:
        raise BrokenContract(contract, arrived.origin, findings)
    findings = [
        finding
        for column in contract.columns
        if found[column.name].is_string() and column.kind != "string"
        if (finding := _value_finding(engine, column, arrived.table))
    ]
    if findings:
        raise BrokenContract(contract, arrived.origin, findings)
    columns = ", ".join(_cast(column, found) for column in contract.columns)
    rows = f'SELECT {columns} FROM "{arrived.table}"'  # noqa: S608 - names are the contract's own
    if finding := _day_finding(engine, contract, rows, day):
        raise BrokenContract(contract, arrived.origin, [finding])
    return rows


def extra_columns(engine: DuckDB, contract: Contract, arrived: Arrived) -> list[str]:
    """Columns that the source has and the contract does not; they do not land, and are told in the metadata."""
    return sorted(set(engine.table(arrived.table).schema().names) - set(contract.names))


def _column_finding(engine: DuckDB, column: Column, found: ibis.Schema, arrived: Arrived) -> str | None:
    if column.name not in found:
        others = ", ".join(found.names)
        return f"column {column.name}: expected {column.kind}, found no such column (there are {others})"
    kind = found[column.name]
    if _fits(column, kind) or (arrived.as_text and kind.is_string()):
        return None
    if column.nullable and not _count(engine, column, arrived.table):
        # Where there is no value at all, a source's type is a guess of its driver.
        return None
    shown = "timestamp without a zone" if kind.is_timestamp() else str(kind)
    return f"column {column.name}: expected {column.kind}, found {shown}"


def _count(engine: DuckDB, column: Column, table: str) -> int:
    (count,) = engine.con.execute(f'SELECT count("{column.name}") FROM "{table}"').fetchone()  # noqa: S608 - our own
    return int(count)


def _fits(column: Column, kind: dt.DataType) -> bool:
    fits = {
        "int64": kind.is_integer() or (kind.is_decimal() and kind.scale == 0),
        "float64": kind.is_numeric(),
        "timestamp": kind.is_timestamp() and kind.timezone is not None,
        "date": kind.is_date(),
        "boolean": kind.is_boolean(),
        "string": kind.is_string(),
    }
    return bool(fits[column.kind])


def _value_finding(engine: DuckDB, column: Column, table: str) -> str | None:
    name = f'"{column.name}"'
    wrong = f"{name} IS NOT NULL AND {_parsed(column)} IS NULL"
    count, sample = engine.con.execute(
        f'SELECT count(*), min({name}) FROM "{table}" WHERE {wrong}'  # noqa: S608 - names are the contract's own
    ).fetchone() or (0, None)
    return f"column {column.name}: expected {column.kind}, found {sample!r} in {count} rows" if count else None


def _cast(column: Column, found: ibis.Schema) -> str:
    from_text = found[column.name].is_string() and column.kind != "string"
    value = _parsed(column) if from_text else f'CAST("{column.name}" AS {_SQL[column.kind]})'
    return f'{value} AS "{column.name}"'


def _parsed(column: Column) -> str:
    name = f'"{column.name}"'
    if column.kind == "int64":
        # A cast alone would round 12.7 to 13.
        return f"CASE WHEN regexp_full_match(trim({name}), '[+-]?[0-9]+') THEN TRY_CAST({name} AS BIGINT) END"
    return f"TRY_CAST({name} AS {_SQL[column.kind]})"


def _day_finding(engine: DuckDB, contract: Contract, rows: str, day: date) -> str | None:
    lands_by = f'CAST("{contract.lands_by}" AS DATE)'
    try:
        count, sample = engine.con.execute(
            f"SELECT count(*), min({lands_by}) FROM ({rows}) WHERE {lands_by} IS DISTINCT FROM ?",  # noqa: S608 - likewise
            [day],
        ).fetchone() or (0, None)
    except duckdb.Error as error:
        return f"a value does not fit its column: {first_line(error)}"
    if not count:
        return None
    return f"column {contract.lands_by}: expected only {day}, found {sample} among {count} rows of other days"
