"""Why a figure that was sent says something else now: what Dagster remembers of what was computed again since."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import dagster as dg
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from oncall_assets.checks.records import code_version
from oncall_assets.metrics.days import Days, stretches
from oncall_assets.reports.gate.lineage import Lineage, lineage

_PAGE: Final = 200
# More days than these are not asked for one by one, as no database takes a list of any length.
_FEW: Final = 400
_NAMED: Final = 3

NOTHING_KNOWN: Final = "nothing that Dagster remembers; somebody may have changed the table by hand"


@dataclass(frozen=True, slots=True)
class Made:
    """A day of an asset as it was computed once; `version` is the code's, or None where the asset has none."""

    id: int
    day: date
    at: datetime
    run_id: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Cause:
    """In words; `only_late`: nothing but days after the period landed, for the first time, as they had to."""

    text: str
    only_late: bool


@dataclass(frozen=True, slots=True)
class Computed:
    """What Dagster remembers of the assets in `graph` that have days."""

    instance: dg.DagsterInstance
    graph: BaseAssetGraph[Any]

    def lineage(self, edition: str) -> Lineage | None:
        """What the asset of a report is computed from; None where the code has no such asset."""
        key = dg.AssetKey.from_user_string(edition)
        return lineage(self.graph, key) if self.graph.has(key) else None

    def newest(self, assets: Collection[dg.AssetKey]) -> int:
        """The id of whatever was computed last of the assets, whichever day; 0 if nothing was."""
        pages = (self.instance.fetch_materializations(asset, 1).records for asset in assets)
        return max((record.storage_id for records in pages for record in records), default=0)

    def latest(self, assets: Collection[dg.AssetKey], after: datetime) -> Mapping[date, Made]:
        """Each day of which something was computed after the instant, as it was computed last."""
        found: dict[date, Made] = {}
        for one in (one for asset in assets for one in self._made(asset, None, after)):
            found[one.day] = max(found.get(one.day, one), one, key=lambda made: made.id)
        return found

    def cause(self, of: Lineage, days: Days, composed_at: datetime) -> Cause:
        """Why what is read says something else of `days` than it did at `composed_at`.

        What was computed between the version that was sent and the one there is now, of all upstream; the earliest
        in the lineage is the cause, the rest its consequence. A version of the code that changed is a cause
        wherever it did.
        """
        start, end = self._between(of.read, days, composed_at)
        changed: dict[dg.AssetKey, list[Made]] = {}
        for asset, needed in self._needed(of, days).items():
            again = [one for one in self._made(asset, needed, start) if one.at <= end]
            if again:
                changed[asset] = again
        order = [asset for asset in self.graph.toposorted_asset_keys if asset in changed]
        first = [asset for asset in order if not self.graph.get_ancestor_asset_keys(asset) & changed.keys()]
        earlier = {asset: self._before(asset, changed[asset], start) for asset in order}
        coded = [asset for asset in order if _other_code(changed[asset], earlier[asset])]
        texts = [self._landed(asset, changed[asset], earlier[asset]) for asset in first if asset not in coded]
        texts = [*texts[:_NAMED], *([f"{len(texts) - _NAMED} more tables"] if len(texts) > _NAMED else [])]
        texts += [f"code version of {asset.to_user_string()} changed: {_again(changed[asset])}" for asset in coded]
        late = all(one.day > days.last and one.day not in earlier[a] for a in first for one in changed[a])
        return Cause("; ".join(texts) or NOTHING_KNOWN, bool(first) and late and not coded)

    def _between(
        self, tables: Sequence[dg.AssetKey], days: Days, composed_at: datetime
    ) -> tuple[datetime, datetime]:
        """When the version that was sent was computed, and when the one there is now."""
        made = [one for table in tables for one in self._made(table, days, None)]
        # Figures of a week or month so far stand with its last day.
        last = max((one.day for one in made if one.at > composed_at), default=days.last)
        versions = sorted((one for one in made if one.day == last), key=lambda one: one.id)
        sent = [one.at for one in versions[:-1] if one.at <= composed_at]
        start = max(sent, default=composed_at)
        return start, versions[-1].at if versions else composed_at

    def _needed(self, of: Lineage, days: Days) -> Mapping[dg.AssetKey, Days]:
        """The days of each table upstream that the `days` of what is read are computed from."""
        needed = dict.fromkeys(of.read, days)
        for child in reversed(self.graph.toposorted_asset_keys):
            for edge in of.edges:
                if edge.child == child and child in needed:
                    reach = _widened(needed[child], edge.before, edge.after)
                    needed[edge.parent] = _hull(needed.get(edge.parent, reach), reach)
        return needed

    def _landed(self, asset: dg.AssetKey, again: Sequence[Made], earlier: Mapping[date, Made]) -> str:
        verb = "was computed" if self.graph.get(asset).parent_keys else "landed"
        known = any(one.day in earlier for one in again)
        return f"{asset.to_user_string()} {_days(again)} {verb}{' again' if known else ''}{_when(again)}"

    def _before(self, asset: dg.AssetKey, again: Sequence[Made], at: datetime) -> Mapping[date, Made]:
        """Each of the days as it was last computed at or before `at`, if it was."""
        found: dict[date, Made] = {}
        for one in self._made(asset, _span(again), None):
            if one.at <= at:
                found.setdefault(one.day, one)
        return found

    def _made(self, asset: dg.AssetKey, days: Days | None, after: datetime | None) -> Iterator[Made]:
        """What was computed of these days or of all, the newest first, after the instant if there is one."""
        few = days is not None and (days.last - days.first).days < _FEW
        wanted = dg.AssetRecordsFilter(
            asset,
            asset_partitions=days.keys if days is not None and few else None,
            after_timestamp=after.timestamp() if after else None,
        )
        cursor: str | None = None
        more = True
        while more:
            page = self.instance.fetch_materializations(wanted, _PAGE, cursor)
            for record in page.records:
                day = _day(record.partition_key)
                if day is not None and (days is None or days.first <= day <= days.last):
                    at = datetime.fromtimestamp(record.timestamp, UTC)
                    yield Made(record.storage_id, day, at, record.run_id, code_version(record))
            cursor, more = page.cursor, page.has_more


