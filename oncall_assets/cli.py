"""The `oncall` command: what a person asks or tells this project from a terminal."""

from __future__ import annotations

import json
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click

from oncall_assets.handbook import Handbook, HandbookError, load_handbook
from oncall_assets.handbook.home import handbook_folder


@click.group()
@click.option(
    "--handbook",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder the team writes in. By default ONCALL_HANDBOOK, or runbooks/.",
)
@click.pass_context
def main(context: click.Context, handbook: Path | None) -> None:
    """A data team on call."""
    context.obj = handbook or handbook_folder()


@main.command("check-handbook")
@click.pass_obj
def check_handbook(folder: Path) -> None:
    """Say every problem of the handbook, or count what is in it."""
    handbook = _load(folder)
    # Imported here: the other commands answer in a blink because they do without Dagster.
    import dagster as dg  # noqa: PLC0415

    from oncall_assets.layer import pipelines_by_asset  # noqa: PLC0415
    from oncall_assets.pipelines import company  # noqa: PLC0415

    warnings.simplefilter("ignore", dg.BetaWarning)
    try:
        owned = pipelines_by_asset(company(handbook), handbook)
    except HandbookError as error:
        _refuse(error)
    team = handbook.team
    issues = sum(len(runbook.front.issues) for runbook in handbook.runbooks.values())
    click.echo(
        f"{folder}: no problems. {len(team.engineers)} engineers, {len(team.pipelines)} pipelines over "
        f"{len(owned)} assets, {len(handbook.runbooks)} runbooks with {issues} issues and "
        f"{len(list(handbook.checks()))} checks, {len(handbook.sources.sources)} sources."
    )


@main.command()
@click.option("--at", "at", help="An instant, as 2026-12-25T03:00 in the team's zone. By default now.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def who(folder: Path, at: str | None, as_json: bool) -> None:
    """Say who is on call, and why."""
    from oncall_assets.rota import on_call  # noqa: PLC0415

    team = _load(folder).team
    zone = ZoneInfo(team.timezone)
    shift = on_call(team, _instant(at, zone))
    if as_json:
        click.echo(
            json.dumps(
                {
                    "primary": shift.primary,
                    "secondary": shift.secondary,
                    "start": shift.start.isoformat(),
                    "end": shift.end.isoformat(),
                    "reasons": shift.reasons,
                }
            )
        )
        return
    primary, secondary = team.engineers[shift.primary], team.engineers[shift.secondary]
    click.echo(f"primary    {primary.name} <{primary.email}>")
    click.echo(f"secondary  {secondary.name} <{secondary.email}>")
    click.echo(f"until      {shift.end.astimezone(zone):%a %Y-%m-%d %H:%M} {team.timezone}")
    for reason in shift.reasons:
        click.echo(f"because    {reason}")


@main.command()
@click.option("--accounts", type=click.IntRange(1), default=400, show_default=True)
@click.option("--days", type=click.IntRange(1), default=40, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where to write.")
@click.option("--first-day", type=click.DateTime(["%Y-%m-%d"]), default="2026-09-01", show_default=True)
@click.option("--fault", "faults", multiple=True, help="NAME@YYYY-MM-DD; may be given more than once.")
def sample(accounts: int, days: int, seed: int, out: Path, first_day: datetime, faults: tuple[str, ...]) -> None:
    """Write the sample company's seven tables as Parquet, a file a day."""
    from oncall_assets.sample import Company, parse_fault, write  # noqa: PLC0415

    company = Company(accounts=accounts, days=days, seed=seed, first_day=first_day.date())
    try:
        planted = [parse_fault(fault) for fault in faults]
        written = write(company, out, planted)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    rows = ", ".join(f"{count:,} {name}" for name, count in written.rows.items())
    click.echo(f"{out}: {written.files} files, {written.days}: {rows}.")
    if written.faults:
        click.echo(f"Planted: {', '.join(str(fault) for fault in written.faults)}.")


def _load(folder: Path) -> Handbook:
    from oncall_assets.metrics.contracts import LANDED  # noqa: PLC0415

    try:
        return load_handbook(folder, frozenset(LANDED))
    except HandbookError as error:
        _refuse(error)


def _refuse(error: HandbookError) -> NoReturn:
    click.echo(str(error), err=True)
    count = len(error.problems)
    click.echo(f"{count} problem{'s' * (count != 1)}; nothing was changed.", err=True)
    sys.exit(1)


def _instant(text: str | None, zone: ZoneInfo) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no instant; expected one such as 2026-12-25T03:00") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)
