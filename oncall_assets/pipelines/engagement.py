"""Engagement: what users did, each event once and late ones admitted, and the company's figures."""

from __future__ import annotations

import dagster as dg

from oncall_assets.metrics import engagement
from oncall_assets.pipelines.figure import PERIODS, Window, figure

# A session may run over midnight from the day before; events are admitted for 48 hours, so two days after.
_SESSIONS_AND_LATE = Window(before=1, after=2)


def engagement_assets(partitions: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    return [
        figure(
            "engagement",
            engagement.engagement,
            {"usage_events": _SESSIONS_AND_LATE},
            group="engagement",
            partitions=partitions,
            key_figures=lambda t: {
                "events": t.events.sum(),
                "users": t.user_id.nunique(),
                "late_events": t.late_events.sum(),
                "duplicate_events": t.duplicate_events.sum(),
            },
        ),
        figure(
            "aggregate_engagement",
            engagement.aggregate_engagement,
            {"engagement": PERIODS, "feedback": PERIODS},
            group="engagement",
            partitions=partitions,
            key_figures=lambda t: {
                "active_users": t.active_users.max(where=t.grain == "day"),
                "month_to_date_active_users": t.active_users.max(where=t.grain == "month"),
                "month_to_date_mean_score": t.mean_score.max(where=t.grain == "month"),
            },
        ),
    ]
