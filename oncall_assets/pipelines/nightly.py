"""When the numbers are computed: nightly for the day that ended, and again for those open to late events."""

from datetime import UTC, timedelta
from typing import Any

import dagster as dg

from oncall_assets.handbook.labels import EDITIONS, ROTA_GROUP
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags


def nightly_automation(timezone: str) -> dict[str, Any]:
    """The jobs and schedules, running by default, at wall times of `timezone`."""
    # The rota has quarters where the numbers have days, and a report is sent when it is due.
    night = dg.define_asset_job(
        "night",
        dg.AssetSelection.all() - dg.AssetSelection.groups(ROTA_GROUP, EDITIONS),
        description="Lands every source and computes every table for one UTC day.",
    )
    late = dg.define_asset_job(
        "late_events",
        dg.AssetSelection.assets(
            "engagement",
            "aggregate_engagement",
            "investor_report",
            # What people read follows whatever is computed again.
            "reporting/aggregate_engagement",
            "reporting/investor_report",
        ),
        description="Computes and publishes again the two days that may still receive events.",
    )

    @dg.schedule(
        job=night,
        cron_schedule="0 2 * * *",
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every table for the UTC day that ended last.",
    )
    def every_night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = _ended(context).last.isoformat()
        return dg.RunRequest(run_key=f"night-{day}", partition_key=day)

    @dg.schedule(
        job=late,
        cron_schedule="0 3 * * *",
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Engagement of the two days before, once the night's events have landed.",
    )
    def late_events_every_night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        days = Days(_ended(context).last - timedelta(days=2), _ended(context).last - timedelta(days=1))
        return dg.RunRequest(run_key=f"late-{days.last}", tags=run_tags(days))

    return {"jobs": [night, late], "schedules": [every_night, late_events_every_night]}


def _ended(context: dg.ScheduleEvaluationContext) -> Days:
    """The UTC day that ended last before the tick."""
    return Days.one(context.scheduled_execution_time.astimezone(UTC).date() - timedelta(days=1))
