"""How long it is until a report is due, in its asset's metadata once a day: who looks there need not count."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from dagster import AssetKey, AssetObservation, MetadataValue

from oncall_assets.handbook import Handbook
from oncall_assets.notify.message import instant
from oncall_assets.reports.business import business_days_between
from oncall_assets.reports.cadence import Planned, next_due


def today(handbook: Handbook, now: datetime) -> date:
    """The date in the team's zone, in which reports are due."""
    return now.astimezone(ZoneInfo(handbook.team.timezone)).date()


def countdown(handbook: Handbook, planned: Planned, now: datetime) -> AssetObservation:
    """`next due`, and how many days are left: `business days left` and `days left`, counted in the team's zone.

    Where nothing further is planned, `next due` says why and nothing is counted.
    """
    key = AssetKey.from_user_string(planned.asset)
    occasion = next_due(handbook, planned, now)
    if occasion is None:
        words = nothing_further(handbook, planned)
        return AssetObservation(key, description=words, metadata={"next due": words})
    start, end = today(handbook, now), today(handbook, occasion.due)
    return AssetObservation(
        key,
        description=f"The edition of {occasion.period} is due next.",
        metadata={
            "next due": instant(occasion.due, handbook.team.timezone),
            "business days left": MetadataValue.int(business_days_between(handbook, start, end)),
            "days left": MetadataValue.int((end - start).days),
        },
    )


def nothing_further(handbook: Handbook, planned: Planned) -> str:
    """Why nothing further is planned, and where to change that."""
    before = planned.report.due.before
    if before is not None:
        last = max(handbook.team.calendars[before])
        return f"no date in calendar {before} after {last}; add the next ones to `calendars` of team.yaml"
    return f"nothing after {handbook.sources.last_day}, which is the last_day of sources.yaml"
