"""Figures that changed after they were sent, found so that whoever quotes the old ones learns of it from us."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import dagster as dg
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.ledger.edition_records import ANNOUNCED, EditionRecord, RestatementRecord
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days
from oncall_assets.reports.cadence import Planned, planned
from oncall_assets.reports.causes import Computed
from oncall_assets.reports.edition import Edition, Figure, Unit, Value
from oncall_assets.reports.figures import Read, figures_of
from oncall_assets.reports.gate.lineage import Lineage

# The comparison with the year before reaches as far back; who reads an older edition knows that it is old.
_OLDEST: Final = timedelta(days=400)
# Figures are read before an edition is composed, and what was computed in between is in none of the two.
_COMPOSING: Final = timedelta(minutes=15)
# Engines add up in any order; what differs by less is the same figure.
_SAME: Final = 1e-9


@dataclass
class Looked:
    """What one process has compared already, so that a look with nothing new reads no table.

    `at_most` editions are compared in one look, the latest first, and the others in the next.
    """

    at_most: int = 20
    editions: dict[int, int] = field(default_factory=dict)
    """Of each edition, the id of the last that was computed when its figures were compared."""
    reports: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Of each report that was gone through, the last that was computed of its tables and its last edition."""


def look_for_restatements(
    instance: dg.DagsterInstance,
    graph: BaseAssetGraph[Any],
    handbook: Handbook,
    book: EditionBook,
    read: Read,
    now: datetime,
    looked: Looked | None = None,
) -> list[RestatementRecord]:
    """Compare what was sent with what the tables say now, and record what differs; returns what is new.

    Editions of the last 400 days are compared if one of their days was computed again since; repeats are not, as
    they say what the first said. A figure that was listed as restated is compared with what was listed then.
    Without `looked` all of these are compared. Raises what `read` raises; what was found before is recorded.
    """
    looked = Looked(at_most=1_000_000) if looked is None else looked
    left = looked.at_most
    found: set[tuple[int, str]] = set()
    for one in planned(handbook):
        look = _Look(Computed(instance, graph), book, read, one, looked)
        left -= look.through(found, left, now)
    return [record for record in book.restatements() if (record.edition.id, record.column) in found]


@dataclass(frozen=True, slots=True)
class _Look:
    """One report, looked through once."""

    computed: Computed
    book: EditionBook
    read: Read
    planned: Planned
    looked: Looked

    def through(self, found: set[tuple[int, str]], left: int, now: datetime) -> int:
        """Compare up to `left` editions, adding edition and column of what changed; returns how many it were."""
        of = self.computed.lineage(self.planned.asset)
        if of is None:
            return 0
        last = self.book.sent(self.planned.key, limit=1)
        newest = (self.computed.newest(of.read), last[0].id if last else 0)
        if self.looked.reports.get(self.planned.key) == newest:
            return 0
        compared = 0
        known, editions = self._known(), self._editions(now)
        oldest = min((record.composed_at for record in editions), default=now)
        latest = self.computed.latest(of.read, oldest - _COMPOSING)
        for record in editions:
            made = [latest[day] for day in _days(record).each if day in latest]
            version = max((one.id for one in made if one.at > record.composed_at - _COMPOSING), default=None)
            if version is None or self.looked.editions.get(record.id) == version:
                continue
            if compared == left:
                return compared
            found |= {(record.id, column) for column in self._changed(record, known, of, now)}
            self.looked.editions[record.id] = version
            compared += 1
        self.looked.reports[self.planned.key] = newest
        return compared

    def _editions(self, now: datetime) -> Sequence[EditionRecord]:
        """Those that were sent and are not too old, the latest first."""
        sent = self.book.sent(self.planned.key, limit=1_000)
        return [one for one in sent if not one.repeat and one.composed_at >= now - _OLDEST]

    def _known(self) -> Mapping[tuple[int, str], RestatementRecord]:
        every = self.book.restatements(self.planned.key, open_only=False)
        return {(record.edition.id, record.column): record for record in every}

    def _changed(
        self,
        record: EditionRecord,
        known: Mapping[tuple[int, str], RestatementRecord],
        of: Lineage,
        now: datetime,
    ) -> list[str]:
        """The columns that say something else than they were last told, recorded."""
        edition, days = Edition.model_validate_json(record.content), _days(record)
        figures = figures_of(self.planned, days, self.read, CONTRACTS[self.planned.table])
        there = {figure.column: figure.now for figure in figures}
        cause: str | None = None
        changed: list[str] = []
        # A column that the report has no more is compared with nothing.
        for figure in (one for one in edition.figures if one.column in there):
            value, earlier = there[figure.column], known.get((record.id, figure.column))
            told = _told(figure, earlier)
            if same(figure.unit, told, value):
                if earlier is not None and earlier.over_at is None:
                    self.book.as_sent_again(record.id, figure.column, now)
            elif earlier is None or not same(figure.unit, Value.model_validate_json(earlier.now), value):
                cause = self._cause(edition, days, of) if cause is None else cause
                texts = (told.model_dump_json(), value.model_dump_json(), cause)
                if self.book.restate(record.id, figure.column, *texts, now):
                    changed.append(figure.column)
        return changed

    def _cause(self, edition: Edition, days: Days, of: Lineage) -> str:
        cause = self.computed.cause(of, days, edition.composed_at)
        if cause.only_late and edition.provisional is not None:
            return f"{ANNOUNCED}late events with {cause.text}"
        return cause.text


def same(unit: Unit, one: Value, other: Value) -> bool:
    """Whether two readers would quote the same: money and counts exactly, others but for a billionth.

    Without a value both are the same, whatever the reason.
    """
    if one.amount is None or other.amount is None:
        return one.amount is other.amount
    if unit in ("money", "count"):
        return one.amount == other.amount
    return math.isclose(one.amount, other.amount, rel_tol=_SAME, abs_tol=_SAME * _SAME)


def _told(figure: Figure, earlier: RestatementRecord | None) -> Value:
    """What the figure's readers were told last: as it was sent, or as a later edition has listed it."""
    if earlier is None:
        return figure.now
    return Value.model_validate_json(earlier.sent if earlier.listed_in is None else earlier.now)


def _days(record: EditionRecord) -> Days:
    return Days.read(record.period)
