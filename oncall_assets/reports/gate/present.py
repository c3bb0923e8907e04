"""Whether the days of a period are there at all: a figure made of what is missing would look like a bad month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import floor

from dagster import AssetKey

from oncall_assets.metrics.days import Days
from oncall_assets.reports.gate.judgement import Hold
from oncall_assets.reports.gate.lineage import Lineage
from oncall_assets.reports.gate.wording import listed, told


@dataclass(frozen=True, slots=True)
class Presence:
    """`lacking` are the days each table has not, `coverage` the least share of days that one has, 0 to 1."""

    holds: tuple[Hold, ...]
    coverage: float | None
    caveats: tuple[str, ...]
    lacking: Mapping[AssetKey, frozenset[date]]


def presence(lineage: Lineage, there: Mapping[AssetKey, frozenset[date]], days: Days, least: float) -> Presence:
    """Held by tables that have less than the share `least` of the days, or of what is read not the last one.

    Where days are missing and enough are there, readers are told.
    """
    if not lineage.read:
        return Presence((Hold("missing", _nothing_read()),), None, (), {})
    every = days.each
    lacking = {table: frozenset(every) - there[table] for table in lineage.tables}
    holds, caveats, shares = [], [], []
    for table in lineage.tables:
        missing = lacking[table]
        share = (len(every) - len(missing)) / len(every)
        shares.append(share)
        if share < least:
            holds.append(Hold("missing", _too_few(table, missing, share, least)))
        elif table in lineage.read and days.last in missing:
            holds.append(Hold("missing", _no_last_day(table, days.last)))
        elif missing:
            name = table.path[-1].replace("_", " ")
            caveats.append(
                f"No data of {told(missing)} in {name}: {_percent(share)} of the period's days are there."
            )
    return Presence(tuple(holds), min(shares), tuple(caveats), lacking)


def _too_few(table: AssetKey, missing: frozenset[date], share: float, least: float) -> str:
    return (
        f"{table.to_user_string()} has {_percent(share)} of the period's days, of which {_percent(least)} are "
        f"needed; missing: {listed(missing)}. Materialise it for these, with what is downstream."
    )


def _no_last_day(table: AssetKey, last: date) -> str:
    return (
        f"{table.to_user_string()} has not the last day of the period, {last}, of which the figures are read. "
        "Materialise it for that day."
    )


def _nothing_read() -> str:
    return "The report is read from no table with daily partitions; its figures cannot be judged by day."


def _percent(share: float) -> str:
    """Rounded down: what is not quite enough must not read as enough."""
    return f"{floor(share * 1000 + 1e-6) / 10:g} %"
