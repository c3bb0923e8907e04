"""Rows of a SQL database as Arrow, so that money stays exact and no driver is loaded that is not used."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import unquote

from oncall_assets.handbook.problem import first_line
from oncall_assets.pipelines.arrival import Silent


def read_database(url: str, query: str, start: datetime, end: datetime) -> object:
    """The rows of `query` for `[start, end)`, UTC, as an Arrow table.

    The URL may hold a password, which no message repeats. Raises Silent if the database does not answer the
    query, and ValueError if it is of no kind we read.
    """
    try:
        if url.startswith("sqlite:"):
            from adbc_driver_sqlite import dbapi as sqlite  # noqa: PLC0415 - a driver only where it is used

            connection = sqlite.connect(url.removeprefix("sqlite:///"))
            parameters: tuple[object, ...] = (start.isoformat(" "), end.isoformat(" "))
        elif url.startswith(("postgresql:", "postgres:")):
            from adbc_driver_postgresql import dbapi as postgresql  # noqa: PLC0415 - likewise

            connection = postgresql.connect(url)
            parameters = (start, end)
        else:
            raise ValueError(
                f"{url.partition(':')[0]!r} is no database we read; expected postgresql:// or sqlite://"
            )
        with connection, connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetch_arrow_table()
    except ValueError:
        raise
    except Exception as error:  # noqa: BLE001 - each driver has errors of its own
        raise Silent(f"the database does not answer: {without_secret(first_line(error), url)}") from None


def without_secret(message: str, url: str) -> str:
    """The driver's words without the URL or a password in it, which drivers quote when they cannot read them."""
    message = message.replace(url, "(url)")
    rest = url.partition("://")[2]
    credentials = rest.rpartition("@")[0]
    # libpq takes a password among the parameters as well.
    written = [credentials.partition(":")[2], *re.findall(r"[?&]password=([^&#]*)", rest)]
    spellings = {spelling for one in written for spelling in (one, unquote(one)) if spelling}
    for password in sorted(spellings, key=len, reverse=True):
        message = message.replace(password, "(password)")
    return message
