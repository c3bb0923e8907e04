"""What the reporting database must be able to do, whichever it is, so that publishing is written once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

import pyarrow as pa

from oncall_assets.metrics.contracts import Contract, Kind


class ReportingError(Exception):
    """The reporting database cannot be used as asked; the message says why and what to do, never a password."""


class Database(ABC):
    """An open connection. All that is done is one transaction, and is lost unless `commit` ends it.

    SQL has its parameters as `$1`, `$2` in the order they are given. Raises the driver's own errors, which
    `address.opened` turns into ReportingError.
    """

    types: ClassVar[Mapping[Kind, str]]
    """What a column of each kind is declared as, which is also how `columns` tells of it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def run(self, sql: str, *parameters: object) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())

    def fetch(self, sql: str, *parameters: object) -> pa.Table:
        """The rows as Arrow, in the driver's types."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return cursor.fetch_arrow_table()

    def append(self, table: str, rows: pa.Table) -> None:
        """Add rows to a table that has their columns."""
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(table, self.stored(rows), mode="append")

    def commit(self) -> None:
        self._connection.adbc_connection.commit()

    def close(self) -> None:
        """End the connection; what was not committed was never done."""
        self._connection.close()

    @abstractmethod
    def begin(self, table: str) -> None:
        """From here to the end nobody else publishes the table; readers go on reading what was there."""

    @abstractmethod
    def columns(self, relation: str) -> dict[str, str]:
        """The columns of a table or view in order, with their types; none if it is not there."""

    @abstractmethod
    def replace_view(self, view: str, select: str) -> None:
        """Make the view, or give an old one more columns at its end."""

    @abstractmethod
    def describe(self, contract: Contract, relations: Sequence[str]) -> None:
        """What table, views and columns hold, with their units, where the database has a place for it."""

    @abstractmethod
    def require_roles(self, roles: Collection[str]) -> None:
        """Raises ReportingError unless each can be let read."""

    @abstractmethod
    def let_read(self, relations: Sequence[str], roles: Collection[str]) -> None:
        """Let the roles read, and take nothing from anybody."""

    @abstractmethod
    def readers(self, table: str) -> frozenset[str]:
        """Who may read the table beside its owner, and who may change it as `handbook.reporting.may_change`."""

    @abstractmethod
    def day(self, day: date) -> object:
        """A day as a parameter."""

    @abstractmethod
    def stored(self, rows: pa.Table) -> pa.Table:
        """Rows in the types that are stored."""


def quoted(name: str) -> str:
    """A name as SQL has it in quotes."""
    return '"' + name.replace('"', '""') + '"'
