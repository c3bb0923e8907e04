"""A sound handbook, or every problem of it: what each command begins with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from oncall_assets.handbook import Handbook, HandbookError, load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.rota.check import check_rota


def read(folder: Path) -> Handbook:
    """The handbook in `folder`. Raises HandbookError with every problem found."""
    handbook = load_handbook(folder, frozenset(LANDED))
    check_rota(handbook)
    return handbook


def load(folder: Path) -> Handbook:
    """The handbook in `folder`; its problems end the command."""
    try:
        return read(folder)
    except HandbookError as error:
        refuse(error)


def refuse(error: HandbookError) -> NoReturn:
    """Print every problem and end the command with 1."""
    click.echo(str(error), err=True)
    count = len(error.problems)
    click.echo(f"{count} problem{'s' * (count != 1)}; nothing was changed.", err=True)
    sys.exit(1)
