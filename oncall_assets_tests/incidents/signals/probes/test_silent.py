"""Sources that send nothing by their hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from oncall_assets.incidents.signals.probes.overdue import Clock
from oncall_assets.incidents.signals.probes.silent import silent_sources
from oncall_assets_tests.incidents.signals.probes.book import handbook

# 04:30 in New York.
DUE = datetime(2026, 1, 3, 9, 30, tzinfo=UTC)
LONG_AGO = datetime(2025, 12, 1, tzinfo=UTC)

PLACE = "{{revenue_records: {{kind: sample{more}}}}}"


@pytest.fixture
def graph() -> AssetGraph:
    @dg.asset(partitions_def=dg.DailyPartitionsDefinition(start_date="2026-01-01"))
    def revenue_records() -> None: ...

    return dg.Definitions(assets=[revenue_records]).resolve_asset_graph()


def test_a_source_is_silent_from_its_hour_until_it_lands(
    instance: dg.DagsterInstance, graph: AssetGraph, tmp_path: Path
) -> None:
    sources = PLACE.format(more=', arrives_by: "04:30", tell: ben')
    book = handbook(tmp_path, sources=f"{sources}\nsample: {{accounts: 5, seed: 1}}")
    landed = dg.AssetMaterialization("revenue_records", partition="2026-01-01")
    instance.report_runless_asset_event(landed)
    early = Clock.of(book, DUE - timedelta(seconds=1), LONG_AGO)
    assert [] == silent_sources(instance, graph, book, early, [])
    clock = Clock.of(book, DUE, LONG_AGO)
    (silent,) = silent_sources(instance, graph, book, clock, [])
    assert ("source silent", "silent revenue_records") == (silent.kind, silent.target)
    assert ("2026-01-02", "ben", ("revenue_records",)) == (silent.partition, silent.tell, silent.assets)
    assert ("silent/revenue_records/2026-01-02", DUE) == (silent.id, silent.at)
    assert ("due 04:30 America/New_York on 2026-01-03", False) == (silent.threshold, silent.figures)
    instance.report_runless_asset_event(dg.AssetMaterialization("revenue_records", partition="2026-01-02"))
    assert [] == silent_sources(instance, graph, book, clock, [])


def test_a_day_that_never_landed_is_not_forgotten(
    instance: dg.DagsterInstance, graph: AssetGraph, tmp_path: Path
) -> None:
    sources = PLACE.format(more=', arrives_by: "04:30"')
    book = handbook(tmp_path, sources=f"{sources}\nsample: {{accounts: 5, seed: 1}}")
    clock = Clock.of(book, DUE + timedelta(days=20), DUE + timedelta(days=20))
    known = [("silent revenue_records", "2026-01-02")]
    assert ["2026-01-02"] == [one.partition for one in silent_sources(instance, graph, book, clock, known)]


@pytest.mark.parametrize(
    "sources",
    [
        PLACE.format(more="") + "\nsample: {accounts: 5, seed: 1}",
        "{revenue_records: {kind: none, because: it has none}}",
    ],
)
def test_a_source_without_an_hour_is_never_silent(
    sources: str, instance: dg.DagsterInstance, graph: AssetGraph, tmp_path: Path
) -> None:
    book = handbook(tmp_path, sources=sources)
    assert [] == silent_sources(instance, graph, book, Clock.of(book, DUE, LONG_AGO), [])
