"""Who is on call, when, how evenly, and the quarter as it is told: `oncall who`, `rota`, `fairness`, `publish`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from oncall_assets.cli.loading import load
from oncall_assets.cli.values import FIRST_YEAR, LAST_YEAR, When, instant, window
from oncall_assets.cli.words import as_words, fairness_as_json, ownership, shift_as_json
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
@click.option("--from", "first", type=When(), help="A date or an instant.")
@click.option("--to", "last", type=When(), help="A date, which is included, or an instant.")
@click.option("--year", type=click.IntRange(FIRST_YEAR, LAST_YEAR), help="By default this one.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def fairness(folder: Path, first: date | None, last: date | None, year: int | None, as_json: bool) -> None:
    """Say who carries how much: hours, nights, weekends, holidays, against what is each one's share."""
    if (first is None) != (last is None) or (first is not None and year is not None):
        raise click.UsageError("expected --from and --to together, or --year, or nothing for this year")
    handbook = load(folder)
    zone = ZoneInfo(handbook.team.timezone)
    of_year = year or datetime.now(zone).year
    start, end = window(first or date(of_year, 1, 1), last or date(of_year, 12, 31), zone)
    from oncall_assets.rota.fairness import fairness as measured

    found = measured(handbook, start, end)
    if as_json:
        click.echo(json.dumps(fairness_as_json(found)))
        return
    from oncall_assets.cli.tables import print_fairness

    print_fairness(found, handbook.team)


@click.command()
@click.option("--quarter", required=True, help="Such as 2027Q1.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where page and calendars go.")
@click.option(
    "--again", is_flag=True, help="Of a published quarter: its page and calendars, with the swaps made since."
)
@click.pass_obj
def publish(folder: Path, quarter: str, out: Path | None, again: bool) -> None:
    """Freeze a quarter's shifts, and write its page and its calendars."""
    from oncall_assets.rota.quarters import Quarter

    try:
        asked = Quarter.parse(quarter)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--quarter'") from None
    if not FIRST_YEAR <= asked.year <= LAST_YEAR:
        message = f"{quarter} is out of range; expected a year from {FIRST_YEAR} to {LAST_YEAR}"
        raise click.BadParameter(message, param_hint="'--quarter'")
    from oncall_assets.rota import publish as publishing

    handbook = load(folder)
    write = publishing.hand_out if again else publishing.publish
    try:
        done = write(handbook, asked, datetime.now(UTC), out)
    except (publishing.CannotPublish, OSError) as error:
        click.echo(f"refused: {error}", err=True)
        sys.exit(1)
    click.echo(f"{done.frozen}: {quarter}, {len(done.shifts)} shifts; commit it, and it is published.")
    for path in done.files:
        click.echo(str(path))
