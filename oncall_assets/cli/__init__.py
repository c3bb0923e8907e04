"""The `oncall` command: what a person asks or tells this project from a terminal.

A module per family: `handbook` (check-handbook), `rota` (who, rota, fairness, publish), `changes` (swap, away,
override), `notes` (note) and `sample`. They rest on `values` (dates and instants as people type them), `loading`
(a sound handbook, or every problem of it), `words` and `tables` (what is printed), `agreeing` and `proposal` (a
change is tried before it is written). What takes long to import is imported by the command that needs it: whoever
asks at 02:00 who is on call has the answer at once.
"""

from __future__ import annotations

from pathlib import Path

import click

from oncall_assets.cli.changes import away, override, swap
from oncall_assets.cli.handbook import check_handbook
from oncall_assets.cli.notes import note
from oncall_assets.cli.rota import fairness, publish, rota, who
from oncall_assets.cli.sample import sample
from oncall_assets.handbook.home import handbook_folder

__all__ = ["main"]


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


for command in (check_handbook, who, rota, fairness, publish, swap, away, override, note, sample):
    main.add_command(command)
