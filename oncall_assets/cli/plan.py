"""A fair rota with its proof, and its check: `oncall plan` makes what `oncall publish --plan` may freeze."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

import click

from oncall_assets.cli.loading import load
from oncall_assets.cli.values import FIRST_YEAR, LAST_YEAR, Day

if TYPE_CHECKING:
    from oncall_assets.handbook import Handbook
    from oncall_assets.rota.planfile import PlanFile
    from oncall_assets.rota.planner.problem import Problem
    from oncall_assets.rota.planner.solver import Solution
    from oncall_assets.rota.quarters import Quarter

_MOST_WEEKS = 208
_ROTATION = "rotation"

Pairs = Mapping[datetime, tuple[str, str]]


@click.command()
@click.option("--quarter", help="The quarter to plan, such as 2027Q1.")
@click.option("--weeks", type=click.IntRange(1, _MOST_WEEKS), help="Or so many weeks …")
@click.option("--from", "first", type=Day(), help="… from the first hand-off on or after this date.")
@click.option("--earlier", help=f"Change as little as can be of this plan's file, or of the `{_ROTATION}`.")
@click.option("--changes", type=click.IntRange(0), help="Change this many duties of it at most.")
@click.option("--curve", is_flag=True, help="What more changes would bring, before anything is decided.")
@click.option("--effort", type=click.FloatRange(0, min_open=True), help="How long to search; not in seconds.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The plan's file.")
@click.option("--check", type=click.Path(path_type=Path, dir_okay=False), help="Check this plan, and make none.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def plan(folder: Path, /, check: Path | None, as_json: bool, **asked: Any) -> None:
    """Plan who owns which turn, as fairly as the rules allow, with a proof.

    Nobody serves by a plan until it is published: `oncall publish --quarter … --plan FILE`.
    """
    handbook = load(folder)
    if check is None:
        _make(handbook, _Asked(**asked), as_json)
    elif any(asked.values()):
        raise click.UsageError("--check makes no plan; expected it alone, or with --json")
    else:
        _check(handbook, check, as_json)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options of a plan to make, by the names of their parameters."""

    quarter: str | None
    weeks: int | None
    first: date | None
    earlier: str | None
    changes: int | None
    curve: bool
    effort: float | None
    out: Path | None


def _make(handbook: Handbook, asked: _Asked, as_json: bool) -> None:
    now = datetime.now(UTC)
    name, start, end = _window(handbook, asked.quarter, asked.weeks, asked.first)
    if start < now:
        _refuse(f"{name} began on {_local(handbook, start)}; plan from a later hand-off, by --weeks and --from")
    if asked.earlier is None and (asked.changes is not None or asked.curve):
        raise click.UsageError(f"--changes and --curve need --earlier; expected a plan's file, or `{_ROTATION}`")
    from oncall_assets.rota.planner.problem import pose

    earlier = _earlier(handbook, asked.earlier, start, end)
    problem = pose(handbook, start, end, earlier=earlier, budget=asked.changes)
    if not problem.blocks:
        _refuse(f"{name} is published or agreed on, every turn of it; plan a later one")
    path = asked.out or _place(name)
    if not asked.curve:
        _make_room(path)
    # Standard output is for the plan; somebody may wait for it for a minute.
    click.echo(f"Planning {len(problem.blocks)} turns of {len(problem.people)} people …", err=True)
    if asked.curve:
        _print_curve(problem, asked.effort, as_json)
    else:
        _plan(problem, earlier, path, asked.effort, as_json)


def _plan(problem: Problem, earlier: Pairs | None, path: Path, effort: float | None, as_json: bool) -> None:
    """Solve, store and print; ends the command with 1 where a rule is broken."""
    from oncall_assets.cli.plan_words import plan_as_json, print_plan
    from oncall_assets.rota.certify import certified
    from oncall_assets.rota.planfile import write_plan
    from oncall_assets.rota.planner.solver import solve

    solution = solve(problem) if effort is None else solve(problem, effort=effort)
    made = certified(problem, solution, datetime.now(UTC).replace(microsecond=0), earlier)
    try:
        write_plan(path, made.plan)
    except OSError as error:
        _cannot_write(path, error)
    conflicts = _conflicts(problem, solution)
    if as_json:
        click.echo(json.dumps(plan_as_json(made.plan, path, conflicts)))
    else:
        print_plan(problem.handbook, made.plan, conflicts)
        click.echo(f"{path}: {'the plan with the fewest broken rules' if made.findings else 'the plan'}.")
    if made.findings:
        sys.exit(1)


