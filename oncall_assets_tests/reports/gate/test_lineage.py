"""What a report is made of, in the company of the default handbook and in one of four tables."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.handbook import load_handbook
from oncall_assets.metrics import engagement
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines import company
from oncall_assets.reports.gate import upstream
from oncall_assets.reports.gate.lineage import Edge, lineage
from oncall_assets_tests.reports.gate.gated import ASSETS, MONTH

GRAPH = dg.Definitions(assets=ASSETS).resolve_asset_graph()
MONTHLY = dg.AssetKey(["editions", "profit_month"])


def key(name: str) -> dg.AssetKey:
    return dg.AssetKey(name.split("/"))


def test_a_report_is_made_of_all_tables_with_days_that_lead_to_it() -> None:
    tables = {key(name) for name in ("orders", "profit", "totals", "reporting/totals")}
    assert tables == upstream(GRAPH, MONTHLY)
    made_of = lineage(GRAPH, MONTHLY)
    assert (tuple(sorted(tables)), (key("reporting/totals"),), (key("rates"),)) == (
        made_of.tables, made_of.read, made_of.others,
    )  # fmt: skip
    assert {
        Edge(key("orders"), key("profit"), 1, 2),
        Edge(key("profit"), key("totals"), 37, 0),
        Edge(key("totals"), key("reporting/totals"), 0, 0),
    } == set(made_of.edges)
    assert (2, 0) == (made_of.after(key("orders")), made_of.after(key("profit")))


def test_the_last_day_of_a_sum_is_made_of_every_day_below_it() -> None:
    needed = lineage(GRAPH, MONTHLY).needed(MONTH)
    assert {MONTH.last} == needed[key("totals")]
    assert set(MONTH.each) == needed[key("profit")]
    assert set(MONTH.each) == needed[key("orders")]


@pytest.mark.parametrize(("offset", "reads"), [(-2, False), (-1, True), (0, True), (2, True), (3, False)])
def test_a_day_is_computed_from_those_within_its_reach(offset: int, reads: bool) -> None:
    edge, day = Edge(key("orders"), key("profit"), 1, 2), Days.parse("2026-10-06").first
    assert reads == edge.reads(day, day + timedelta(days=offset))


def test_of_other_mappings_the_same_day_is_compared() -> None:
    days = dg.DailyPartitionsDefinition("2026-10-01")

    @dg.asset(partitions_def=days)
    def before() -> None: ...

    @dg.asset(partitions_def=days, deps=[dg.AssetDep(before, partition_mapping=dg.AllPartitionMapping())])
    def after() -> None: ...

    @dg.asset(partitions_def=dg.MonthlyPartitionsDefinition("2026-10-01"), deps=[after])
    def sent() -> None: ...

    graph = dg.Definitions(assets=[before, after, sent]).resolve_asset_graph()
    assert (Edge(before.key, after.key, 0, 0),) == lineage(graph, sent.key).edges


def test_in_the_company_engagement_alone_admits_late_events_as_long_as_its_metric_does() -> None:
    handbook = load_handbook(Path(__file__).parents[3] / "runbooks", frozenset(LANDED))
    table = key("reporting/investor_report")

    @dg.asset(partitions_def=dg.MonthlyPartitionsDefinition("2026-10-01"), deps=[table])
    def sent() -> None: ...

    graph = dg.Definitions.merge(company(handbook), dg.Definitions(assets=[sent])).resolve_asset_graph()
    assert {key("engagement"): timedelta(microseconds=engagement.LATEST)} == lineage(graph, sent.key).admitting
    assert {key(name) for name in ("revenue_records", "account_events", "usage_events", "feedback")} <= upstream(
        graph, sent.key
    )
    assert not {key(name) for name in ("experiment_readout", "control_totals", "daily_growth")} & upstream(
        graph, sent.key
    )
