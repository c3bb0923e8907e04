"""Bringing a ledger's tables up to date, so that a new program works on an old ledger and loses nothing of it."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, inspect, text

from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.incidents.ledger.tables import VERSION, VERSION_TABLE

_MIGRATIONS = Path(__file__).parent / "migrations"
# A ledger from before there were versions has this table and no version; its tables are those of the first.
_FIRST, _SIGN_OF_THE_FIRST = "0001", "decisions"

# Alembic keeps its place in the process, not in the connection.
MIGRATING = Lock()


def version_of(connection: Connection) -> str | None:
    """The last migration the database has had; none if it has no versions."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing, in the connection's transaction; hold `MIGRATING` meanwhile.

    Raises LedgerError if the database has had one that this program does not know.
    """
    # Loaded only where there is something to do: a ledger is opened every few seconds.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    known = {script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
    version = version_of(connection)
    if version is not None and version not in known:
        raise LedgerError(
            f"the ledger's tables are of version {version} and this program knows up to {VERSION}: a newer one "
            "wrote them; install that or a later one, or set ONCALL_DATABASE_URL to another database"
        )
    config = Config()
    # A percent sign in the path would be taken for a reference to another option.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if version is None and inspect(connection).has_table(_SIGN_OF_THE_FIRST):
        command.stamp(config, _FIRST)
    command.upgrade(config, "head")
