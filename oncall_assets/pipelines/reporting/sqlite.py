"""The reporting database as one private file that is read while it is written, for teams without a server."""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from oncall_assets.handbook.reporting import may_change
from oncall_assets.metrics.contracts import Contract, Kind
from oncall_assets.pipelines.reporting.database import Database, ReportingError, quoted

_LAYOUT = 1
_WAIT_MS = 60_000


class Sqlite(Database):
    """The file at `path`. Days and instants are text as ISO 8601 has them, true and false are 1 and 0."""

    types: ClassVar[Mapping[Kind, str]] = {
        "string": "TEXT",
        "int64": "BIGINT",
        "float64": "DOUBLE",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "timestamp": "TIMESTAMP",
    }

    def __init__(self, path: Path) -> None:
        from adbc_driver_sqlite import dbapi  # noqa: PLC0415 - a driver only where it is used

        if not path.exists():
            _create(path)
        self._path = path
        super().__init__(dbapi.connect(str(path), autocommit=True))
        self.rows(f"PRAGMA busy_timeout = {_WAIT_MS}")

    def begin(self, table: str) -> None:  # noqa: ARG002 - the whole file is locked
        # With a log beside the file, who reads never waits for who writes, nor the other way.
        self.rows("PRAGMA journal_mode = WAL")
        self.rows("PRAGMA synchronous = FULL")
        self._connection.adbc_connection.set_autocommit(False)
        # The first statement takes the right to write: one that reads first can be refused it for good.
        self.run(f"PRAGMA user_version = {_LAYOUT}")

    def columns(self, relation: str) -> dict[str, str]:
        return dict(self.rows("SELECT name, type FROM pragma_table_info($1)", relation))

    def replace_view(self, view: str, select: str) -> None:
        self.run(f"DROP VIEW IF EXISTS {quoted(view)}")
        self.run(f"CREATE VIEW {quoted(view)} AS {select}")

    def describe(self, contract: Contract, relations: Sequence[str]) -> None:
        """SQLite keeps no comments."""

    def require_roles(self, roles: Collection[str]) -> None:
        """SQLite has no roles: who may open the file may read it all."""

    def let_read(self, relations: Sequence[str], roles: Collection[str]) -> None:
        """Likewise."""

    def readers(self, table: str) -> frozenset[str]:  # noqa: ARG002 - who opens it reads all
        status = self._path.stat()
        classes = (
            (f"group {_group(status.st_gid)} (file mode)", stat.S_IRGRP, stat.S_IWGRP),
            ("others (file mode)", stat.S_IROTH, stat.S_IWOTH),
        )
        return frozenset(
            may_change(name) if status.st_mode & write else name
            for name, read, write in classes
            if status.st_mode & (read | write)
        )

    def day(self, day: date) -> object:
        return day.isoformat()

    def stored(self, rows: pa.Table) -> pa.Table:
        columns = {name: _as_text(rows[name]) for name in rows.column_names}
        return pa.table(columns)


def _create(path: Path) -> None:
    """An empty file that only its owner may open; the log beside it takes over its mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        message = f"the reporting database {path} cannot be made: {error.strerror}; name another place for it"
        raise ReportingError(message) from None


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_date(column.type):
        return column.cast(pa.string())
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
    return column
