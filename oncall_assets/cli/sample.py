"""`oncall sample`: a company's data to try things on, with the faults one wants to see found."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click


@click.command()
@click.option("--accounts", type=click.IntRange(1), default=400, show_default=True)
@click.option("--days", type=click.IntRange(1), default=40, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where to write.")
@click.option("--first-day", type=click.DateTime(["%Y-%m-%d"]), default="2026-09-01", show_default=True)
@click.option("--fault", "faults", multiple=True, help="NAME@YYYY-MM-DD; may be given more than once.")
def sample(accounts: int, days: int, seed: int, out: Path, first_day: datetime, faults: tuple[str, ...]) -> None:
    """Write the sample company's seven tables as Parquet, a file a day."""
    from oncall_assets.sample import Company, parse_fault, write

    company = Company(accounts=accounts, days=days, seed=seed, first_day=first_day.date())
    try:
        planted = [parse_fault(fault) for fault in faults]
        written = write(company, out, planted)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    rows = ", ".join(f"{count:,} {name}" for name, count in written.rows.items())
    click.echo(f"{out}: {written.files} files, {written.days}: {rows}.")
    if written.faults:
        click.echo(f"Planted: {', '.join(str(fault) for fault in written.faults)}.")
