"""`oncall run-step`: let the program do a step of an incident's runbook, once it has said what it would do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from oncall_assets.cli.asking import as_whom, author_of, by_option, fail, opened_ledger
from oncall_assets.cli.defined import DEFINITIONS, definitions_of
from oncall_assets.cli.loading import load
from oncall_assets.handbook import Handbook
from oncall_assets.incidents.asked import Refused
from oncall_assets.notify.message import printable

if TYPE_CHECKING:
    from oncall_assets.incidents.actions.backfill import Site
    from oncall_assets.incidents.actions.doing import Doer
    from oncall_assets.incidents.ledger.ledger import Ledger


@click.command("run-step")
@click.argument("incident", type=click.IntRange(min=1))
@click.argument("step", type=click.IntRange(min=1), required=False)
@by_option
@click.option("--yes", is_flag=True, help="Do not ask, as in a script.")
@click.option("--again", is_flag=True, help="Even if it was done before.")
@click.option("--definitions", "module", default=DEFINITIONS, show_default=True, help="The module Dagster loads.")
@click.pass_obj
def run_step(
    folder: Path, /, incident: int, step: int | None, author: str | None, yes: bool, again: bool, module: str
) -> None:
    """Do STEP of the runbook of INCIDENT, or list which of its steps can be done so.

    Nothing happens before you have seen what would happen, and said yes.
    """
    handbook, now = load(folder), datetime.now(UTC)
    with opened_ledger() as ledger, _one_line():
        if step is None:
            _list(handbook, ledger, incident)
            return
        from oncall_assets.incidents.actions.chosen import Asked

        asked = Asked(incident, step, author_of(handbook, author, now), again)
        doer = _doer(handbook, ledger, folder, module)
        _say(doer.would(asked, now))
        if not yes:
            click.confirm(f"Do it as {as_whom(handbook, asked.by)}?", abort=True)
        _say(doer.do(asked, datetime.now(UTC)))


@contextmanager
def _one_line() -> Iterator[None]:
    """A refusal inside ends the command with its sentence."""
    try:
        yield
    except Refused as refusal:
        fail(str(refusal))


def _list(handbook: Handbook, ledger: Ledger, incident: int) -> None:
    from oncall_assets.incidents.actions.chosen import runbook_of

    runbook = runbook_of(handbook, ledger.case(incident), incident)
    for number, text in enumerate(runbook.procedure, start=1):
        action = runbook.front.actions.get(number)
        what = f" ({action.does}: oncall run-step {incident} {number})" if action else ""
        click.echo(printable(f"{number}. {text}{what}"))
    if not runbook.front.actions:
        click.echo(f"No step of {runbook.pipeline} has an action; all of them are done by hand.")


def _doer(handbook: Handbook, ledger: Ledger, folder: Path, module: str) -> Doer:
    import dagster as dg

    from oncall_assets.incidents.actions.doing import Doer, desk_for_telling

    @cache
    def site() -> Site:
        from oncall_assets.incidents.actions.backfill import Site

        if not os.environ.get("DAGSTER_HOME"):
            raise Refused("DAGSTER_HOME is not set; expected the folder of the instance that runs the backfill")
        return Site(dg.DagsterInstance.get(), definitions_of(module, folder).resolve_asset_graph())

    return Doer(ledger, desk_for_telling(handbook), site)


def _say(lines: tuple[str, ...]) -> None:
    for line in lines:
        click.echo(printable(line))
