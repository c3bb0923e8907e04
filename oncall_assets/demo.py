"""A night of the sample company, with a fault in it: the quickest way to see what this project is for."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import dagster as dg

from oncall_assets.definitions import definitions, handbook
from oncall_assets.handbook.home import dagster_url, ledger_url, state_folder
from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.delivery.channels import channels_of, console_of
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.tick import Round
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets.pipelines.warehouse import Warehouse
from oncall_assets.rota import Rota
from oncall_assets.sample import Company, parse_fault, write

_ROOT = Path(__file__).parents[1]
_HISTORY = 32
_FAULT = "duplicate-revenue"


@click.command()
def main() -> None:
    """Compute a month of the sample company, then a night with a fault, and show what follows."""
    home = _emptied(state_folder())
    first = handbook.sources.first_day
    history = Days(first, first + timedelta(days=_HISTORY - 1))
    night = Days.one(history.last + timedelta(days=1))
    sample = handbook.sources.sample
    if sample is None:
        raise click.UsageError(f"{handbook.folder} has no sample company; run the demo with the default handbook")
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance, _pager(instance) as tick:
        tick()  # the first round pages no history: it only remembers where the log ends
        _say(f"1. The sample company: {sample.accounts} accounts, {history}, and a night with {_FAULT}.")
        company = Company(sample.accounts, _HISTORY + 1, sample.seed, first)
        written = write(company, home / "sample", [parse_fault(f"{_FAULT}@{night}")])
        _say(f"   {sum(written.rows.values()):,} rows in {written.files} Parquet files.")
        _say(f"2. Every table for {history.first} to {history.last}.")
        _compute(instance, history)
        tick()
        _say(f"3. The night of {night}.")
        run = _compute(instance, night)
        _say("4. The pager looks at what Dagster recorded:\n")
        tick()
        _report(night, run)


def _emptied(home: Path) -> Path:
    """The folder of the demo's own state, without that of the last time."""
    if home.name != "demo":
        raise click.UsageError(f"ONCALL_HOME is {home}; the demo empties its folder, so it wants one called demo")
    shutil.rmtree(home, ignore_errors=True)
    (home / "dagster").mkdir(parents=True)
    (home / "dagster" / "dagster.yaml").symlink_to(_ROOT / "dagster.yaml")
    return home


@contextmanager
def _pager(instance: dg.DagsterInstance) -> Iterator[Callable[[], None]]:
    """The round that the sensor makes, made by hand; Slack too, if its token is set."""
    # The rota's notices would come between the steps of the story.
    quiet = replace(handbook, team=handbook.team.model_copy(update={"notices": None}))
    desk = Desk(quiet, Lineage(definitions.get_repository_def().asset_graph), dagster_url(), Rota(handbook))
    console = console_of(handbook.team, click.echo)
    channels = channels_of(handbook.team, console, lambda message: _say(f"   ({message})"))
    cursor: str | None = None
    # One instant for the whole story, or a deadline of this hour might pass while it is told.
    now = datetime.now(UTC)
    with Ledger(ledger_url()) as ledger:
        courier = Courier(ledger, channels, console, handbook.team.limits)
        rounds = Round(instance, desk, ledger, courier, Teller(ledger, channels, console))

        def tick() -> None:
            nonlocal cursor
            cursor = rounds.tick(cursor, now).cursor

        yield tick


def _compute(instance: dg.DagsterInstance, days: Days) -> dg.ExecuteInProcessResult:
    job = definitions.resolve_job_def("night")
    result = job.execute_in_process(instance=instance, raise_on_error=False, tags=run_tags(days))
    checks = result.get_asset_check_evaluations()
    failed = sum(not check.passed for check in checks)
    tables = len({event.asset_key for event in result.get_asset_materialization_events()})
    _say(f"   {tables} tables computed, {len(checks)} checks judged, {failed} failed.")
    return result


def _report(night: Days, run: dg.ExecuteInProcessResult) -> None:
    keys = [event.asset_key for event in run.get_asset_materialization_events()]
    held = sorted(set(CONTRACTS) - {key.to_user_string() for key in keys if key})
    warehouse = Warehouse()
    rows = warehouse.table(CONTRACTS["investor_report"], night).count().to_pyarrow().as_py()
    _say(f"\n5. Held back for {night}: {', '.join(held)}.")
    _say(f"   investor_report has {rows} rows for that day: no wrong figure went out.")
    _say("6. See for yourself:")
    _say(f"   make dev ONCALL_HOME={_shown(state_folder())}")
    _say(f"   {dagster_url()}/assets/revenue_records?view=checks and {dagster_url()}/runs/{run.run_id}")
    _say(f"   ONCALL_HOME={_shown(state_folder())} .venv/bin/oncall incidents 1    (and ack 1, resolve 1, review)")
    _say(f"   {_shown(state_folder())}/warehouse holds the tables (Delta), ledger.sqlite the incident.")


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _say(text: str) -> None:
    click.echo(text)


if __name__ == "__main__":
    # Dagster's own log of the runs is in the UI; here it would drown the story.
    logging.disable(logging.CRITICAL)
    main()
