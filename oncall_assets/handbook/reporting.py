"""The reporting database as a team writes it down: where its address is, and who may read which table."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from oncall_assets.handbook.problem import one_of, shown
from oncall_assets.handbook.values import Variable, Written

PUBLISHED: Final = ("aggregate_profit", "aggregate_growth", "aggregate_engagement", "investor_report")
"""The tables of the reporting database."""

_MAY_CHANGE: Final = " (may change)"


def may_change(reader: str) -> str:
    """How a reader is named who may change the table, too."""
    return f"{reader}{_MAY_CHANGE}"


def name_of(reader: str) -> str:
    """The name of a reader, whatever they may do."""
    return reader.removesuffix(_MAY_CHANGE)


def _role(value: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", value):
        expected = "expected a small letter or `_`, then up to 62 of a to z, 0 to 9 and `_`"
        raise ValueError(f"{shown(value)} is not the name of a database role; {expected}")
    # PostgreSQL reads these two as words of its language even in quotes.
    if value in {"public", "none"}:
        raise ValueError(
            f"{shown(value)} is a word of PostgreSQL and no role; expected the role of somebody who may read"
        )
    return value


def _table(value: str) -> str:
    if value not in PUBLISHED:
        message = f"{shown(value)} is no table of the reporting database; {one_of(value, PUBLISHED)}"
        raise ValueError(message)
    return value


Role = Annotated[str, AfterValidator(_role)]
Table = Annotated[str, AfterValidator(_table)]


class Reporting(Written):
    """Where the aggregates are published, and which roles of that database may read which of its tables.

    `url_env` names the environment variable that holds the address, postgresql:// or sqlite:///; where it is not
    set, the database is a file in the state folder. A role that may read a table may read its views.
    """

    url_env: Variable = "REPORTING_DATABASE_URL"
    readers: dict[Role, Annotated[list[Table], Field(min_length=1)]] = {}
