"""What the commands about incidents share: whose word it is, and the ledger that keeps it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

import click

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import ledger_url
from oncall_assets.handbook.problem import first_line
from oncall_assets.incidents.asked import Refused, engineer, words
from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.rota.resolve import on_call

if TYPE_CHECKING:
    from oncall_assets.incidents.ledger.ledger import Ledger

_ME = "ONCALL_ME"

by_option = click.option(
    "--by", "author", help=f"An engineer's key. By default {_ME}, or else whoever is on call."
)


def author_of(handbook: Handbook, given: str | None, now: datetime) -> str:
    """The key of whoever says it: `given`, or of the environment, or the primary on call at `now`."""
    mine = os.environ.get(_ME)
    who = given or mine or on_call(handbook, now).primary
    with as_option("'--by'" if given else _ME):
        return engineer(handbook, who)


def as_whom(handbook: Handbook, who: str) -> str:
    """An engineer as an answer names them, so that nobody speaks for another unawares."""
    return f"{handbook.team.engineers[who].name} ({who})"


def worded(text: str, hint: str) -> str:
    """`text` without blanks around it; none, or too many, is a refusal that names `hint`."""
    with as_option(hint):
        return words(text)


@contextmanager
def as_option(hint: str) -> Iterator[None]:
    """A refusal inside ends the command as one of the option or argument `hint`."""
    try:
        yield
    except Refused as error:
        raise click.BadParameter(str(error), param_hint=hint) from None


@contextmanager
def opened_ledger() -> Iterator[Ledger]:
    """The ledger; what it cannot do, or that it does not answer, ends the command with one line."""
    from sqlalchemy.exc import SQLAlchemyError

    from oncall_assets.incidents.ledger.ledger import Ledger

    try:
        with Ledger(ledger_url()) as ledger:
            yield ledger
    except LedgerError as error:
        fail(str(error))
    except SQLAlchemyError as error:
        # The whole of it would be a page of SQL.
        fail(f"the ledger's database cannot be used: {first_line(getattr(error, 'orig', None) or error)}")


def fail(message: str) -> NoReturn:
    """Say what went wrong and end the command with 1."""
    click.echo(message, err=True)
    sys.exit(1)
