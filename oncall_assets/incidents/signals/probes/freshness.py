"""Assets that Dagster itself finds stale, by the freshness policies that their authors gave them."""

from __future__ import annotations

from typing import Any

from dagster import DagsterInstance
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.definitions.freshness import FreshnessState, FreshnessStateRecord

from oncall_assets.incidents.signals.kinds import Trouble, bounded
from oncall_assets.notify.message import in_utc, printable


def stale_assets(instance: DagsterInstance, graph: BaseAssetGraph[Any]) -> list[Trouble]:
    """One for each asset whose freshness is FAIL now.

    The state is read, not its changes: Dagster writes a change for every asset when it first looks at it. An asset
    that was never materialised is UNKNOWN to Dagster, and no trouble.
    """
    keys = [node.key for node in graph.asset_nodes if node.freshness_policy_or_from_metadata]
    # Dagster has no public call for the states of its freshness policies.
    records = instance.get_freshness_state_records(keys) if keys else {}
    return [_stale(record) for record in records.values() if record.freshness_state is FreshnessState.FAIL]


def _stale(record: FreshnessStateRecord) -> Trouble:
    asset, since = printable(record.entity_key.to_user_string()), record.updated_at
    return Trouble(
        id=bounded(f"stale/{asset}/{since.isoformat()}"),
        at=since,
        run_id="",
        partition=None,
        kind="asset late",
        target=f"stale {asset}",
        assets=(asset,),
        title=f"{asset} is stale",
        finding=f"{asset} was not materialised as soon as its freshness policy asks.",
        observed=f"FAIL since {in_utc(since)}",
        threshold="PASS",
        figures=False,
    )
