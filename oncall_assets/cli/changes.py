"""Swaps, time off and overrides as people agree on them: one line in `team.yaml`, and git keeps who agreed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from oncall_assets.cli.values import Day, Hour, Wall, When

_dry_run = click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
_requested = click.option(
    "--requested", type=When(), help="When it was agreed. By default today, in the team's zone."
)
_because = "The reason, as colleagues will read it."


@click.command()
@click.option("--turn", type=Day(), required=True, help="The local date on which the turn starts.")
@click.option("--give", required=True, help="Who gives the turn away.")
@click.option("--take", required=True, help="Who takes it.")
@click.option("--from", "first", type=Wall(), help="For a part of the turn: its beginning, as 2026-05-05T09:00.")
@click.option("--to", "last", type=Wall(), help="For a part of the turn: its end.")
@click.option("--emergency", help="Who approved it, where the notice is too short.")
@click.option("--because", help=_because)
@_requested
@_dry_run
@click.pass_obj
def swap(folder: Path, /, dry_run: bool, **given: Any) -> None:
    """Let somebody take a turn, or part of one, in the place of somebody else."""
    from oncall_assets.cli.agreeing import agree_swap

    _both_or_none(given)
    names = ("turn", "give", "take", "first", "last", "requested", "emergency", "because")
    agree_swap(folder, {"kind": "swap", **_written(given, names)}, dry_run)


@click.command()
@click.option(
    "--from", "first", type=Wall(), required=True, help="Beginning, as 2026-07-04T09:00 in the team's zone."
)
@click.option("--to", "last", type=Wall(), required=True, help="End.")
@click.option("--primary", help="Who becomes primary.")
@click.option("--secondary", help="Who becomes secondary.")
@click.option("--because", required=True, help=_because)
@click.option("--force", is_flag=True, help="Even if they are away then.")
@_requested
@_dry_run
@click.pass_obj
def override(folder: Path, /, dry_run: bool, **given: Any) -> None:
    """Put somebody on call for an interval by name."""
    if given["primary"] is None and given["secondary"] is None:
        raise click.UsageError("nobody is named; expected --primary, --secondary or both")
    from oncall_assets.cli.agreeing import agree_override

    names = ("first", "last", "primary", "secondary", "requested", "because", "force")
    agree_override(folder, {"kind": "override", **_written(given, names)}, dry_run)


@click.command()
@click.option("--who", required=True, help="Who is away.")
@click.option("--from", "first", type=Day(), required=True, help="First day, in their own zone.")
@click.option("--to", "last", type=Day(), required=True, help="Last day, which is included.")
@click.option("--from-hour", type=Hour(), help="From this time of the first day on, as 13:00.")
@click.option("--to-hour", type=Hour(), help="Until this time of the last day.")
@click.option("--why", default="vacation", show_default=True)
@_dry_run
@click.pass_obj
def away(folder: Path, /, dry_run: bool, **given: Any) -> None:
    """Write down time off, and show who serves instead."""
    from oncall_assets.cli.agreeing import take_leave

    take_leave(folder, _written(given, ("who", "first", "last", "from_hour", "to_hour", "why")), dry_run)


def _written(given: dict[str, Any], names: tuple[str, ...]) -> dict[str, object]:
    """What was given, in the order and by the names of `team.yaml`; `requested` keeps its place if it was not."""
    renamed = {"first": "from", "last": "to"}
    kept = (name for name in names if name == "requested" or given[name] not in (None, False))
    return {renamed.get(name, name): given[name] for name in kept}


def _both_or_none(given: dict[str, Any]) -> None:
    if (given["first"] is None) != (given["last"] is None):
        raise click.UsageError("a part of a turn has two ends; expected --from and --to together")
