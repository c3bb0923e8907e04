"""The report over profit, growth and engagement that investors are told from."""

from __future__ import annotations

import dagster as dg

from oncall_assets.metrics import investors
from oncall_assets.pipelines.figure import SAME_DAY, figure


def investor_assets(partitions: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    return [
        figure(
            "investor_report",
            investors.investor_report,
            {"aggregate_profit": SAME_DAY, "aggregate_growth": SAME_DAY, "aggregate_engagement": SAME_DAY},
            group="investors",
            partitions=partitions,
            key_figures=lambda t: {
                "month_to_date_revenue_cents": t.revenue_cents.max(where=t.grain == "month"),
                "month_to_date_profit_cents": t.profit_cents.max(where=t.grain == "month"),
                "coverage": t.coverage.min(),
            },
        )
    ]
