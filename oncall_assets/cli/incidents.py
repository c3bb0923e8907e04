"""What is open, and who has it: `oncall incidents`, `ack`, `resolve`."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from oncall_assets.cli.asking import as_whom, author_of, by_option, opened_ledger, worded
from oncall_assets.cli.incident_words import Seen, essentials, incident_as_json
from oncall_assets.cli.loading import load
from oncall_assets.cli.values import Day, instant
from oncall_assets.handbook.team import Team

_NUMBER = click.IntRange(min=1)


@click.command()
@click.argument("number", type=_NUMBER, required=False)
@click.option("--all", "every", is_flag=True, help="Those that are over too.")
@click.option("--since", type=Day(), help="Those opened since this day, over or not.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def incidents(folder: Path, number: int | None, every: bool, since: date | None, as_json: bool) -> None:
    """List the open incidents, or tell the whole story of NUMBER."""
    if sum((number is not None, every, since is not None)) > 1:
        raise click.UsageError("expected one of NUMBER, --all and --since, or nothing for what is open")
    team, now = load(folder).team, datetime.now(UTC)
    if number is not None:
        _one(team, number, now, as_json)
        return
    zone = ZoneInfo(team.timezone)
    begin = None if since is None else instant(since, zone)
    with opened_ledger() as ledger:
        found = ledger.incidents(begin, not every and since is None)
        seen = [Seen(record, ledger.story(record.number), zone, now) for record in found]
    if as_json:
        click.echo(json.dumps([incident_as_json(one) for one in seen]))
    elif seen:
        from oncall_assets.cli.tables import print_incidents

        print_incidents(seen, zone)
    else:
        click.echo("Nothing is open." if begin is None and not every else "There is no incident.")


@click.command()
@click.argument("number", type=_NUMBER)
@by_option
@click.option("--note", "text", help="A word for the incident's story.")
@click.pass_obj
def ack(folder: Path, number: int, author: str | None, text: str | None) -> None:
    """Say that you have the incident NUMBER, and so stop its escalation."""
    handbook, now = load(folder), datetime.now(UTC)
    who = author_of(handbook, author, now)
    kept = None if text is None else worded(text, "'--note'")
    with opened_ledger() as ledger:
        ledger.acknowledge(number, who, now)
        if kept is not None:
            ledger.comment(number, who, kept, now)
        seen = Seen(ledger.incident(number), (), ZoneInfo(handbook.team.timezone), now)
    click.echo(f"#{number} acknowledged as {as_whom(handbook, who)}; {seen.state}.")


@click.command()
@click.argument("number", type=_NUMBER)
@by_option
@click.option("--because", required=True, help="What it was, for whoever reads the story.")
@click.pass_obj
def resolve(folder: Path, number: int, author: str | None, because: str) -> None:
    """Say that the incident NUMBER is over. Those who were told of it are told so."""
    handbook, now = load(folder), datetime.now(UTC)
    who, reason = author_of(handbook, author, now), worded(because, "'--because'")
    with opened_ledger() as ledger:
        ledger.resolve(number, who, reason, now)
    click.echo(f"#{number} resolved as {as_whom(handbook, who)}.")


def _one(team: Team, number: int, now: datetime, as_json: bool) -> None:
    with opened_ledger() as ledger:
        seen = Seen(ledger.incident(number), ledger.story(number), ZoneInfo(team.timezone), now)
        case = ledger.case(number)
    if as_json:
        click.echo(json.dumps(incident_as_json(seen) | {"case": case.model_dump(mode="json")}))
        return
    from oncall_assets.cli.tables import print_story

    click.echo("\n".join(essentials(team, seen, case)))
    print_story(seen)
