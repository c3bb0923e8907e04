"""`oncall note`: a word from whoever is on call to whoever is next, or to all who work on an incident."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from oncall_assets.cli.asking import as_whom, author_of, by_option, opened_ledger, worded
from oncall_assets.cli.loading import load


@click.command()
@click.argument("text")
@click.option("--incident", "number", type=click.IntRange(min=1), help="Keep it in the story of this incident.")
@by_option
@click.pass_obj
def note(folder: Path, text: str, number: int | None, author: str | None) -> None:
    """Leave TEXT for the next engineer on call, or in an incident's story."""
    handbook, now = load(folder), datetime.now(UTC)
    who, kept = author_of(handbook, author, now), worded(text, "'TEXT'")
    with opened_ledger() as ledger:
        if number is None:
            ledger.note(who, kept, now)
            click.echo(f"Kept, from {handbook.team.engineers[who].name}; it is told at the next hand-off.")
        else:
            ledger.comment(number, who, kept, now)
            click.echo(f"Kept in the story of #{number}, from {as_whom(handbook, who)}.")
