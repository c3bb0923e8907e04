"""The rota as an asset by quarter, so that it is published ahead by itself, and never late unnoticed."""

import base64
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import dagster as dg

from oncall_assets.handbook import Handbook, labels, load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.rota import Quarter
from oncall_assets.rota.fairness import Fairness, measure
from oncall_assets.rota.loadchart import load_chart
from oncall_assets.rota.publish import CannotPublish, Published, due, hand_out, missing, publish, published_file
from oncall_assets.rota.quarters import planned_quarters
from oncall_assets.rota.strip import strip

ASSET: Final = "rota_published"
CHECK: Final = "published_in_time"
# One incident and its end, whichever quarter's run looked.
_SUBJECT: Final = "quarters ahead"


def rota_assets(handbook: Handbook) -> list[dg.AssetsDefinition]:
    """`rota_published`, a partition a quarter (`2027Q1`); none where `team.yaml` has no `publish:`."""
    if handbook.team.publish is None:
        return []

    @dg.asset(
        name=ASSET,
        group_name=labels.ROTA_GROUP,
        kinds={"yaml", "html"},
        partitions_def=dg.StaticPartitionsDefinition(_keys(handbook)),
        description=(
            "A quarter of the rota as people were told it: frozen in the handbook, with a page to print and a "
            "calendar for each engineer. A quarter that is published already is handed out again, with the swaps "
            "and overrides made since."
        ),
    )
    def rota_published(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        quarter, now = Quarter.parse(context.partition_key), datetime.now(UTC)
        # Read again: a run may find a handbook that was edited since this process loaded it.
        current = load_handbook(handbook.folder, frozenset(LANDED))
        known = published_file(current.folder, quarter).exists()
        try:
            told = hand_out(current, quarter, now) if known else publish(current, quarter, now)
        except CannotPublish as refusal:
            raise dg.Failure(str(refusal), allow_retries=False) from None
        context.log.info(f"{quarter} {'handed out again' if known else 'published'}: {told.frozen}")
        return dg.MaterializeResult(metadata=_metadata(current, told))

    return [rota_published]


def rota_checks(handbook: Handbook) -> list[dg.AssetChecksDefinition]:
    """`published_in_time`, which fails, and so pages, while a promised quarter has no file in the handbook."""
    promise = handbook.team.publish
    if promise is None:
        return []
    ahead = f"{promise.ahead} quarter{'s' * (promise.ahead != 1)} ahead"

    @dg.asset_check(
        name=CHECK,
        asset=ASSET,
        description=f"Every quarter is published {ahead}, for people to plan. From {handbook.team_source.path}.",
    )
    def published_in_time() -> dg.AssetCheckResult:
        late = missing(handbook, datetime.now(UTC))
        names = ", ".join(map(str, late))
        finding = (
            f"Not published, though promised {ahead}: {names}. Run `oncall publish --quarter {late[0]}`, or "
            f"materialise {ASSET} for it and read why it fails."
            if late
            else f"Every quarter is published {ahead}."
        )
        return dg.AssetCheckResult(
            passed=not late,
            severity=dg.AssetCheckSeverity.ERROR,
            description=finding,
            metadata={
                labels.OBSERVED: f"not published: {names}" if late else "all published",
                labels.THRESHOLD: f"published {ahead}",
                labels.FINDING: finding,
                labels.PARTITION: _SUBJECT,
            },
        )

    return [published_in_time]


def rota_automation(handbook: Handbook) -> dict[str, Any]:
    """The jobs and schedules, running by default, at wall times of the team's zone: publish, then look."""
    if handbook.team.publish is None:
        return {"jobs": [], "schedules": []}
    publication = dg.define_asset_job(
        "publish_rota",
        dg.AssetSelection.assets(ASSET),
        description="Publishes one quarter of the rota, named as 2027Q1, or hands it out again.",
    )
    look = dg.define_asset_job(
        "look_at_rota",
        dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey(ASSET), CHECK)),
        description="Looks whether every promised quarter is published.",
    )

    @dg.schedule(
        job=publication,
        cron_schedule="0 6 * * *",
        execution_timezone=handbook.team.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Publishes each quarter that is promised within two weeks, every day until it is done.",
    )
    def publish_ahead(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        at = context.scheduled_execution_time
        wanted = due(handbook, at)
        if not wanted:
            return dg.SkipReason("every quarter that is promised within two weeks is published")
        return [dg.RunRequest(run_key=f"publish-{name}-{at.date()}", partition_key=str(name)) for name in wanted]

    @dg.schedule(
        job=look,
        # An hour later, so that a quarter which is published today is not reported today.
        cron_schedule="0 7 * * *",
        execution_timezone=handbook.team.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Opens an incident through the check where a quarter is not published in time.",
    )
    def look_at_rota_daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(run_key=f"look-{context.scheduled_execution_time.date()}")

    return {"jobs": [publication, look], "schedules": [publish_ahead, look_at_rota_daily]}


def _keys(handbook: Handbook) -> list[str]:
    """The quarters by name: Dagster wants partitions listed."""
    return [str(quarter) for quarter in planned_quarters(handbook.team)]


def _metadata(handbook: Handbook, told: Published) -> dict[str, dg.MetadataValue[Any]]:
    team, page, calendar = handbook.team, told.files[0], told.files[1]
    found = measure(team, told.shifts, told.shifts[0].start, told.shifts[-1].end)
    zone = ZoneInfo(team.timezone)
    first, last = told.shifts[0].start.astimezone(zone), told.shifts[-1].end.astimezone(zone)
    return {
        "rota": _picture(str(told.quarter), strip(team, told.shifts)),
        "load": dg.MetadataValue.table(_load(handbook, found)),
        "load picture": _picture(f"load of {told.quarter}", load_chart(found, team)),
        "from": dg.MetadataValue.text(f"{first:%Y-%m-%d %H:%M} {team.timezone}"),
        "to": dg.MetadataValue.text(f"{last:%Y-%m-%d %H:%M} {team.timezone}"),
        "page": dg.MetadataValue.path(page),
        "team calendar": dg.MetadataValue.path(calendar),
        "calendars of engineers": dg.MetadataValue.path(calendar.parent / "engineers"),
        "frozen in": dg.MetadataValue.path(told.frozen),
    }


def _picture(name: str, svg: str) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md(f"![{name}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})")


def _load(handbook: Handbook, found: Fairness) -> list[dg.TableRecord]:
    """What the quarter weighs on each engineer, in hours, counts and points."""
    return [
        dg.TableRecord(
            {
                "engineer": handbook.team.engineers[load.who].name,
                "primary hours": round(load.primary.total, 1),
                "secondary hours": round(load.secondary.total, 1),
                "night hours": round(load.primary.night, 1),
                "weekend hours": round(load.primary.weekend, 1),
                "holidays": len(load.holidays),
                "points": round(load.points, 1),
                "beyond their share": round(load.deviation, 1),
            }
        )
        for load in found.loads
    ]
