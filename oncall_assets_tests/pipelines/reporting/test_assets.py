"""The reporting assets as Dagster runs them: behind their checks, held back by an old refusal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import ibis
import pytest

from oncall_assets.handbook import Handbook, labels
from oncall_assets.handbook.reporting import PUBLISHED
from oncall_assets.metrics.contracts import CONTRACTS, LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets.pipelines import pipeline_assets
from oncall_assets.pipelines.figure import daily
from oncall_assets.pipelines.reporting import ReportingDatabase, reporting_assets
from oncall_assets.pipelines.reporting.assets import blocking_checks
from oncall_assets.pipelines.warehouse import Warehouse
from oncall_assets_tests.pipelines.handbooks import handbook_with
from oncall_assets_tests.pipelines.reporting.tables import PROFIT, ask, figures, sorted_rows

DAYS = Days.parse("2026-01-01", "2026-01-03")
PARTITIONS = daily(DAYS.first, None)
KEY = dg.AssetKey(["reporting", "aggregate_profit"])


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> Handbook:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path))
    monkeypatch.setenv("REPORTING_DATABASE_URL", url)
    return handbook_with(tmp_path / "book", {name: {"kind": "sample"} for name in LANDED})


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def run(
    instance: dg.DagsterInstance,
    assets: list[dg.AssetsDefinition | dg.AssetChecksDefinition],
    warehouse: Warehouse,
    days: Days = DAYS,
    only: str | None = None,
) -> dg.ExecuteInProcessResult:
    resources = {"warehouse": warehouse, "reporting": ReportingDatabase()}
    return dg.materialize(
        assets, instance=instance, resources=resources, tags=run_tags(days), selection=only, raise_on_error=False
    )


def failure(result: dg.ExecuteInProcessResult) -> str:
    (event,) = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    assert event.step_failure_data.user_failure_data is not None
    return str(event.step_failure_data.user_failure_data.description)


def stored(warehouse: Warehouse, cents: int = 100, days: Days = DAYS) -> None:
    warehouse.replace(PROFIT, ibis.memtable(figures(days, cents)), days, "a run")


def speak(instance: dg.DagsterInstance, check: dg.AssetCheckKey, passed: bool) -> None:
    """A verdict on the second day, from another run."""
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=check.asset_key, check_name=check.name, passed=passed, blocking=True,
            metadata={labels.PARTITION: "2026-01-02"}, description="95 cents too few",
        )
    )  # fmt: skip


def profit_only(book: Handbook) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    return [asset for asset in reporting_assets(book, PARTITIONS) if asset.key == KEY]


def test_a_run_of_the_company_publishes_every_aggregate_as_it_is_stored(
    book: Handbook, instance: dg.DagsterInstance, warehouse: Warehouse
) -> None:
    result = run(instance, [*pipeline_assets(book), *reporting_assets(book, PARTITIONS)], warehouse)
    assert result.success
    database = ReportingDatabase.of(book)
    for name in PUBLISHED:
        expected = warehouse.table(CONTRACTS[name], DAYS).to_pyarrow()
        assert 9 == expected.num_rows, name
        assert sorted_rows(expected) == sorted_rows(database.published(name, DAYS)), name
        events = result.asset_materializations_for_node(f"reporting__{name}")
        told = [(event.partition, event.metadata["dagster/partition_row_count"].value) for event in events]
        assert [(key, 3) for key in DAYS.keys] == told


def test_each_asset_says_what_it_holds_and_waits_for_its_aggregate_of_the_same_day(book: Handbook) -> None:
    assets = reporting_assets(book, PARTITIONS)
    assert [f"reporting/{name}" for name in PUBLISHED] == [asset.key.to_user_string() for asset in assets]
    for asset, name in zip(assets, PUBLISHED, strict=True):
        (spec,) = asset.specs
        (dep,) = spec.deps
        assert (dg.AssetKey(name), dg.IdentityPartitionMapping()) == (dep.asset_key, dep.partition_mapping)
        assert ("reporting", True) == (spec.group_name, CONTRACTS[name].description in (spec.description or ""))
        assert CONTRACTS[name].names == tuple(c.name for c in spec.metadata["dagster/column_schema"].columns)


def test_a_blocking_check_keeps_a_wrong_figure_inside(
    book: Handbook, instance: dg.DagsterInstance, warehouse: Warehouse
) -> None:
    @dg.asset(name="aggregate_profit", partitions_def=PARTITIONS, backfill_policy=dg.BackfillPolicy.single_run())
    def aggregate() -> None:
        stored(warehouse)

    @dg.asset_check(asset="aggregate_profit", blocking=True)
    def adds_up() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False)

    result = run(instance, [aggregate, adds_up, *profit_only(book)], warehouse)
    assert not result.success
    assert ReportingDatabase().published("aggregate_profit", DAYS) is None


def test_a_run_of_the_publication_alone_is_refused_until_the_check_has_passed_again(
    book: Handbook, instance: dg.DagsterInstance, warehouse: Warehouse
) -> None:
    stored(warehouse)
    assert run(instance, profit_only(book), warehouse).success
    stored(warehouse, cents=5)
    check = blocking_checks(book, ("aggregate_profit",))[0]
    speak(instance, check, False)
    refused = failure(run(instance, profit_only(book), warehouse))
    assert "a blocking check failed and has not passed since" in refused
    assert f"- {check.name} of aggregate_profit failed on 2026-01-02" in refused
    database = ReportingDatabase()
    assert sorted_rows(figures(DAYS)) == sorted_rows(database.published("aggregate_profit", DAYS))
    assert run(instance, profit_only(book), warehouse, Days.one(DAYS.last)).success
    speak(instance, check, True)
    assert run(instance, profit_only(book), warehouse).success
    assert sorted_rows(figures(DAYS, 5)) == sorted_rows(database.published("aggregate_profit", DAYS))


@pytest.mark.parametrize(
    "part", ["investor_report", "aggregate_profit", "aggregate_growth", "aggregate_engagement"]
)
def test_the_report_to_investors_is_refused_with_any_of_its_parts(
    book: Handbook, instance: dg.DagsterInstance, warehouse: Warehouse, part: str
) -> None:
    speak(instance, blocking_checks(book, (part,))[0], False)
    report = [asset for asset in reporting_assets(book, PARTITIONS) if asset.key.path[-1] == "investor_report"]
    assert f" of {part} failed on 2026-01-02" in failure(run(instance, report, warehouse))


def test_a_day_that_was_never_computed_is_refused_and_published_rows_stay(
    book: Handbook, instance: dg.DagsterInstance, warehouse: Warehouse
) -> None:
    stored(warehouse, days=Days.one(DAYS.first))
    refused = failure(run(instance, profit_only(book), warehouse))
    assert "it was not computed for 2026-01-02, 2026-01-03" in refused
    assert ReportingDatabase().published("aggregate_profit", DAYS) is None


def test_an_address_of_another_kind_is_one_clear_error_without_the_password(
    book: Handbook, instance: dg.DagsterInstance, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(warehouse)
    monkeypatch.setenv("REPORTING_DATABASE_URL", "mysql://u:hunter2@db/x")
    result = run(instance, profit_only(book), warehouse)
    assert "REPORTING_DATABASE_URL does not hold the address of a database" in failure(result)
    assert "hunter2" not in "".join(str(event) for event in result.all_events)


def test_without_an_address_the_database_is_a_private_file_in_the_state_folder(
    book: Handbook, instance: dg.DagsterInstance, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(warehouse)
    monkeypatch.delenv("REPORTING_DATABASE_URL")
    assert run(instance, profit_only(book), warehouse).success
    path = Path(os.environ["ONCALL_HOME"]) / "reporting.sqlite"
    assert str(path) == ReportingDatabase().place
    assert 0o600 == path.stat().st_mode & 0o777
    assert [(9,)] == ask(f"sqlite:///{path}", "SELECT count(*) FROM aggregate_profit")
