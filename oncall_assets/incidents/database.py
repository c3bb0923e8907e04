"""How the ledger's database is opened, so that one writer at a time holds on SQLite as on PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url


def open_database(url: str) -> Engine:
    """The engine for SQLite or PostgreSQL. Raises ValueError for any other, without repeating a password."""
    where = make_url(url)
    if where.get_backend_name() == "postgresql":
        # A bare postgresql:// means psycopg 3 to SQLAlchemy 2.1; dagster-postgres brings psycopg2.
        driver = where.set(drivername="postgresql+psycopg2") if where.drivername == "postgresql" else where
        return create_engine(driver, connect_args={"connect_timeout": 10})
    if where.get_backend_name() != "sqlite":
        raise ValueError(f"{where!r} is neither SQLite nor PostgreSQL; correct ONCALL_DATABASE_URL")
    if where.database:
        Path(where.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(where)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, and only at the first write: too late to hold others off.
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
