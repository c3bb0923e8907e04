"""The gate over real runs of definitions on call, kept on disk: what holds an edition as a night goes wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.layer import with_on_call
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets_tests.faults.clock import clock
from oncall_assets_tests.incidents.watchers import Shelf
from oncall_assets_tests.reports.gate.gated import ASSETS, DAY, TABLES, Gated, gated

BEHIND = Days.parse("2026-10-07", "2026-10-08")


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


class Nights:
    """Runs of the company's tables, each of them with the checks on it."""

    def __init__(self, made: Gated, shelf: Shelf) -> None:
        night = dg.define_asset_job("night", dg.AssetSelection.assets(*(name.split("/") for name in TABLES)))
        landing = dg.define_asset_job("landing", dg.AssetSelection.assets("orders"))
        resources = {"warehouse": shelf}
        company = dg.Definitions(
            assets=ASSETS, jobs=[night, landing], resources=resources, executor=dg.in_process_executor
        )
        self._made = made
        self._repository = with_on_call(company, made.handbook).get_repository_def()
        made.graph = self._repository.asset_graph

    def run(self, job: str, days: Days) -> None:
        with clock(self._made.now):
            self._repository.get_job(job).execute_in_process(
                instance=self._made.instance, tags=run_tags(days), raise_on_error=False
            )
        self._made.now += timedelta(hours=1)


@pytest.fixture
def made(empty_home: Path, tmp_path: Path) -> Iterator[Gated]:
    home = tmp_path / "dagster"
    shutil.copytree(empty_home, home)
    with dg.DagsterInstance.from_config(str(home)) as instance, gated(instance, tmp_path, DAY) as company:
        yield company


def test_a_night_that_goes_wrong_holds_the_edition_until_it_is_run_again(made: Gated, shelf: Shelf) -> None:
    nights = Nights(made, shelf)
    nights.run("landing", BEHIND)
    shelf.faults = {"profit": {str(DAY)}}
    nights.run("night", DAY)
    # The check stopped what is downstream.
    assert ["missing", "missing", "check"] == [kind for kind, _ in made.held()]
    assert "Check priced of profit failed on 2026-10-06; " in made.held()[-1][1]
    shelf.faults = {}
    nights.run("night", DAY)
    assert [] == made.held()


def test_a_range_of_days_run_at_once_is_judged_for_each(made: Gated, shelf: Shelf) -> None:
    nights = Nights(made, shelf)
    nights.run("night", Days.parse("2026-10-05", "2026-10-08"))
    assert [] == made.held()
    shelf.faults = {"orders": {"2026-10-05"}}
    nights.run("night", Days.parse("2026-10-05", "2026-10-06"))
    assert "check" in {kind for kind, _ in made.held()}


def test_a_check_that_breaks_down_after_its_table_was_computed_again_lets_nothing_pass(
    made: Gated, shelf: Shelf
) -> None:
    nights = Nights(made, shelf)
    nights.run("night", Days.parse("2026-10-05", "2026-10-08"))
    shelf.trouble = OSError("the disk is gone")
    nights.run("landing", DAY)
    (text, *_) = [text for kind, text in made.held() if kind == "check"]
    assert "Checks landed and once of orders did not judge 2026-10-06 as it is now." in text
