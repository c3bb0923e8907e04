"""What was due and is not there, in one place, because a late table and a silent source are the same question."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dagster import (
    AssetKey,
    DagsterEventType,
    DagsterInstance,
    PartitionsDefinition,
    TimeWindowPartitionsDefinition,
    partition_loading_context,
)
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.runbook import Deadline
from oncall_assets.incidents.signals.probes.due import Due, due_instants
from oncall_assets.rota.turns import wall_instant

# How many of the latest deadlines are looked at: each day that is missing is named.
_LATEST = 7

# How far back a day that is known to be late is looked for among the deadlines.
_FARTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Overdue:
    """`partition` was due; without partitions of its own, an asset has the day for one."""

    due: Due
    partition: str


@dataclass(frozen=True)
class Clock:
    """When it is: the instant, from when on the pager watches, and the team's zone and working days."""

    now: datetime
    since: datetime
    zone: ZoneInfo
    working: Collection[str]

    @classmethod
    def of(cls, handbook: Handbook, now: datetime, since: datetime) -> Clock:
        team = handbook.team
        return cls(now, since, ZoneInfo(team.timezone), team.business_hours.days)


def overdue(
    instance: DagsterInstance,
    graph: BaseAssetGraph[Any],
    deadline: Deadline,
    clock: Clock,
    known: Collection[str | None],
) -> list[Overdue]:
    """What the latest deadlines asked for and is not materialised, the latest first.

    `known` are the partitions known to be late: those stay overdue until they are there, however long ago it was.
    A partition that does not exist yet is not due. An asset without time windows, or unknown to this code
    location, is there if it was materialised on the date of the deadline or later, in the team's zone.
    """
    key = AssetKey.from_user_string(deadline.asset)
    partitions = graph.get(key).partitions_def if graph.has(key) else None
    with partition_loading_context(effective_dt=clock.now):
        asked = _asked(deadline, clock, partitions, known)
    if not asked:
        return []
    if isinstance(partitions, TimeWindowPartitionsDefinition):
        names = {one.partition for one in asked}
        there = instance.get_latest_storage_id_by_partition(key, DagsterEventType.ASSET_MATERIALIZATION, names)
        return [one for one in asked if one.partition not in there]
    event = instance.get_latest_materialization_event(key)
    latest = datetime.fromtimestamp(event.timestamp, UTC) if event else None
    return [one for one in asked if latest is None or latest < wall_instant(one.due.on, time.min, clock.zone)]


def _asked(
    deadline: Deadline, clock: Clock, partitions: PartitionsDefinition[Any] | None, known: Collection[str | None]
) -> list[Overdue]:
    """One for each partition, with the last of its deadlines: a week is due when its last day is."""
    dues = due_instants(deadline, clock.zone, clock.working, clock.now - _FARTHEST, clock.now)
    asked: dict[str, Overdue] = {}
    left = {one for one in known if one is not None}
    for number, one in enumerate(_with_partition(dues, partitions)):
        latest = number < _LATEST and one.due.at > clock.since
        if not latest and not left:
            break
        if latest or one.partition in left:
            asked.setdefault(one.partition, one)
            left.discard(one.partition)
    return list(asked.values())


def _with_partition(dues: Iterable[Due], partitions: PartitionsDefinition[Any] | None) -> Iterator[Overdue]:
    for due in dues:
        if not isinstance(partitions, TimeWindowPartitionsDefinition):
            yield Overdue(due, due.day.isoformat())
        elif partitions.has_partition_key(name := _partition_of(due.day, partitions)):
            yield Overdue(due, name)


def _partition_of(day: date, partitions: TimeWindowPartitionsDefinition) -> str:
    """The one that the end of `day` falls into: the day itself, its last hour, or its week or month."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(partitions.timezone))
    return partitions.get_partition_key_for_timestamp(midnight.timestamp() - 1)