def _other_code(again: Sequence[Made], earlier: Mapping[date, Made]) -> bool:
    """Whether any day was computed again by another version of the code, both of them known."""
    return any(
        None not in (one.version, earlier[one.day].version) and one.version != earlier[one.day].version
        for one in again
        if one.day in earlier
    )


def _widened(days: Days, before: int, after: int) -> Days:
    """The same with so many more days on either side, as far back as there are dates."""
    first = max(days.first.toordinal() - before, date.min.toordinal())
    return Days(date.fromordinal(first), days.last + timedelta(days=after))


def _hull(one: Days, other: Days) -> Days:
    return Days(min(one.first, other.first), max(one.last, other.last))


def _span(made: Sequence[Made]) -> Days:
    return Days(min(one.day for one in made), max(one.day for one in made))


def _again(made: Sequence[Made]) -> str:
    return f"{_days(made)} was computed again{_when(made)}"


def _days(made: Sequence[Made]) -> str:
    """The days in a few stretches without gaps."""
    every = [str(days) for days in stretches(one.day for one in made)]
    more = [f"{len(every) - _NAMED} more stretches"] if len(every) > _NAMED else []
    return ", ".join([*every[:_NAMED], *more])


def _when(made: Sequence[Made]) -> str:
    last = max(made, key=lambda one: one.id)
    # Reported from outside, it came in no run.
    run = f", run {last.run_id[:8]}" if last.run_id else ""
    return f" at {last.at:%Y-%m-%d %H:%M} UTC{run}"


def _day(partition: str | None) -> date | None:
    """The day of a partition, or None where an asset has no days."""
    try:
        return date.fromisoformat(partition or "")
    except ValueError:
        return None
