"""How the ledger's database is opened, so that one writer at a time holds on SQLite as on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.incidents.ledger.schema import MIGRATING, migrate, version_of
from oncall_assets.incidents.ledger.tables import VERSION

# Any number will do, as long as every pager of a database takes the same.
_LOCK = 7_030_241
_READING = "ledger_reading"

# How long a writer on SQLite waits for those before it.
_BUSY = timedelta(seconds=10)

_SQLITE = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL = ("postgresql", "postgresql+psycopg2")
_EXPECTED = "expected sqlite:///<path> or postgresql://<host>/<database>"


class Database:
    """A database with the ledger's tables, brought up to date when it is opened; several threads may use it.

    Raises LedgerError.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_database(url)
        try:
            self._bring_up_to_date()
        except DBAPIError as error:
            self._engine.dispose()
            reason = " ".join(str(error.orig).split())
            raise LedgerError(
                f"the ledger at {_shown(self._engine.url)} cannot be opened: {reason}; correct "
                "ONCALL_DATABASE_URL, or see that its database is there"
            ) from error
        except BaseException:
            self._engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One state of the database for all that is read inside; it keeps no writer waiting."""
        with self._engine.connect().execution_options(**{_READING: True}) as connection, connection.begin():
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All that is written inside is committed together or not at all; one writer at a time."""
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # What BEGIN IMMEDIATE does on SQLite: whoever comes second waits and then sees what was done.
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection

    def _bring_up_to_date(self) -> None:
        with self.reading() as connection:
            if version_of(connection) == VERSION:
                return
        # Whoever comes second waits, and then there is nothing left to migrate.
        with MIGRATING, self.transaction() as connection:
            migrate(connection)


def open_database(url: str) -> Engine:
    """The engine for SQLite or PostgreSQL. Raises LedgerError for any other, without repeating a password."""
    where = _read(url)
    if where.drivername in _POSTGRESQL:
        return _postgresql(where)
    _make_folder(Path(where.database or "").parent)
    engine = create_engine(where)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def missing_file(url: str) -> Path | None:
    """The file that opening a ledger on SQLite would make; None if it is there already, or is no file.

    Raises LedgerError as `open_database`.
    """
    where = _read(url)
    file = Path(where.database or "")
    return file if where.drivername in _SQLITE and not file.exists() else None


def _read(url: str) -> URL:
    try:
        where = make_url(url)
    except ArgumentError:
        # Not shown: nobody knows where in it the password is.
        raise LedgerError(f"ONCALL_DATABASE_URL is no URL; {_EXPECTED}") from None
    if where.drivername not in (*_SQLITE, *_POSTGRESQL):
        raise LedgerError(f"{_shown(where)} is neither SQLite nor PostgreSQL; {_EXPECTED} in ONCALL_DATABASE_URL")
    if where.drivername in _SQLITE and where.database in (None, "", ":memory:"):
        raise LedgerError(f"{_shown(where)} is in memory and ends with the process; {_EXPECTED}")
    return where


def _shown(where: URL) -> str:
    """The address without its password, which PostgreSQL also takes as a parameter behind a question mark."""
    return where.set(query={}).render_as_string(hide_password=True)


def _postgresql(where: URL) -> Engine:
    try:
        # A bare postgresql:// means psycopg 3 to SQLAlchemy 2.1; dagster-postgres brings psycopg2.
        driver = where.set(drivername="postgresql+psycopg2")
        # Updates of many rows go in batches, or a thousand faults would wait for a thousand answers.
        return create_engine(driver, connect_args={"connect_timeout": 10}, executemany_mode="values_plus_batch")
    except ImportError:
        raise LedgerError("a ledger on PostgreSQL needs psycopg2; install oncall-assets[postgres]") from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"the ledger's folder {folder} cannot be made: {error.strerror}; correct ONCALL_HOME or "
            "ONCALL_DATABASE_URL"
        ) from error


def _configure(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, and only at the first write: too late to hold others off.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY // timedelta(milliseconds=1)}")
    _write_ahead(connection)
    connection.execute("PRAGMA foreign_keys = ON")


def _write_ahead(connection: Any) -> None:
    """Only the first to open a ledger changes its mode, and SQLite lets the others wait for all but that."""
    deadline = monotonic() + _BUSY.total_seconds()
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
        sleep(0.01)


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
