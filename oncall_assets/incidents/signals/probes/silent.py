"""Sources that sent nothing by the hour at which they always do, before anything computed from them is due."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dagster import DagsterInstance
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.runbook import Deadline
from oncall_assets.handbook.sources import NoSource
from oncall_assets.incidents.policy.decide import FaultKey
from oncall_assets.incidents.signals.kinds import Trouble, bounded
from oncall_assets.incidents.signals.probes.overdue import Clock, Overdue, overdue


def silent_sources(
    instance: DagsterInstance,
    graph: BaseAssetGraph[Any],
    handbook: Handbook,
    clock: Clock,
    known: Collection[FaultKey],
) -> list[Trouble]:
    """One for each day of a source that has not landed by `arrives_by` of the day after, as `late_assets`."""
    found = []
    for name, place in handbook.sources.sources.items():
        if isinstance(place, NoSource) or place.arrives_by is None:
            continue
        open_days = [partition for target, partition in known if target == _target(name)]
        deadline = Deadline(asset=name, by=place.arrives_by)
        missed = overdue(instance, graph, deadline, clock, open_days)
        found += [_silent(one, deadline, place.tell, clock) for one in missed]
    return found


def _target(source: str) -> str:
    return f"silent {source}"


def _silent(missed: Overdue, deadline: Deadline, tell: str | None, clock: Clock) -> Trouble:
    source = deadline.asset
    by = f"due {deadline.by} {clock.zone.key} on {missed.due.on}"
    return Trouble(
        id=bounded(f"silent/{source}/{missed.partition}"),
        at=missed.due.at,
        run_id="",
        partition=missed.partition,
        kind="source silent",
        target=_target(source),
        assets=(source,),
        title=f"Source {source} is silent",
        finding=f"The rows of {source} for {missed.partition} were {by}, and none have landed.",
        observed="nothing landed",
        threshold=by,
        tell=tell,
        figures=False,
    )
