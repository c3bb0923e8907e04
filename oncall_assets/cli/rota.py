"""Who is on call, when, and the quarter as it is told: `oncall who`, `oncall rota`, `oncall publish`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from oncall_assets.cli.loading import load
from oncall_assets.cli.plan import plan_in, quarter_of
from oncall_assets.cli.values import When, instant, window
from oncall_assets.cli.words import as_words, ownership, shift_as_json
from oncall_assets.handbook.problem import one_of
from oncall_assets.rota.resolve import on_call
from oncall_assets.rota.resolve import shifts as shifts_of

_AHEAD = timedelta(weeks=4)


@click.command()
@click.option("--at", type=When(), help="An instant, as 2026-12-25T03:00 in the team's zone. By default now.")
@click.option("--pipeline", help="Name its owners too, and whether they are on duty.")
@click.option("--explain", is_flag=True, help="What every layer of the rota did.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def who(folder: Path, at: date | None, pipeline: str | None, explain: bool, as_json: bool) -> None:
    """Say who is on call, until when, and why."""
    handbook = load(folder)
    team = handbook.team
    if pipeline is not None and pipeline not in team.pipelines:
        message = f"{pipeline!r} is no pipeline; {one_of(pipeline, team.pipelines)}"
        raise click.BadParameter(message, param_hint="'--pipeline'")
    asked = datetime.now(UTC) if at is None else instant(at, ZoneInfo(team.timezone))
    shift = on_call(handbook, asked)
    owners = ownership(team, pipeline, shift) if pipeline is not None else None
    if as_json:
        found = shift_as_json(shift) | {"at": asked.isoformat()}
        click.echo(json.dumps(found | ({"pipeline": owners} if owners else {})))
    else:
        click.echo("\n".join(as_words(team, shift, owners, explain)))


@click.command()
@click.option("--from", "first", type=When(), help="A date or an instant. By default now.")
@click.option("--to", "last", type=When(), help="A date, which is included, or an instant. By default 4 weeks on.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def rota(folder: Path, first: date | None, last: date | None, as_json: bool) -> None:
    """List the shifts, in the wall times of the team's zone."""
    handbook = load(folder)
    zone = ZoneInfo(handbook.team.timezone)
    begin = first or datetime.now(UTC)
    start, end = window(begin, last or begin + _AHEAD, zone)
    found = shifts_of(handbook, start, end)
    if as_json:
        click.echo(json.dumps([shift_as_json(shift) for shift in found]))
        return
    from oncall_assets.cli.tables import print_shifts

    print_shifts(found, zone)


@click.command()
@click.option("--quarter", required=True, help="Such as 2027Q1.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where page and calendars go.")
@click.option(
    "--again", is_flag=True, help="Of a published quarter: its page and calendars, with the swaps made since."
)
@click.option(
    "--plan", type=click.Path(path_type=Path, dir_okay=False), help="As planned in this file of `oncall plan`."
)
@click.pass_obj
def publish(folder: Path, quarter: str, out: Path | None, again: bool, plan: Path | None) -> None:
    """Freeze a quarter's shifts, and write its page and its calendars."""
    if again and plan is not None:
        raise click.UsageError("--again hands out what is published; expected it without --plan")
    asked = quarter_of(quarter)
    from oncall_assets.rota import publish as publishing

    handbook = load(folder)
    planned = None if plan is None else plan_in(plan)
    try:
        if again:
            done = publishing.hand_out(handbook, asked, datetime.now(UTC), out)
        else:
            done = publishing.publish(handbook, asked, datetime.now(UTC), out, planned)
    except (publishing.CannotPublish, OSError) as error:
        click.echo(f"refused: {error}", err=True)
        sys.exit(1)
    click.echo(f"{done.frozen}: {quarter}, {len(done.shifts)} shifts; commit it, and it is published.")
    for path in done.files:
        click.echo(str(path))
