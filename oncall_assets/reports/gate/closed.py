"""Whether days are final: as long as late events are admitted to them their figures may still change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dagster import AssetKey

from oncall_assets.metrics.days import Days
from oncall_assets.reports.gate.computed import By
from oncall_assets.reports.gate.judgement import Hold
from oncall_assets.reports.gate.lineage import Lineage
from oncall_assets.reports.gate.wording import instant, listed, told


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Days of a table that are not final, each of one kind; at least one there is.

    `admitting` are open to late events, the last of them until `closes`; `early` were computed for the last time
    before they closed. `awaited` are days behind the period of the tables that would bring its last late events.
    """

    table: AssetKey
    admitting: tuple[date, ...]
    closes: datetime
    early: tuple[date, ...]
    awaited: tuple[tuple[AssetKey, tuple[date, ...]], ...]

    @property
    def holds(self) -> Iterator[Hold]:
        """What is in the way of an edition that waits for late events."""
        name = self.table.to_user_string()
        if self.admitting:
            words = (
                f"Late events of {listed(self.admitting)} are admitted to {name} until {self.closes:%F %H:%M} "
                "UTC; after that it has to be computed once more."
            )
            yield Hold("late events", words, self.closes)
        if self.early:
            words = (
                f"{name} of {listed(self.early)} was not computed again since no more late events are admitted to "
                f"it. Materialise it for {listed(self.early)}, with what is downstream."
            )
            yield Hold("late events", words)
        for source, days in self.awaited:
            words = (
                f"{source.to_user_string()} of {listed(days)}, with late events for {name}, is not there. "
                f"Materialise it, and then {name} and what is downstream for the last days of the period."
            )
            yield Hold("late events", words)

    @property
    def words(self) -> Iterator[str]:
        """What a reader must know of figures that are told before they are final."""
        name = self.table.path[-1].replace("_", " ")
        change = f"{name} figures may still change"
        if self.admitting:
            yield f"Events of {told(self.admitting)} are admitted until {instant(self.closes)}; {change}."
        if self.early:
            yield f"Late events of {told(self.early)} are not counted yet; {change}."
        if self.awaited:
            yield f"The last late events of the period have not come in yet; {change}."


def unsettled(
    lineage: Lineage, by: By, days: Days, now: datetime, last_day: date | None = None
) -> list[Unsettled]:
    """The tables with days of the period that are not final at `now`.

    A day that is computed from later days too is final when it was computed after these are over: it admits events
    until then. After `last_day` no source brings anything.
    """
    found = []
    for table, window in lineage.admitting.items():
        admitting = tuple(day for day in days.each if now < _closes(day, window))
        early = tuple(
            day
            for day in days.each
            if day not in admitting and day in by[table] and by[table][day].at < _closes(day, window)
        )
        awaited = () if admitting else tuple(_awaited(lineage, table, by, days, last_day))
        if admitting or early or awaited:
            found.append(Unsettled(table, admitting, _closes(days.last, window), early, awaited))
    return found


def _closes(day: date, window: timedelta) -> datetime:
    return Days.one(day).end + window


def _awaited(
    lineage: Lineage, table: AssetKey, by: By, days: Days, last_day: date | None
) -> Iterator[tuple[AssetKey, tuple[date, ...]]]:
    for edge in lineage.edges:
        if edge.child == table and edge.after > 0:
            behind = [days.last + timedelta(days=number) for number in range(1, edge.after + 1)]
            expected = [day for day in behind if last_day is None or day <= last_day]
            if missing := tuple(day for day in expected if day not in by[edge.parent]):
                yield edge.parent, missing
