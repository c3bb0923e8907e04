"""What is not to be told for a while: `oncall silence`, `silences`, `unsilence`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from oncall_assets.cli.asking import as_option, as_whom, author_of, by_option, opened_ledger, worded
from oncall_assets.cli.loading import load
from oncall_assets.cli.values import When, instant
from oncall_assets.handbook.values import duration
from oncall_assets.incidents.asked import LONGEST_SILENCE, lasting, subject, unknown_subject
from oncall_assets.incidents.asked import check as known_check
from oncall_assets.incidents.asked import pipeline as known_pipeline
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets.notify.message import length, printable


class Span(click.ParamType[timedelta]):
    """A duration such as 2h."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        try:
            return duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.option("--asset", help="What fails of this asset.")
@click.option("--pipeline", help="What fails of this pipeline.")
@click.option("--check", metavar="ASSET:CHECK", help="This check.")
@click.option("--for", "span", type=Span(), help="How long, as 2h or 3 days; two weeks at most.")
@click.option("--until", type=When(), help="The end; a date is included.")
@click.option("--from", "begin", type=When(), help="The beginning, for maintenance to come. By default now.")
@click.option("--because", required=True, help="Why nobody needs to be told.")
@by_option
@click.pass_obj
def silence(folder: Path, /, because: str, author: str | None, **given: Any) -> None:
    """Page nobody for an asset, a pipeline or a check until a given end."""
    names = {kind: given[kind] for kind in ("asset", "pipeline", "check") if given[kind] is not None}
    if len(names) != 1:
        raise click.UsageError("expected one of --asset, --pipeline and --check")
    handbook, now = load(folder), datetime.now(UTC)
    zone = ZoneInfo(handbook.team.timezone)
    starts, ends = _window(given["begin"], given["span"], given["until"], zone, now)
    if "pipeline" in names:
        with as_option("'--pipeline'"):
            known_pipeline(handbook, names["pipeline"])
    if "check" in names:
        with as_option("'--check'"):
            known_check(names["check"])
    who = author_of(handbook, author, now)
    asked = Silence(0, who, worded(because, "'--because'"), starts, ends, **names)
    with opened_ledger() as ledger:
        number = ledger.silence(asked)
    click.echo(f"Silence {number}, as {as_whom(handbook, who)}: {_line(asked, zone)}.")
    click.echo(f"Incidents are opened and counted, and nobody is paged. `oncall unsilence {number}` ends it.")
    if doubt := unknown_subject(handbook, asked):
        click.echo(f"Kept as written, but {doubt}", err=True)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def silences(folder: Path, as_json: bool) -> None:
    """List the silences in force, and those to come."""
    team, now = load(folder).team, datetime.now(UTC)
    from oncall_assets.incidents.ledger.planned import planned

    with opened_ledger() as ledger:
        found = planned(ledger, now)
    if as_json:
        texts = [asdict(one) | {"starts": one.starts.isoformat(), "ends": one.ends.isoformat()} for one in found]
        click.echo(json.dumps(texts))
    elif found:
        from oncall_assets.cli.tables import print_silences

        print_silences(found, ZoneInfo(team.timezone), now)
    else:
        click.echo("Nothing is silenced.")


@click.command()
@click.argument("number", type=click.IntRange(min=1))
@by_option
@click.pass_obj
def unsilence(folder: Path, number: int, author: str | None) -> None:
    """End the silence NUMBER now."""
    handbook, now = load(folder), datetime.now(UTC)
    who = author_of(handbook, author, now)
    with opened_ledger() as ledger:
        ledger.lift(number, who, now)
    click.echo(f"Silence {number} ended, as {as_whom(handbook, who)}.")


def _window(
    begin: date | None, span: timedelta | None, until: date | None, zone: ZoneInfo, now: datetime
) -> tuple[datetime, datetime]:
    """`[start, end)` in UTC of what was asked for; an end that is a date is included."""
    starts = now if begin is None else instant(begin, zone)
    if span is not None and until is None:
        ends, hint = starts + span, "'--for'"
    elif until is not None and span is None:
        whole_day = not isinstance(until, datetime)
        ends, hint = instant(until + timedelta(days=whole_day), zone), "'--until'"
    else:
        raise click.UsageError(f"expected an end, --for or --until, at most {length(LONGEST_SILENCE)} on")
    with as_option(hint):
        lasting(starts, ends, now)
    return starts, ends


def _line(silence: Silence, zone: ZoneInfo) -> str:
    starts, ends = (f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}" for at in (silence.starts, silence.ends))
    return printable(f"{subject(silence)} from {starts} until {ends} {zone.key}")
