from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, timedelta
from itertools import groupby

import ibis
import pytest

from oncall_assets.metrics.contracts import COMPUTED, CONTRACTS
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.engagement import aggregate_engagement, engagement
from oncall_assets.metrics.experiments import experiment_readout, unit_level_profit
from oncall_assets.metrics.growth import aggregate_growth, daily_growth, growth
from oncall_assets.metrics.investors import investor_report
from oncall_assets.metrics.profit import aggregate_profit, profit
from oncall_assets_tests.metrics.company import DAYS, company
from oncall_assets_tests.metrics.tables import Row, Run, table

Tables = dict[str, ibis.Table]
Metric = tuple[Callable[..., ibis.Table], dict[str, tuple[int, int]]]

_ALL = (10_000, 0)
_DAY = (0, 0)
_PERIOD = (37, 0)

# In the order they are computed: each metric's inputs, and how many days before and after it loads.
METRICS: dict[str, Metric] = {
    "growth": (growth, {"account_events": _ALL}),
    "profit": (profit, {"revenue_records": _DAY, "expense_records": _DAY, "growth": _DAY}),
    "engagement": (engagement, {"usage_events": (1, 2)}),
    "unit_level_profit": (unit_level_profit, {"profit": _DAY, "experiment_assignments": _ALL}),
    "experiment_readout": (experiment_readout, {"unit_level_profit": _ALL, "experiment_assignments": _ALL}),
    "daily_growth": (daily_growth, {"growth": _DAY, "experiment_assignments": _ALL}),
    "aggregate_profit": (aggregate_profit, {"profit": _PERIOD}),
    "aggregate_growth": (aggregate_growth, {"growth": _PERIOD}),
    "aggregate_engagement": (aggregate_engagement, {"engagement": _PERIOD, "feedback": _PERIOD}),
    "investor_report": (
        investor_report,
        {"aggregate_profit": _DAY, "aggregate_growth": _DAY, "aggregate_engagement": _DAY},
    ),
}


def measured(run: Run, sources: Tables, days: Days) -> Tables:
    """The sources and every metric over the stretch, each computed from the tables before it."""
    tables = dict(sources)
    for name, (metric, inputs) in METRICS.items():
        tables[name] = table(name, run(metric(*(tables[source] for source in inputs), days)))
    return tables


def loaded(tables: Tables, name: str, days: Days, reach: tuple[int, int]) -> ibis.Table:
    """What the pipeline would load of an input: the partitions in reach of the days, and no more."""
    landing = tables[name][CONTRACTS[name].lands_by]
    landed_on = landing if landing.type().is_date() else landing.date()
    before, after = reach
    within = days.widen(before, after)
    return tables[name].filter(landed_on.between(within.first, within.last))


@pytest.fixture(scope="module", params=[1, 2])
def tables(run: Run, request: pytest.FixtureRequest) -> Tables:
    return measured(run, company(request.param), DAYS)


@pytest.mark.parametrize("name", METRICS)
def test_a_day_is_the_same_alone_and_in_a_stretch(run: Run, tables: Tables, name: str) -> None:
    metric, inputs = METRICS[name]
    together = {day: list(rows) for day, rows in groupby(run(tables[name]), key=_day)}
    alone: dict[date, list[Row]] = {}
    for day in DAYS.each:
        one = Days.one(day)
        rows = run(metric(*(loaded(tables, source, one, reach) for source, reach in inputs.items()), one))
        alone |= {day: rows} if rows else {}
    assert len(together) > 6
    assert together == alone


@pytest.mark.parametrize("name", METRICS)
def test_no_figure_is_ever_nan_or_infinite(run: Run, tables: Tables, name: str) -> None:
    floats = [value for row in run(tables[name]) for value in row.values() if isinstance(value, float)]
    assert all(math.isfinite(value) for value in floats)


@pytest.mark.parametrize("name", METRICS)
def test_only_what_may_be_empty_is(run: Run, tables: Tables, name: str) -> None:
    required = {column.name for column in COMPUTED[name].columns if not column.nullable}
    assert set() == {key for row in run(tables[name]) for key in required if row[key] is None}


@pytest.mark.parametrize("name", METRICS)
def test_every_column_leaves_the_engine_with_its_promised_type(engine: ibis.BaseBackend, name: str) -> None:
    metric, inputs = METRICS[name]
    expression = metric(*(table(source, []) for source in inputs), DAYS)
    assert COMPUTED[name].schema == expression.schema()
    # Asked of DuckDB itself, as Ibis would tell what it believes.
    engine.create_view("promised", expression, overwrite=True)
    found = [column[:2] for column in engine.raw_sql("DESCRIBE promised").fetchall()]
    kinds = {"string": "VARCHAR", "int64": "BIGINT", "float64": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
    assert [(column.name, kinds[column.kind]) for column in COMPUTED[name].columns] == found


def test_the_months_profit_is_the_sum_of_its_days(run: Run, tables: Tables) -> None:
    names = ("revenue_cents", "direct_cost_cents", "allocated_cost_cents", "profit_cents")
    daily = run(tables["profit"])
    for row in run(tables["aggregate_profit"]):
        part = [other for other in daily if row["period_start"] <= other["day"] <= row["day"]]
        assert [sum(other[name] for other in part) for name in names] == [row[name] for name in names]
        assert len({other["day"] for other in part}) == row["days_with_data"]


def test_all_money_booked_is_in_profit(run: Run, tables: Tables) -> None:
    revenues, expenses = run(tables["revenue_records"]), run(tables["expense_records"])
    rows = run(tables["profit"])
    for day in DAYS.each:
        today = [row for row in rows if row["day"] == day]
        income = sum(row["amount_cents"] for row in revenues if row["booked_at"].date() == day)
        cost = sum(row["amount_cents"] for row in expenses if row["booked_on"] == day)
        assert income - cost == sum(row["profit_cents"] for row in today)


def test_accounts_at_the_end_are_those_at_the_start_and_come_less_gone(run: Run, tables: Tables) -> None:
    for row in run(tables["daily_growth"]):
        come = row["new_accounts"] + row["reactivated_accounts"]
        assert row["opening_accounts"] + come - row["churned_accounts"] == row["closing_accounts"]


def test_users_to_date_are_counted_once(run: Run, tables: Tables) -> None:
    daily = [row for row in run(tables["engagement"]) if row["events"]]
    for row in run(tables["aggregate_engagement"]):
        part = [other for other in daily if row["period_start"] <= other["day"] <= row["day"]]
        users = {(other["account_id"], other["user_id"]) for other in part}
        assert (len(users), len({account for account, _ in users})) == (
            row["active_users"],
            row["active_accounts"],
        )
        assert sum(other["events"] for other in part) == row["events"]


def test_the_order_rows_are_stored_in_changes_nothing(run: Run, tables: Tables) -> None:
    for name, (metric, inputs) in METRICS.items():
        turned = [table(source, reversed(run(tables[source]))) for source in inputs]
        assert run(tables[name]) == run(metric(*turned, DAYS))


def test_a_year_and_more_is_one_expression(run: Run) -> None:
    days = Days(date(2025, 1, 1), date(2025, 1, 1) + timedelta(days=373))
    rows = run(measured(run, {name: table(name, []) for name in company(1)}, days)["investor_report"])
    assert 374 * 3 == len(rows)
    assert {0.0} == {row["coverage"] for row in rows}


def _day(row: Row) -> date:
    day: date = row["day"]
    return day
