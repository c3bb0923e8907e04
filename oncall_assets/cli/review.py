"""`oncall review`: a quarter's incidents, for a team that sits down to learn from them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oncall_assets.cli.asking import fail, opened_ledger
from oncall_assets.cli.loading import load
from oncall_assets.cli.values import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from oncall_assets.rota.quarters import Quarter


class QuarterName(click.ParamType["Quarter"]):
    """A quarter such as 2026Q4."""

    name = "quarter"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Quarter:
        from oncall_assets.rota.quarters import Quarter

        try:
            quarter = Quarter.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not FIRST_YEAR <= quarter.year <= LAST_YEAR:
            self.fail(f"{value} is out of range; expected a year from {FIRST_YEAR} to {LAST_YEAR}", param, ctx)
        return quarter


@click.command()
@click.option("--quarter", type=QuarterName(), required=True, help="Such as 2026Q4.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="A file to write, in place of printing."
)
@click.pass_obj
def review(folder: Path, quarter: Quarter, out: Path | None) -> None:
    """Review the incidents of a quarter: counts, times, what recurred and what was learned, as Markdown."""
    handbook, now = load(folder), datetime.now(UTC)
    from oncall_assets.incidents.review.reviewing import reviewed, write_review

    with opened_ledger() as ledger:
        text = reviewed(handbook, quarter, ledger, now)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        write_review(out, text)
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}; name another place with --out")
    click.echo(str(out))
