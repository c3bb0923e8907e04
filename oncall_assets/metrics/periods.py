"""Days, weeks and months to date, their bounds worked out here because engines differ on truncating dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import ibis
import pyarrow as pa

from oncall_assets.metrics.days import Days, bounds
from oncall_assets.metrics.exact import total

GRAINS: Final = ("day", "week", "month")

_ONE_DAY: Final = timedelta(days=1)
_CALENDAR: Final = ("day", "grain", "period_start", "period_end", "is_complete", "days_so_far")


def each_day(days: Days) -> ibis.Table:
    """A row per day of the stretch: (day)."""
    return ibis.memtable(pa.table({"day": pa.array(days.each, pa.date32())}))


def calendar(days: Days) -> ibis.Table:
    """A row per day and grain: (day, grain, period_start, period_end, is_complete, days_so_far)."""
    rows = [(day, grain, *bounds(day, grain)) for day in days.each for grain in GRAINS]
    return ibis.memtable(
        pa.table(
            {
                "day": pa.array([day for day, *_ in rows], pa.date32()),
                "grain": pa.array([grain for _, grain, *_ in rows], pa.string()),
                "period_start": pa.array([start for *_, start, _ in rows], pa.date32()),
                "period_end": pa.array([end for *_, end in rows], pa.date32()),
                "is_complete": pa.array([day + _ONE_DAY == end for day, *_, end in rows], pa.bool_()),
                "days_so_far": pa.array([(day - start).days + 1 for day, _, start, _ in rows], pa.int64()),
            }
        )
    )


def to_date(daily: ibis.Table, days: Days) -> ibis.Table:
    """Sums of a table of (day, int64 columns), a row per day with data, over each period so far.

    A row for every day and grain of `days`: the calendar's columns, `days_with_data` and the sums,
    0 where the period has no data yet.
    """
    sums = [name for name in daily.columns if name != "day"]
    dated = daily.rename(on="day")
    periods = calendar(days)
    so_far = [dated.on >= periods.period_start, dated.on <= periods.day]
    return (
        periods.left_join(dated, so_far)
        .group_by(*_CALENDAR)
        .aggregate(
            days_with_data=ibis._.on.count(),
            **{name: total(ibis._[name]) for name in sums},
        )
    )


def distinct_to_date(seen: ibis.Table, keys: Sequence[str], days: Days, name: str) -> ibis.Table:
    """How many different `keys` a table of (day, *keys) has shown over each period so far.

    A row for every day and grain of `days`: (day, grain, `name`). A key is counted from its first day
    in the period on, which spares a year's stretch from counting every key anew for every day.
    """
    members = _members(days)
    firsts = (
        seen.join(members, seen.day == members.on)
        .group_by("grain", "period_start", *keys)
        .aggregate(on=ibis._.on.min())
        .group_by("grain", "period_start", "on")
        .aggregate(arrivals=ibis._.count())
    )
    periods = calendar(days).select("day", "grain", "period_start")
    so_far = ["grain", "period_start", firsts.on <= periods.day]
    return periods.left_join(firsts, so_far).group_by("day", "grain").aggregate(**{name: total(ibis._.arrivals)})


def _members(days: Days) -> ibis.Table:
    """Which period each day belongs to, from the first day any period of the stretch has."""
    first = min(bounds(days.first, grain)[0] for grain in GRAINS)
    rows = [(day, grain, bounds(day, grain)[0]) for day in Days(first, days.last).each for grain in GRAINS]
    return ibis.memtable(
        pa.table(
            {
                "on": pa.array([day for day, *_ in rows], pa.date32()),
                "grain": pa.array([grain for _, grain, _ in rows], pa.string()),
                "period_start": pa.array([start for *_, start in rows], pa.date32()),
            }
        )
    )
