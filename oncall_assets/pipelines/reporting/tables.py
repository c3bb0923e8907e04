"""Tables and views as BI tools see them, made from the contracts and given new columns without losing a row."""

from __future__ import annotations

from typing import Final

from oncall_assets.metrics.contracts import Contract
from oncall_assets.pipelines.reporting.database import Database, ReportingError, quoted

VIEWS: Final = {"day": "daily", "week": "weekly", "month": "monthly"}
"""What a view of each grain is called behind the name of its table."""


def prepare(database: Database, contract: Contract) -> None:
    """The contract's table and views, made where they are missing.

    Raises ReportingError if a column of the table has another type than is promised.
    """
    table, found = contract.name, database.columns(contract.name)
    declared = {column.name: database.types[column.kind] for column in contract.columns}
    if not found:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in declared.items())
        database.run(f"CREATE TABLE {quoted(table)} ({columns})")
    for name, kind in declared.items():
        if found and name not in found:
            database.run(f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(name)} {kind}")
        elif found and found[name].casefold() != kind.casefold():
            raise ReportingError(
                f"column {name} of {table} in the reporting database is {found[name]}, expected {kind}; "
                "somebody must change the table there, as rows could be lost"
            )
    for grain, view in views(contract).items():
        _view(database, contract, grain, view)
    database.describe(contract, relations(contract))


def relations(contract: Contract) -> list[str]:
    """The table and its views by name, the table first."""
    return [contract.name, *views(contract).values()]


def views(contract: Contract) -> dict[str, str]:
    """The name of the view of each grain; none for a table without grains."""
    if "grain" not in contract.names:
        return {}
    return {grain: f"{contract.name}_{name}" for grain, name in VIEWS.items()}


def _view(database: Database, contract: Contract, grain: str, view: str) -> None:
    """Every period once, as of the last day of it that is published: sums over the view count nothing twice."""
    known = database.columns(view)
    if set(contract.names) <= set(known):
        return
    # PostgreSQL takes new columns only behind those that readers know.
    names = [*known, *(name for name in contract.names if name not in known)]
    columns = ", ".join(quoted(name) for name in names)
    database.replace_view(
        view,
        f'SELECT {columns} FROM (SELECT *, max("day") OVER (PARTITION BY "period_start") AS "_last" '  # noqa: S608 - the contract's own names
        f'FROM {quoted(contract.name)} WHERE "grain" = \'{grain}\') AS "periods" WHERE "day" = "_last"',
    )
