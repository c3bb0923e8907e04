"""The review of a quarter as an asset, so that the team has it when it sits down and nobody need ask."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.home import ledger_url
from oncall_assets.handbook.labels import ROTA_GROUP
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.review.reviewing import review_file, reviewed, write_review
from oncall_assets.rota.quarters import Quarter, planned_quarters

ASSET: Final = "oncall_review"
JOB: Final = "review_incidents"


def review_assets(handbook: Handbook) -> Sequence[dg.AssetsDefinition]:
    """`oncall_review`, a partition a quarter (`2026Q4`): Markdown in its metadata and in the state folder."""

    @dg.asset(
        name=ASSET,
        group_name=ROTA_GROUP,
        kinds={"markdown"},
        partitions_def=dg.StaticPartitionsDefinition(_keys(handbook)),
        description=(
            "What happened in a quarter: incidents by pipeline, issue and cause, how soon they were answered and "
            "mended against what was promised, what came again, and what people noted."
        ),
    )
    def oncall_review(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        quarter = Quarter.parse(context.partition_key)
        # Read again: a run may find a handbook that was edited since this process loaded it.
        current = load_handbook(handbook.folder, frozenset(handbook.sources.sources))
        with Ledger(ledger_url()) as ledger:
            text = reviewed(current, quarter, ledger, datetime.now(UTC))
        path = review_file(quarter)
        write_review(path, text)
        return dg.MaterializeResult(
            metadata={"review": dg.MetadataValue.md(text), "file": dg.MetadataValue.path(path)}
        )

    return [oncall_review]


def review_automation(handbook: Handbook) -> dict[str, Any]:
    """The job and the schedule, running by default, at a wall time of the team's zone."""
    job = dg.define_asset_job(
        JOB, dg.AssetSelection.assets(ASSET), description="Reviews one quarter's incidents, named as 2026Q4."
    )
    keys = set(_keys(handbook))

    @dg.schedule(
        job=job,
        cron_schedule="0 8 * * *",
        execution_timezone=handbook.team.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Reviews each quarter once, on the morning after its last hand-off.",
    )
    def review_last_quarter(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        # Asked for every day, as Dagster may not run on that morning; a run key is used once.
        last = Quarter.of(handbook.team, context.scheduled_execution_time).previous
        if str(last) not in keys:
            return dg.SkipReason(f"{last} was before the rotation began")
        return dg.RunRequest(run_key=f"review-{last}", partition_key=str(last))

    return {"jobs": [job], "schedules": [review_last_quarter]}


def _keys(handbook: Handbook) -> list[str]:
    """The quarters by name: Dagster wants partitions listed."""
    return [str(quarter) for quarter in planned_quarters(handbook.team)]
