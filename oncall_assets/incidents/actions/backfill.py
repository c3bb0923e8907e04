"""A backfill as Dagster's own, so that its daemon runs it, its UI shows it and a person can cancel it there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dagster import AssetKey, DagsterInstance
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.definitions.selector import (
    PartitionRangeSelector,
    PartitionsByAssetSelector,
    PartitionsSelector,
)
from dagster._core.execution.backfill import (
    BULK_ACTION_TERMINAL_STATUSES,
    BulkActionsFilter,
    BulkActionStatus,
    PartitionBackfill,
)
from dagster._core.utils import make_new_backfill_id

from oncall_assets.handbook import labels
from oncall_assets.handbook.actions import Backfill
from oncall_assets.incidents.asked import Refused
from oncall_assets.incidents.policy.partitions import days_of, each
from oncall_assets.notify.message import in_utc

# Tags of a backfill, and of its runs.
INCIDENT: Final = "oncall/incident"
BY: Final = "oncall/by"

_RUNNING = [status for status in BulkActionStatus if status not in BULK_ACTION_TERMINAL_STATUSES]


@dataclass(frozen=True)
class Site:
    """Where backfills are run: the instance, and the assets of the code location."""

    instance: DagsterInstance
    graph: BaseAssetGraph[Any]

    @property
    def runs(self) -> bool:
        """Whether a daemon that runs backfills was there a moment ago."""
        return bool(self.instance.get_daemon_statuses(["BACKFILL"])["BACKFILL"].healthy)


@dataclass(frozen=True, slots=True)
class Backfilling:
    """These assets are computed again for the partitions, those `whole` as a whole; `left_out` have other ones."""

    assets: tuple[str, ...]
    ranges: tuple[tuple[str, str], ...]
    whole: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def says(self) -> tuple[str, ...]:
        """What would be done, in lines."""
        more = [f"as a whole: {', '.join(self.whole)}"] if self.whole else []
        others = [f"left out, having other partitions: {', '.join(self.left_out)}"] if self.left_out else []
        return (f"backfill {', '.join(self.assets)}", f"for {self._span}", *more, *others)

    @property
    def done(self) -> str:
        """What was done, in one line of the story."""
        return f"requested a backfill of {', '.join((*self.assets, *self.whole))} for {self._span}"

    @property
    def _span(self) -> str:
        return ", ".join(first if first == last else f"{first} to {last}" for first, last in self.ranges)


def backfilling(site: Site, action: Backfill, incident: int, partitions: Sequence[str]) -> Backfilling:
    """What the step would compute again. Raises Refused where the incident has no partitions of the asset."""
    key = AssetKey.from_user_string(action.asset)
    if not site.graph.has(key):
        raise Refused(f"{action.asset!r} is no asset of these definitions; expected one that the runbook may name")
    if not partitions:
        raise Refused(f"incident {incident} is about no partition; materialise {action.asset} in Dagster's UI")
    definition = site.graph.get(key).partitions_def
    known = list(definition.get_partition_keys(dynamic_partitions_store=site.instance)) if definition else []
    wanted = {one for partition in partitions for one in each(partition) if one is not None}
    if strange := sorted(wanted - set(known)):
        raise Refused(f"{', '.join(strange[:5])} is no partition of {action.asset}; nothing can be computed again")
    wanted |= {day for one in wanted for day in _around(one, action)}
    below = list(_below(site.graph, key)) if action.downstream else []
    same = [one for one in below if site.graph.get(one).partitions_def == definition]
    whole = [one for one in below if site.graph.get(one).partitions_def is None]
    others = [one for one in below if one not in same and one not in whole]
    return Backfilling(
        _names([key, *same]), tuple(_ranges(known, wanted.__contains__)), _names(whole), _names(others)
    )


def running(site: Site, dedup: str, asset: str) -> str | None:
    """What is known of a backfill of the asset for the incident that is not over yet; None if there is none."""
    wanted = BulkActionsFilter(statuses=_RUNNING, tags={INCIDENT: dedup})
    for found in site.instance.get_backfills(filters=wanted):
        if AssetKey.from_user_string(asset) in (found.asset_selection or ()):
            at = in_utc(datetime.fromtimestamp(found.backfill_timestamp, UTC))
            return f"{found.tags.get(BY, 'somebody')} requested backfill {found.backfill_id} at {at}"
    return None


def request(site: Site, plan: Backfilling, title: str, tags: dict[str, str], now: datetime) -> str:
    """The id of the backfill, which Dagster's daemon runs as soon as it looks."""
    ranges = [PartitionRangeSelector(start, end) for start, end in plan.ranges]
    parts = [(one, PartitionsSelector(ranges)) for one in plan.assets] + [(one, None) for one in plan.whole]
    chosen = [
        PartitionsByAssetSelector(asset_key=AssetKey.from_user_string(one), partitions=part) for one, part in parts
    ]
    backfill = PartitionBackfill.from_partitions_by_assets(
        backfill_id=make_new_backfill_id(),
        asset_graph=site.graph,
        backfill_timestamp=now.timestamp(),
        tags=tags,
        dynamic_partitions_store=site.instance,
        partitions_by_assets=chosen,
        title=title,
        description=None,
        run_config=None,
    )
    site.instance.add_backfill(backfill)
    return str(backfill.backfill_id)


def _around(partition: str, action: Backfill) -> Iterator[str]:
    """The days before and after it that are asked for too; none for what is no day."""
    days = days_of(partition)
    if days is None:
        return
    for number in range(-action.before, action.after + 1):
        yield str(days[0] + timedelta(days=number))


def _below(graph: BaseAssetGraph[Any], key: AssetKey) -> Iterator[AssetKey]:
    """All that Dagster computes from the asset, parents before their children; reports are sent by their desk."""
    below = {one for one in _descendants(graph, key) if one.path[0] != labels.EDITIONS}
    for level in graph.toposorted_asset_keys_by_level:
        yield from (one for one in sorted(level) if one in below and graph.get(one).is_materializable)


def _descendants(graph: BaseAssetGraph[Any], key: AssetKey) -> set[AssetKey]:
    found: set[AssetKey] = set()
    queue = [key]
    while queue:
        children = graph.get(queue.pop()).child_keys - found
        found |= children
        queue += children
    return found


def _ranges(known: Sequence[str], wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """The partitions wanted as stretches of neighbours, in the order of the definition."""
    start = last = None
    for one in (*known, None):
        if one is not None and wanted(one):
            start, last = start or one, one
        elif start is not None and last is not None:
            yield start, last
            start = None


def _names(keys: Iterable[AssetKey]) -> tuple[str, ...]:
    return tuple(key.to_user_string() for key in keys)
