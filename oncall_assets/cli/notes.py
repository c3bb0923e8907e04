"""`oncall note`: a word from whoever is on call to whoever is next, told at the hand-off."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from oncall_assets.cli.loading import load
from oncall_assets.handbook.home import ledger_url
from oncall_assets.handbook.problem import one_of
from oncall_assets.rota.resolve import on_call

_LONGEST = 2000


@click.command()
@click.argument("text")
@click.option("--by", "author", help="An engineer's key. By default whoever is on call.")
@click.pass_obj
def note(folder: Path, text: str, author: str | None) -> None:
    """Leave TEXT for the next engineer on call."""
    from oncall_assets.incidents.ledger import Ledger

    handbook, now = load(folder), datetime.now(UTC)
    who = author or on_call(handbook, now).primary
    if who not in handbook.team.engineers:
        message = f"{who!r} is no engineer; {one_of(who, handbook.team.engineers)}"
        raise click.BadParameter(message, param_hint="'--by'")
    words = text.strip()
    if not 0 < len(words) <= _LONGEST:
        message = f"{len(words):,} characters; expected 1 to {_LONGEST:,}"
        raise click.BadParameter(message, param_hint="'TEXT'")
    with Ledger(ledger_url()) as ledger:
        ledger.note(who, words, now)
    click.echo(f"Kept, from {handbook.team.engineers[who].name}; it is told at the next hand-off.")
