"""The `oncall` command: what a person asks or tells this project from a terminal.

A module per family: `handbook` (check-handbook), `issues`, `rules`, `rota` (who, rota, publish), `plan`,
`fairness`, `changes` (swap, away, override), `incidents` (incidents, ack, resolve), `run_step`, `silences`
(silence, silences, unsilence), `notes` (note), `editions` (editions, release, settle), `resending` (resend),
`figures` (figures, restated), `drill`, `review`, `watch` and `sample`. They rest on `values` (dates and instants
as people type them), `loading` (a sound handbook, or every problem of it), `asking` (whose word it is, and the
ledger that keeps it), `edition_names` (which edition is meant), `defined` (what Dagster loads), `agreeing` and
`proposal` (a change is tried before it is written); `words`, `plan_words`, `incident_words`, `edition_words`,
`drill_words` (with `reaching`) and `tables` say what is printed. What takes long to import is imported by the
command that needs it: whoever asks at 02:00 who is on call has the answer at once.
"""

from __future__ import annotations

from pathlib import Path

import click

from oncall_assets.cli.changes import away, override, swap
from oncall_assets.cli.drill import drill
from oncall_assets.cli.editions import editions, release, settle
from oncall_assets.cli.fairness import fairness
from oncall_assets.cli.figures import figures, restated
from oncall_assets.cli.handbook import check_handbook
from oncall_assets.cli.incidents import ack, incidents, resolve
from oncall_assets.cli.issues import issues
from oncall_assets.cli.notes import note
from oncall_assets.cli.plan import plan
from oncall_assets.cli.resending import resend
from oncall_assets.cli.review import review
from oncall_assets.cli.rota import publish, rota, who
from oncall_assets.cli.rules import rules
from oncall_assets.cli.run_step import run_step
from oncall_assets.cli.sample import sample
from oncall_assets.cli.silences import silence, silences, unsilence
from oncall_assets.cli.watch import watch
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


_ROTA = (who, rota, fairness, plan, publish, swap, away, override)
_INCIDENTS = (incidents, ack, resolve, run_step, note, silence, silences, unsilence, drill, review, watch)
_REPORTS = (editions, release, resend, settle, figures, restated)
for command in (check_handbook, issues, rules, *_ROTA, *_INCIDENTS, *_REPORTS, sample):
    main.add_command(command)
