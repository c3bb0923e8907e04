"""Whether all was computed after what it is computed from: a day corrected below must be in the figure above."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from oncall_assets.metrics.days import Days
from oncall_assets.reports.gate.computed import By
from oncall_assets.reports.gate.judgement import Hold
from oncall_assets.reports.gate.lineage import Edge, Lineage
from oncall_assets.reports.gate.wording import listed


def out_of_order(lineage: Lineage, by: By, days: Days, settling: bool) -> Iterator[Hold]:
    """One for each table of which days are older than a day that they are computed from.

    Every day is compared with the same day of what it is computed from. Those that the last day of the period is
    computed from are also compared with all the days of the period that they reach, as a sum since the first of a
    month does: but not where events are still admitted (`settling`), as such days are computed again until then.
    """
    needed = lineage.needed(days)
    admitting = lineage.admitting
    for edge in lineage.edges:
        same_day_only = settling and (edge.parent in admitting or edge.child in admitting)
        late: set[date] = set()
        newer: set[date] = set()
        for day in days.each:
            reached = [day] if same_day_only or day not in needed[edge.child] else list(by[edge.parent])
            after = _newer(edge, by, day, reached)
            newer |= after
            late |= {day} if after else set()
        if late:
            yield Hold("stale", _words(edge, late, newer))


def _newer(edge: Edge, by: By, day: date, reached: list[date]) -> set[date]:
    """Those days of the parent that were computed after the child's day that is computed from them."""
    parent, child = by[edge.parent], by[edge.child].get(day)
    if child is None:
        return set()
    return {one for one in reached if one in parent and edge.reads(day, one) and parent[one].number > child.number}


def _words(edge: Edge, late: set[date], newer: set[date]) -> str:
    child = edge.child.to_user_string()
    return (
        f"{edge.parent.to_user_string()} of {listed(newer)} was computed again after {child} of {listed(late)}, "
        f"which is computed from it. Materialise {child} for {listed(late)}, with what is downstream."
    )
