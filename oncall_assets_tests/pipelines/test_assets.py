"""The company's numbers on the sample company, run by Dagster as a night runs them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from oncall_assets.metrics.contracts import COMPUTED, CONTRACTS, LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets.pipelines import pipeline_assets
from oncall_assets.pipelines.warehouse import Warehouse
from oncall_assets_tests.pipelines.handbooks import handbook_with

DAYS = Days.parse("2026-01-01", "2026-01-20")
LAST = Days.one(DAYS.last)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONCALL_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def assets(home: Path) -> list[dg.AssetsDefinition]:
    return pipeline_assets(handbook_with(home / "book", {name: {"kind": "sample"} for name in LANDED}))


def run(
    assets: list[dg.AssetsDefinition], warehouse: Warehouse, days: Days, only: str | None = None
) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            assets, instance=instance, resources={"warehouse": warehouse}, tags=run_tags(days), selection=only
        )


@pytest.fixture(scope="module")
def warehouse(home: Path) -> Iterator[Warehouse]:
    made = Warehouse(root=str(home / "warehouse"))
    yield made
    made.engine.disconnect()


@pytest.fixture(scope="module")
def stretch(assets: list[dg.AssetsDefinition], warehouse: Warehouse) -> dg.ExecuteInProcessResult:
    return run(assets, warehouse, DAYS)


def rows(warehouse: Warehouse, name: str, days: Days = DAYS) -> list[dict[str, Any]]:
    """All rows in an order of their own, since a table has none."""
    found = warehouse.table(CONTRACTS[name], days).to_pyarrow().to_pylist()
    return sorted(found, key=lambda row: [str(value) for value in row.values()])


def test_every_table_has_rows_of_its_promised_types(
    stretch: dg.ExecuteInProcessResult, warehouse: Warehouse
) -> None:
    assert stretch.success
    for contract in CONTRACTS.values():
        table: pa.Table = warehouse.table(contract, DAYS).to_pyarrow()
        assert contract.schema.to_pyarrow() == table.schema.remove_metadata(), contract.name
        assert table.num_rows > 0, contract.name


def test_a_required_column_is_never_empty(stretch: dg.ExecuteInProcessResult, warehouse: Warehouse) -> None:
    assert stretch.success
    for contract in CONTRACTS.values():
        table = warehouse.table(contract, DAYS).to_pyarrow()
        empty = [c.name for c in contract.columns if not c.nullable and table[c.name].null_count]
        assert [] == empty, contract.name


@pytest.mark.parametrize("name", COMPUTED)
def test_a_day_run_again_alone_gives_the_same_rows(
    name: str,
    stretch: dg.ExecuteInProcessResult,
    assets: list[dg.AssetsDefinition],
    warehouse: Warehouse,
) -> None:
    assert stretch.success
    before = rows(warehouse, name)
    assert run(assets, warehouse, LAST, only=name).success
    assert before == rows(warehouse, name)


def test_profit_adds_up_to_the_ledgers_to_the_cent(
    stretch: dg.ExecuteInProcessResult, warehouse: Warehouse
) -> None:
    assert stretch.success

    def total(name: str, column: str) -> int:
        return int(sum(warehouse.table(CONTRACTS[name], DAYS)[column].to_pyarrow().to_pylist()))

    profit = {
        name: total("profit", f"{name}_cents") for name in ("revenue", "direct_cost", "allocated_cost", "profit")
    }
    assert total("revenue_records", "amount_cents") == profit["revenue"]
    assert total("expense_records", "amount_cents") == profit["direct_cost"] + profit["allocated_cost"]
    assert profit["revenue"] - profit["direct_cost"] - profit["allocated_cost"] == profit["profit"]


def test_every_asset_describes_itself(assets: list[dg.AssetsDefinition]) -> None:
    for asset in assets:
        (spec,) = asset.specs
        contract = CONTRACTS[spec.key.to_user_string()]
        schema = spec.metadata["dagster/column_schema"]
        assert (contract.description, True, True) == (spec.description, bool(spec.group_name), bool(spec.kinds))
        expected = [(column.name, column.kind, column.description) for column in contract.columns]
        assert expected == [(column.name, column.type, column.description) for column in schema.columns]


def test_each_day_tells_its_own_rows_and_key_figures(
    stretch: dg.ExecuteInProcessResult, warehouse: Warehouse
) -> None:
    told = {
        (event.asset_key.to_user_string(), event.partition): event.materialization.metadata
        for event in stretch.get_asset_materialization_events()
        if event.asset_key
    }
    assert {(name, day) for name in CONTRACTS for day in DAYS.keys} == set(told)
    for day in DAYS.each:
        stored = rows(warehouse, "profit", Days.one(day))
        metadata = told["profit", day.isoformat()]
        assert {
            "dagster/partition_row_count": len(stored),
            "revenue_cents": sum(row["revenue_cents"] for row in stored),
            "profit_cents": sum(row["profit_cents"] for row in stored),
            "accounts": len({row["account_id"] for row in stored} - {None}),
        } == {name: value.value for name, value in metadata.items()}
    for (name, _), metadata in told.items():
        assert {"dagster/partition_row_count"} < set(metadata), name


def test_a_failed_source_fails_its_run_with_one_clear_reason(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    place = {"kind": "folder", "folder": str(tmp_path / "data"), "path": "{day}.csv"}
    broken = pipeline_assets(handbook_with(tmp_path / "book", {"feedback": place}))
    warehouse = Warehouse(root=str(tmp_path / "warehouse"))
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            broken,
            instance=instance,
            resources={"warehouse": warehouse},
            partition_key="2026-01-02",
            selection="feedback",
            raise_on_error=False,
        )
    warehouse.engine.disconnect()
    (failure,) = result.get_step_failure_events()
    error = failure.step_failure_data.error
    assert error is not None
    assert (
        f"feedback for 2026-01-02: no file {tmp_path / 'data' / '2026-01-02.csv'} for 2026-01-02" in error.message
    )
