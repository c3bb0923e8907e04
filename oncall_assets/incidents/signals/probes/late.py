"""Assets that a runbook promised by now, because nothing fails when nothing runs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dagster import DagsterInstance
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.runbook import Deadline
from oncall_assets.incidents.policy.decide import FaultKey
from oncall_assets.incidents.signals.kinds import Trouble, bounded
from oncall_assets.incidents.signals.probes.overdue import Clock, Overdue, overdue


def late_assets(
    instance: DagsterInstance,
    graph: BaseAssetGraph[Any],
    handbook: Handbook,
    clock: Clock,
    known: Collection[FaultKey],
) -> list[Trouble]:
    """One for each partition that a deadline of a runbook asked for and that is not materialised.

    `known` are the troubles that are open: what is late stays late until it is there.
    """
    found = []
    for runbook, _, deadline in handbook.deadlines():
        open_days = [partition for target, partition in known if target == _target(deadline.asset)]
        missed = overdue(instance, graph, deadline, clock, open_days)
        found += [_late(one, deadline, runbook.pipeline, clock) for one in missed]
    return found


def _target(asset: str) -> str:
    return f"late {asset}"


def _late(missed: Overdue, deadline: Deadline, pipeline: str, clock: Clock) -> Trouble:
    asset = deadline.asset
    by = f"due {deadline.by} {clock.zone.key} on {missed.due.on}"
    return Trouble(
        id=bounded(f"late/{asset}/{missed.partition}"),
        at=missed.due.at,
        run_id="",
        partition=missed.partition,
        kind="asset late",
        target=_target(asset),
        assets=(asset,),
        title=f"{asset} is late",
        finding=f"{asset} for {missed.partition} was {by}, and it is not there.",
        observed="not materialised",
        threshold=by,
        pipeline=pipeline,
        figures=False,
    )
