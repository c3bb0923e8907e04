"""`oncall check-handbook`: every problem before it costs somebody a night."""

from __future__ import annotations

import warnings
from pathlib import Path

import click

from oncall_assets.cli.loading import load, refuse
from oncall_assets.handbook import HandbookError
from oncall_assets.rota.watching import watches


@click.command("check-handbook")
@click.pass_obj
def check_handbook(folder: Path) -> None:
    """Say every problem of the handbook, or count what is in it."""
    handbook = load(folder)
    # Imported here: the other commands answer in a blink because they do without Dagster.
    import dagster as dg

    from oncall_assets.layer import pipelines_by_asset, with_review
    from oncall_assets.pipelines import company
    from oncall_assets.reports import editions

    warnings.simplefilter("ignore", dg.BetaWarning)
    try:
        definitions = dg.Definitions.merge(company(handbook), editions(handbook))
        owned = pipelines_by_asset(with_review(definitions, handbook), handbook)
    except HandbookError as error:
        refuse(error)
    team = handbook.team
    issues = sum(len(runbook.front.issues) for runbook in handbook.runbooks.values())
    click.echo(
        f"{folder}: no problems. {len(team.engineers)} engineers, {len(team.pipelines)} pipelines over "
        f"{len(owned)} assets, {len(handbook.runbooks)} runbooks with {issues} issues and "
        f"{len(list(handbook.checks()))} checks, {len(list(watches(handbook)))} watches, "
        f"{len(list(handbook.reports()))} reports, {len(handbook.sources.sources)} sources."
    )
