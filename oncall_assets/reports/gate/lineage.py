"""What an edition is made of: the tables upstream of it that have days, and how far apart their days reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import dagster as dg
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.definitions.partitions.schedule_type import ScheduleType

from oncall_assets.metrics.days import Days


@dataclass(frozen=True, slots=True)
class Edge:
    """A day of `child` is computed from the days of `parent`, from `before` days before it to `after` after."""

    parent: dg.AssetKey
    child: dg.AssetKey
    before: int
    after: int

    def reads(self, day: date, parents_day: date) -> bool:
        """Whether the child's day is computed from that day of the parent."""
        return -self.before <= (parents_day - day).days <= self.after


@dataclass(frozen=True, slots=True)
class Lineage:
    """Of an edition: the `tables` with days upstream of it, and of these those it is `read` from.

    `others` are upstream too and have no days. `edges` are those between the tables.
    """

    tables: tuple[dg.AssetKey, ...]
    read: tuple[dg.AssetKey, ...]
    others: tuple[dg.AssetKey, ...]
    edges: tuple[Edge, ...]

    @property
    def admitting(self) -> Mapping[dg.AssetKey, timedelta]:
        """The tables whose days are computed from later days too, and so are not final before these are over."""
        found: dict[dg.AssetKey, timedelta] = {}
        for edge in self.edges:
            if edge.after > 0:
                found[edge.child] = max(found.get(edge.child, timedelta()), timedelta(days=edge.after))
        return found

    def after(self, table: dg.AssetKey) -> int:
        """How many days later than its own another table's day is computed from of this one."""
        return max([0, *(edge.after for edge in self.edges if edge.parent == table)])

    def needed(self, days: Days) -> Mapping[dg.AssetKey, set[date]]:
        """The days of each table, of these days, that the last day of what is read is computed from."""
        found = {table: {days.last} if table in self.read else set() for table in self.tables}
        follow = list(self.read)
        while follow:
            child = follow.pop()
            for edge in self.edges:
                if edge.child == child:
                    reached = {one for one in days.each if any(edge.reads(day, one) for day in found[child])}
                    if not reached <= found[edge.parent]:
                        found[edge.parent] |= reached
                        follow.append(edge.parent)
        return found


def upstream(graph: BaseAssetGraph[Any], asset: dg.AssetKey) -> frozenset[dg.AssetKey]:
    """The tables with daily partitions that the asset is computed from, directly or not."""
    return frozenset(key for key in _ancestors(graph, asset) if _has_days(graph, key))


def lineage(graph: BaseAssetGraph[Any], edition: dg.AssetKey) -> Lineage:
    """Tables are in the order of their names."""
    tables = upstream(graph, edition)
    edges = [
        Edge(parent, child, *_reach(graph, parent, child))
        for child in sorted(tables)
        for parent in sorted(graph.get(child).parent_keys & tables)
    ]
    return Lineage(
        tuple(sorted(tables)),
        tuple(sorted(graph.get(edition).parent_keys & tables)),
        tuple(sorted(_ancestors(graph, edition) - tables)),
        tuple(edge for edge in edges if edge.parent != edge.child),
    )


def _ancestors(graph: BaseAssetGraph[Any], asset: dg.AssetKey) -> frozenset[dg.AssetKey]:
    return frozenset(graph.get_ancestor_asset_keys(asset)) - {asset}


def _has_days(graph: BaseAssetGraph[Any], key: dg.AssetKey) -> bool:
    definition = graph.get(key).partitions_def
    return (
        isinstance(definition, dg.TimeWindowPartitionsDefinition)
        and definition.schedule_type is ScheduleType.DAILY
    )


def _reach(graph: BaseAssetGraph[Any], parent: dg.AssetKey, child: dg.AssetKey) -> tuple[int, int]:
    """Of a mapping that is not of time windows only the same day is known to be read."""
    mapping = graph.get_partition_mapping(child, parent)
    if isinstance(mapping, dg.TimeWindowPartitionMapping):
        return -mapping.start_offset, mapping.end_offset
    return 0, 0
