"""How evenly duty is spread, by the rota or by a plan that nobody serves by yet: `oncall fairness`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from oncall_assets.cli.loading import load
from oncall_assets.cli.plan import plan_in
from oncall_assets.cli.values import FIRST_YEAR, LAST_YEAR, When, window
from oncall_assets.cli.words import fairness_as_json

if TYPE_CHECKING:
    from oncall_assets.handbook import Handbook
    from oncall_assets.handbook.team import Team
    from oncall_assets.rota.fairness import Fairness

_File = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--from", "first", type=When(), help="A date or an instant.")
@click.option("--to", "last", type=When(), help="A date, which is included, or an instant.")
@click.option("--year", type=click.IntRange(FIRST_YEAR, LAST_YEAR), help="By default this one.")
@click.option("--carried", is_flag=True, help="With what each carries over from the 52 weeks before, as plans do.")
@click.option("--plan", type=_File, help="Of the plan in this file of `oncall plan`, as it counts.")
@click.option("--picture", type=_File, help="Where the same goes as a picture, an SVG.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def fairness(folder: Path, /, plan: Path | None, picture: Path | None, as_json: bool, **asked: Any) -> None:
    """Say who carries how much: hours, nights, weekends, holidays, against what is each one's share."""
    if plan is not None and any(asked.values()):
        raise click.UsageError("--plan has a window of its own; expected it without --from, --year and --carried")
    handbook = load(folder)
    found = _of_rota(handbook, _Asked(**asked)) if plan is None else _of_plan(handbook, plan)
    if picture is not None:
        _draw(picture, found, handbook.team)
    if as_json:
        click.echo(json.dumps(fairness_as_json(found)))
        return
    from oncall_assets.cli.tables import print_fairness

    print_fairness(found, handbook.team)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which part of the rota, by the names of the parameters."""

    first: date | None
    last: date | None
    year: int | None
    carried: bool


def _of_rota(handbook: Handbook, asked: _Asked) -> Fairness:
    first, last, year = asked.first, asked.last, asked.year
    if (first is None) != (last is None) or (first is not None and year is not None):
        raise click.UsageError("expected --from and --to together, or --year, or nothing for this year")
    zone = ZoneInfo(handbook.team.timezone)
    of_year = year or datetime.now(zone).year
    start, end = window(first or date(of_year, 1, 1), last or date(of_year, 12, 31), zone)
    from oncall_assets.rota.fairness import fairness as measured
    from oncall_assets.rota.planner.balance import carried_over

    return measured(handbook, start, end, carried_over(handbook, start) if asked.carried else None)


def _of_plan(handbook: Handbook, path: Path) -> Fairness:
    from oncall_assets.rota.audit.stored import checked

    found = checked(handbook, plan_in(path))
    if not found.holds:
        click.echo(f"{path} does not hold any more; see why with `oncall plan --check {path}`", err=True)
    return found.load


def _draw(picture: Path, found: Fairness, team: Team) -> None:
    from oncall_assets.rota.loadchart import load_chart

    try:
        picture.write_text(load_chart(found, team), encoding="utf-8")
    except OSError as error:
        message = f"{picture}: {error.strerror or error}; expected a file in a folder that exists"
        raise click.BadParameter(message, param_hint="'--picture'") from None
