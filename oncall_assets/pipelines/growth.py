"""Growth: what every account did, the day's sums for experiments, and the company's figures."""

from __future__ import annotations

import dagster as dg

from oncall_assets.metrics import growth
from oncall_assets.pipelines.figure import HISTORY, PERIODS, SAME_DAY, figure


def growth_assets(partitions: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    return [
        figure(
            "growth",
            growth.growth,
            {"account_events": HISTORY},
            group="growth",
            partitions=partitions,
            key_figures=lambda t: {
                "new_accounts": (t.transition == "new").sum(),
                "churned_accounts": (t.transition == "churned").sum(),
                "accounts": t.account_id.nunique(),
            },
        ),
        figure(
            "daily_growth",
            growth.daily_growth,
            {"growth": SAME_DAY, "experiment_assignments": HISTORY},
            group="growth",
            partitions=partitions,
            key_figures=lambda t: {
                "new_accounts": t.new_accounts.sum(where=t.variant == "all"),
                "churned_accounts": t.churned_accounts.sum(where=t.variant == "all"),
                "closing_accounts": t.closing_accounts.max(where=t.variant == "all"),
            },
        ),
        figure(
            "aggregate_growth",
            growth.aggregate_growth,
            {"growth": PERIODS},
            group="growth",
            partitions=partitions,
            key_figures=lambda t: {
                "closing_accounts": t.closing_accounts.max(),
                "closing_seats": t.closing_seats.max(),
                "month_to_date_growth_ratio": t.growth_ratio.max(where=t.grain == "month"),
            },
        ),
    ]
