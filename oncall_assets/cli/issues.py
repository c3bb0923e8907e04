"""`oncall issues`: all that the runbooks fear, what would notice it, and when that last happened."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from oncall_assets.cli.asking import opened_ledger
from oncall_assets.cli.issue_words import HEADS, as_json, as_markdown, feared, row
from oncall_assets.cli.loading import load
from oncall_assets.handbook.home import ledger_url
from oncall_assets.handbook.problem import one_of

if TYPE_CHECKING:
    from oncall_assets.incidents.ledger.fired import Fired

_NO_LEDGER = "There is no ledger yet: the pager has recorded nothing here, so nothing was ever found."


@click.command()
@click.option("--pipeline", help="Those of one runbook.")
@click.option(
    "--format", "form", type=click.Choice(["table", "markdown", "json"]), default="table", show_default=True
)
@click.option("--without-ledger", is_flag=True, help="Leave out when each was found last.")
@click.pass_obj
def issues(
    folder: Path, pipeline: str | None, form: Literal["table", "markdown", "json"], without_ledger: bool
) -> None:
    """List what can go wrong, what detects it, and when that was found last."""
    handbook = load(folder)
    if pipeline is not None and pipeline not in handbook.runbooks:
        message = f"{pipeline!r} has no runbook; {one_of(pipeline, handbook.runbooks)}"
        raise click.BadParameter(message, param_hint="'--pipeline'")
    now = None if without_ledger else datetime.now(UTC)
    found = list(feared(handbook, pipeline, () if without_ledger else _fired()))
    if form == "json":
        click.echo(json.dumps([as_json(one, not without_ledger) for one in found]))
    elif form == "markdown":
        click.echo(as_markdown(handbook.team.team, found, now), nl=False)
    else:
        from oncall_assets.cli.tables import print_issues

        print_issues(HEADS if now else HEADS[:-1], [row(one, now) for one in found])


def _fired() -> Sequence[Fired]:
    """What detectors found, the latest first; nothing, and a word about it, where there is no ledger."""
    from oncall_assets.incidents.ledger.fired import last_fired, there_is_a_ledger

    if not there_is_a_ledger(ledger_url()):
        click.echo(_NO_LEDGER, err=True)
        return ()
    with opened_ledger() as ledger:
        return last_fired(ledger)
