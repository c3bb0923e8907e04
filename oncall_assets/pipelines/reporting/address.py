"""Which database the aggregates are published to, and what a person reads where that fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oncall_assets.handbook.home import state_folder
from oncall_assets.handbook.problem import first_line
from oncall_assets.pipelines.databases import without_secret
from oncall_assets.pipelines.reporting.database import Database, ReportingError

_POSTGRES = ("postgresql://", "postgres://")
_SQLITE = "sqlite:///"


def reporting_url(variable: str) -> str:
    """The address that the environment variable holds, or of a file in the state folder; it may hold a password.

    Raises ReportingError if the address is of no kind we publish to.
    """
    url = os.environ.get(variable) or f"{_SQLITE}{state_folder() / 'reporting.sqlite'}"
    if url.startswith(_POSTGRES) or (url.startswith(_SQLITE) and url != _SQLITE):
        return url
    # Not shown: who mistakes the variable has written a password there.
    raise ReportingError(
        f"{variable} does not hold the address of a database that reports can be published to; expected "
        "postgresql://… or sqlite:///… with the path of a file"
    )


def file_of(url: str) -> Path | None:
    """The file that the address names, or None if it is a server's."""
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database at the address, closed at the end, with all undone that was not committed.

    Raises ReportingError if it does not answer or refuses what is done in the block.
    """
    # The drivers' errors have no other home, and a driver is loaded only where it is used.
    from adbc_driver_manager import Error  # noqa: PLC0415

    try:
        database = _connect(url)
        try:
            yield database
        finally:
            database.close()
    except Error as error:
        message = without_secret(first_line(error), url)
        raise ReportingError(f"the reporting database refuses or does not answer: {message}") from None


def _connect(url: str) -> Database:
    file = file_of(url)
    if file is not None:
        from oncall_assets.pipelines.reporting.sqlite import Sqlite  # noqa: PLC0415 - only the one that is used

        return Sqlite(file)
    from oncall_assets.pipelines.reporting.postgres import Postgres  # noqa: PLC0415 - likewise

    return Postgres(url)