def _make_room(path: Path) -> None:
    """The folder of the plan to come, so that no plan is made in vain."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _cannot_write(path, error)


def _cannot_write(path: Path, error: OSError) -> NoReturn:
    _refuse(f"{path} cannot be written ({error.strerror or error}); name a file in a folder that can be")


def _place(name: str) -> Path:
    """Where a plan goes if nobody names another place."""
    from oncall_assets.handbook.home import state_folder

    return state_folder() / "plans" / f"{name}.yaml"


def _window(
    handbook: Handbook, quarter: str | None, weeks: int | None, first: date | None
) -> tuple[str, datetime, datetime]:
    """What the plan is called, and its window from hand-off to hand-off."""
    if (quarter is None) == (weeks is None) or (weeks is None) != (first is None):
        raise click.UsageError("expected --quarter, or --weeks with --from, or --check")
    if quarter is not None:
        from oncall_assets.rota.publish import bounds

        asked = quarter_of(quarter)
        return quarter, *bounds(handbook, asked)
    if first is None or weeks is None:
        raise click.UsageError("expected --weeks with --from")
    return f"{first}-{weeks}-weeks", _handoff(handbook, first), _handoff(handbook, first + timedelta(weeks=weeks))


def quarter_of(text: str) -> Quarter:
    """The quarter that the option `--quarter` names; one that is none, or out of range, is refused."""
    from oncall_assets.rota.quarters import Quarter

    try:
        found = Quarter.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--quarter'") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        message = f"{text} is out of range; expected a year from {FIRST_YEAR} to {LAST_YEAR}"
        raise click.BadParameter(message, param_hint="'--quarter'")
    return found


def _handoff(handbook: Handbook, day: date) -> datetime:
    """The first hand-off between turns on or after a local date."""
    from oncall_assets.rota.turns import turn_number

    rotation = handbook.team.rotation
    index = -((rotation.start - day) // rotation.turn)
    return turn_number(rotation, ZoneInfo(handbook.team.timezone), index).start


def _earlier(handbook: Handbook, named: str | None, start: datetime, end: datetime) -> Pairs | None:
    if named is None:
        return None
    if named == _ROTATION:
        from oncall_assets.rota.planner.owners import rotation_owners

        return rotation_owners(handbook, start, end)
    plan = plan_in(Path(named))
    if end <= plan.start or plan.end <= start:
        window = f"from {_local(handbook, plan.start)} to {_local(handbook, plan.end)}"
        _refuse(f"{named} is a plan {window}, and shares no time with this one; name another one")
    return plan.pairs


def plan_in(path: Path) -> PlanFile:
    """The plan that is stored in a file; its problems end the command."""
    from oncall_assets.handbook import HandbookError
    from oncall_assets.rota.planfile import read_plan

    try:
        return read_plan(path)
    except HandbookError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _conflicts(problem: Problem, solution: Solution) -> tuple[Any, ...]:
    if not solution.broken:
        return ()
    from oncall_assets.rota.planner.conflicts import explain

    return tuple(explain(problem, solution.broken))


def _print_curve(problem: Problem, effort: float | None, as_json: bool) -> None:
    from oncall_assets.cli.plan_words import print_curve
    from oncall_assets.rota.planner.curve import curve

    points = curve(problem) if effort is None else curve(problem, effort=effort)
    if as_json:
        click.echo(json.dumps({"curve": [asdict(point) for point in points]}))
    else:
        print_curve(points)


def _check(handbook: Handbook, path: Path, as_json: bool) -> None:
    """Audit a stored plan by plain code, and measure its shifts anew."""
    from oncall_assets.cli.plan_words import print_check
    from oncall_assets.rota.audit.stored import checked

    plan = plan_in(path)
    found = checked(handbook, plan)
    if as_json:
        click.echo(json.dumps(found.as_json()))
    else:
        print_check(handbook, path, plan, found)
    if not found.holds:
        sys.exit(1)


def _local(handbook: Handbook, at: datetime) -> str:
    zone = handbook.team.timezone
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M} {zone}"


def _refuse(message: str) -> NoReturn:
    click.echo(f"refused: {message}", err=True)
    sys.exit(1)
