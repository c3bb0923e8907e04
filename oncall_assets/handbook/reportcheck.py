"""What must agree about reports, so that none goes to nobody, on no date, or with a figure nobody defined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oncall_assets.handbook.problem import Problem, one_of, shown
from oncall_assets.handbook.reporting import PUBLISHED
from oncall_assets.handbook.reports import key_of
from oncall_assets.handbook.rotacheck import texts_at
from oncall_assets.handbook.source import Source
from oncall_assets.handbook.tree import Loc, at

# The day on which a period that was over the day before can be reported first, in the words of `on`.
_NEXT_DAY: Final[dict[str, object]] = {"week": "monday", "month": 1}

# Of any year: what a zone is ahead of UTC in the two halves of it.
_WINTER_AND_SUMMER: Final = (date(2026, 1, 1), date(2026, 7, 1))


def report_problems(team: Source, runbooks: Mapping[str, Source]) -> Iterator[Problem]:
    """Unknown audiences, calendars, metrics and tables, keys that two reports share, and hours too early."""
    taken: dict[str, str] = {}
    for pipeline, runbook in runbooks.items():
        for number, _ in enumerate(runbook.items("reports")):
            here = ("reports", number)
            yield from _key_problems(runbook, here, pipeline, taken)
            yield from _table_problems(runbook, here, pipeline)
            yield from _metric_problems(runbook, here)
            yield from _unknown(team, runbook, here, "to", "audiences", "audience")
            yield from _unknown(team, runbook, here, "delays_to", "audiences", "audience")
            yield from _unknown(team, runbook, (*here, "due"), "before", "calendars", "calendar")
            yield from _hour_problems(team, runbook, here)


def _key_problems(runbook: Source, here: Loc, pipeline: str, taken: dict[str, str]) -> Iterator[Problem]:
    """That another report has its key; `taken` says where, and is added to."""
    name = runbook.text(*here, "name")
    if name is None:
        return
    key, loc = key_of(pipeline, name), (*here, "name")
    if key in taken:
        message = f"makes {key}, which the report at {taken[key]} is called already; expected a name of its own"
        yield runbook.problem(loc, message)
    else:
        written = runbook.problem(loc, "")
        taken[key] = f"{written.path}:{written.line}"


def _table_problems(runbook: Source, here: Loc, pipeline: str) -> Iterator[Problem]:
    table = runbook.text(*here, "of")
    if table is not None and table not in PUBLISHED:
        message = f"{shown(table)} is no table of the reporting database; {one_of(table, PUBLISHED)}"
        yield runbook.problem((*here, "of"), message)
    elif table is None and pipeline not in PUBLISHED:
        message = f"names no table, and none is called {pipeline}; add `of:`, {one_of(pipeline, PUBLISHED)}"
        yield runbook.problem(here, message)


def _metric_problems(runbook: Source, here: Loc) -> Iterator[Problem]:
    named = (runbook.text("metrics", number, "name") for number, _ in enumerate(runbook.items("metrics")))
    metrics = [name for name in named if name is not None]
    for number, _ in enumerate(runbook.items(*here, "figures")):
        loc = (*here, "figures", number, "metric")
        metric = runbook.text(*loc)
        # Where there is no metric at all that is reported itself.
        if metric is not None and metrics and metric not in metrics:
            yield runbook.problem(loc, f"{shown(metric)} is no metric of this runbook; {one_of(metric, metrics)}")


def _unknown(team: Source, runbook: Source, here: Loc, field: str, group: str, what: str) -> Iterator[Problem]:
    known = team.fields(group)
    for loc, name in texts_at(runbook, *here, field):
        if name not in known:
            yield runbook.problem(loc, f"{shown(name)} is no {what} of team.yaml; {one_of(name, known)}")


def _hour_problems(team: Source, runbook: Source, here: Loc) -> Iterator[Problem]:
    """That a week or month is due on the day after it, but too early for its last UTC day to be over."""
    zone, hour, period = team.text("timezone"), runbook.text(*here, "due", "at"), runbook.text(*here, "period")
    next_day = _NEXT_DAY.get(period or "")
    if zone is None or hour is None or next_day is None or at(runbook.tree, (*here, "due", "on")) != next_day:
        return
    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return
    over = max(_over(clock, day) for day in _WINTER_AND_SUMMER)
    if hour < over:
        late = f"its last UTC day ends at {over} in {zone}, so that it would be sent a {period} late"
        message = f"{hour} is too early: {late}; expected {over} or later, or a later day"
        yield runbook.problem((*here, "due", "at"), message)


def _over(zone: ZoneInfo, day: date) -> str:
    """The wall time at which the UTC day before `day` ends; 00:00 where it ends before `day` begins."""
    local = datetime.combine(day, time(), tzinfo=UTC).astimezone(zone)
    return f"{local:%H:%M}" if local.date() == day else "00:00"
