"""Assets that Dagster's own freshness policies find stale."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from oncall_assets.incidents.signals.probes.freshness import stale_assets
from oncall_assets_tests.incidents.signals.probes.daemons import code_location, round_of_freshness

_CODE = """
from datetime import timedelta
import dagster as dg

hourly = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=1))
defs = dg.Definitions(assets=[
    dg.AssetSpec("feed", freshness_policy=hourly),
    dg.AssetSpec("never", freshness_policy=hourly),
    dg.AssetSpec("free"),
])
"""


def graph() -> AssetGraph:
    hourly = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=1))
    specs = [dg.AssetSpec(name, freshness_policy=hourly) for name in ("feed", "never")]
    return dg.Definitions(assets=[*specs, dg.AssetSpec("free")]).resolve_asset_graph()


def test_an_asset_is_stale_from_its_policy_failing_until_it_is_made(
    on_disk: dg.DagsterInstance, tmp_path: Path
) -> None:
    code = tmp_path / "code.py"
    code.write_text(_CODE)
    made = dg.AssetMaterialization("feed")
    on_disk.report_runless_asset_event(made)
    now = datetime.now(UTC)
    with code_location(on_disk, code) as workspace:
        round_of_freshness(workspace, now)
        assert [] == stale_assets(on_disk, graph())
        late = now + timedelta(hours=2)
        round_of_freshness(workspace, late)
        (stale,) = stale_assets(on_disk, graph())
        assert ("asset late", "stale feed", ("feed",), None) == (
            stale.kind,
            stale.target,
            stale.assets,
            stale.partition,
        )
        assert (late, f"stale/feed/{late.isoformat()}") == (stale.at, stale.id)
        assert (f"FAIL since {late:%Y-%m-%d %H:%M} UTC", False) == (stale.observed, stale.figures)
        round_of_freshness(workspace, late + timedelta(minutes=1))
        assert [stale] == stale_assets(on_disk, graph())
        without_policy = dg.Definitions(assets=[dg.AssetSpec("feed")]).resolve_asset_graph()
        assert [] == stale_assets(on_disk, without_policy)
        on_disk.report_runless_asset_event(made)
        round_of_freshness(workspace, datetime.now(UTC))
        assert [] == stale_assets(on_disk, graph())
