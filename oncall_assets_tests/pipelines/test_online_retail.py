"""A real shop through the same assets with nothing but a handbook, against its published figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.checks import runbook_checks
from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.metrics.contracts import CONTRACTS, LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets.pipelines import pipeline_assets
from oncall_assets.pipelines.warehouse import Warehouse

HANDBOOK = Path(__file__).parents[2] / "examples" / "online-retail"
DATA = HANDBOOK.parents[2] / "shared" / "data" / "online_retail"
MONTH = Days.parse("2010-12-01", "2010-12-31")
YEAR = Days.parse("2010-12-01", "2011-12-09")

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the data set is not at {DATA}")


@pytest.fixture(scope="module")
def handbook() -> Handbook:
    return load_handbook(HANDBOOK, frozenset(LANDED))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    made = Warehouse(root=str(tmp_path_factory.mktemp("retail")))
    yield made
    made.engine.disconnect()


def computed(handbook: Handbook, warehouse: Warehouse, days: Days, last: str) -> dg.ExecuteInProcessResult:
    """All days in one run: `last` and what it is made of, each with its checks."""
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [*pipeline_assets(handbook), *runbook_checks(handbook)],
            instance=instance,
            resources={"warehouse": warehouse},
            tags=run_tags(days),
            selection=dg.AssetSelection.assets(last).upstream(),
        )


@pytest.fixture(scope="module")
def year(handbook: Handbook, warehouse: Warehouse) -> dg.ExecuteInProcessResult:
    """What the published figures are about, on all days of the shop."""
    return computed(handbook, warehouse, YEAR, "aggregate_profit")


def finding(year: dg.ExecuteInProcessResult, check: str) -> str | None:
    """What a check found wrong, or None if it passed."""
    (evaluation,) = [found for found in year.get_asset_check_evaluations() if found.check_name == check]
    return None if evaluation.passed else str(evaluation.metadata["oncall/finding"].value)


def test_every_line_of_every_file_lands(year: dg.ExecuteInProcessResult, warehouse: Warehouse) -> None:
    assert year.success
    assert 541_909 == warehouse.table(CONTRACTS["revenue_records"], YEAR).count().to_pyarrow().as_py()


def test_monthly_net_revenue_is_the_published_one(year: dg.ExecuteInProcessResult, warehouse: Warehouse) -> None:
    assert year.success
    rows = warehouse.table(CONTRACTS["aggregate_profit"], YEAR)
    months = rows.filter(rows.grain == "month", rows.is_complete).order_by("day").limit(5).to_pyarrow().to_pylist()
    published = {
        "2010-12-31": 74_895_702,
        "2011-01-31": 56_000_026,
        "2011-02-28": 49_806_265,
        "2011-03-31": 68_326_708,
        "2011-04-30": 49_320_712,
    }
    assert published == {str(row["day"]): row["revenue_cents"] for row in months}


def test_active_customers_of_the_uk_are_the_published_ones(
    year: dg.ExecuteInProcessResult, warehouse: Warehouse
) -> None:
    assert year.success
    rows = warehouse.table(CONTRACTS["profit"], YEAR)
    british = rows.filter(rows.account_id.startswith("United Kingdom/"), rows.revenue_records > 0)
    months = british.group_by(month=british.day.strftime("%Y-%m")).aggregate(n=british.account_id.nunique())
    published = [871, 684, 714, 923, 817, 985, 943, 899, 867, 1177, 1285, 1548, 617]
    assert published == [row["n"] for row in months.order_by("month").to_pyarrow().to_pylist()]


@pytest.mark.parametrize(
    ("check", "found"),
    [
        ("lines_have_customer", "135,080 of 541,909 rows have no account_id."),
        ("lines_unique", "5,268 of 541,909 rows repeat the record_id of another."),
        ("goods_only", "2,995 of 541,909 rows have a kind that is not accepted"),
    ],
)
def test_what_the_data_has_wrong_is_reported(check: str, found: str, year: dg.ExecuteInProcessResult) -> None:
    assert found in str(finding(year, check))


def test_a_month_of_the_shop_has_every_figure_of_the_report(handbook: Handbook, tmp_path: Path) -> None:
    warehouse = Warehouse(root=str(tmp_path / "warehouse"))
    assert computed(handbook, warehouse, MONTH, "investor_report").success
    rows = warehouse.table(CONTRACTS["investor_report"], MONTH)
    (report,) = rows.filter(rows.grain == "month", rows.is_complete).to_pyarrow().to_pylist()
    # As published; nobody wrote down what things cost, so that all of it is profit.
    assert (74_895_702, 74_895_702) == (report["revenue_cents"], report["profit_cents"])
    warehouse.engine.disconnect()


def test_figures_that_need_costs_say_so(handbook: Handbook) -> None:
    place = handbook.sources.sources["expense_records"]
    assert "none" == place.kind
    assert place.because
