"""Watches become schedules here: each runs checks of a runbook again over some days, and computes nothing."""

import re
from collections import Counter
from datetime import UTC, date, timedelta
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

import dagster as dg

from oncall_assets.handbook import Handbook, labels
from oncall_assets.handbook.sources import Sources
from oncall_assets.handbook.values import WEEKDAYS
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets.rota.watching import RunbookWatch, watch_instant, watches

# The days of the month on which a watch may come; the schedule itself says whether it does.
_DAYS_OF_MONTH: Final = {"last week of the month": "22-31", "last day of the month": "28-31"}


def watch_automation(handbook: Handbook) -> dict[str, Any]:
    """A job and a schedule, running by default, for each watch of each runbook."""
    names = job_names(handbook)
    jobs = {one.key: _job(one, names[one.key]) for one in watches(handbook)}
    return {
        "jobs": list(jobs.values()),
        "schedules": [_schedule(handbook, one, jobs[one.key]) for one in watches(handbook)],
    }


def job_names(handbook: Handbook) -> dict[str, str]:
    """The name of each watch's job by the watch's key: `watch_profit_weekly` for `profit.weekly`.

    Names of pipelines may hold what names of jobs may not, and two may then be the same: these end in a digest.
    """
    plain = {one.key: f"watch_{re.sub('[^A-Za-z0-9_]', '_', one.key)}" for one in watches(handbook)}
    often = Counter(plain.values())
    return {
        key: name if often[name] == 1 else f"{name}_{sha256(key.encode()).hexdigest()[:6]}"
        for key, name in plain.items()
    }


def _job(one: RunbookWatch, name: str) -> Any:
    wanted = one.planned.checks
    keys = [
        dg.AssetCheckKey(dg.AssetKey(check.asset.split("/")), check.name)
        for check in one.runbook.front.checks
        if wanted is None or check.name in wanted
    ]
    return dg.define_asset_job(
        name,
        dg.AssetSelection.checks(*keys),
        # Also where a person launches it, who needs no digest.
        tags={labels.WATCH: one.key},
        description=f"The {one.planned.words} of {one.runbook.pipeline}: judges its checks, and computes nothing.",
    )


def _schedule(handbook: Handbook, one: RunbookWatch, job: Any) -> dg.ScheduleDefinition:
    planned, zone = one.planned, ZoneInfo(handbook.team.timezone)

    @dg.schedule(
        name=f"{job.name}_schedule",
        job=job,
        cron_schedule=cron_of(planned.on, planned.at, handbook.team.business_hours.days),
        execution_timezone=handbook.team.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"The {planned.words} of {one.runbook.pipeline}, on: {planned.on}. From {one.runbook.path}.",
    )
    def watch(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        on = context.scheduled_execution_time.astimezone(zone).date()
        # Of the date and not of the tick, which may be the second time a repeated hour strikes.
        instant = watch_instant(handbook, planned, on)
        if instant is None:
            return dg.SkipReason(f"{on} is no {planned.on}")
        days = days_before(instant.astimezone(UTC).date(), planned.days, handbook.sources)
        if days is None:
            return dg.SkipReason("none of these days has figures: see first_day and last_day of sources.yaml")
        about = {labels.WATCH: one.key, labels.WATCHED_AT: instant.isoformat()}
        return dg.RunRequest(run_key=f"{one.key}-{on}", tags={**run_tags(days), **about})

    return watch


def cron_of(on: str | int, at: str, working: list[Any]) -> str:
    """The cron line that comes at least on the days named: `0 9 * * 1`, `0 9 22-31 * *`."""
    hour, minute = (int(part) for part in at.split(":"))
    weekdays, month = "*", "*"
    if on == "working days":
        weekdays = ",".join(_numbers(working))
    elif on in WEEKDAYS:
        weekdays = ",".join(_numbers([on]))
    elif on != "every day":
        month = _DAYS_OF_MONTH.get(str(on), str(on))
    return f"{minute} {hour} {month} * {weekdays}"


def _numbers(days: list[Any]) -> list[str]:
    # cron counts from Sunday, as 0.
    return [str((WEEKDAYS.index(day) + 1) % 7) for day in days]


def days_before(today: date, count: int, sources: Sources) -> Days | None:
    """The `count` days before `today`, but for those that `sources` has no figures for; None if none is left."""
    first = max(today - timedelta(days=count), sources.first_day)
    last = min(today - timedelta(days=1), sources.last_day or date.max)
    return Days(first, last) if first <= last else None
