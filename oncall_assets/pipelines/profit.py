"""Profit: of every account, of the accounts in experiments, and of the company."""

from __future__ import annotations

import dagster as dg

from oncall_assets.metrics import experiments, profit
from oncall_assets.pipelines.figure import HISTORY, PERIODS, SAME_DAY, figure


def profit_assets(partitions: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    return [
        figure(
            "profit",
            profit.profit,
            {"revenue_records": SAME_DAY, "expense_records": SAME_DAY, "growth": SAME_DAY},
            group="profit",
            partitions=partitions,
            key_figures=lambda t: {
                "revenue_cents": t.revenue_cents.sum(),
                "profit_cents": t.profit_cents.sum(),
                "accounts": t.account_id.nunique(),
            },
        ),
        figure(
            "unit_level_profit",
            experiments.unit_level_profit,
            {"profit": SAME_DAY, "experiment_assignments": HISTORY},
            group="profit",
            partitions=partitions,
            key_figures=lambda t: {
                "profit_cents": t.profit_cents.sum(),
                "accounts": t.account_id.nunique(),
                "experiments": t.experiment_id.nunique(),
            },
        ),
        figure(
            "experiment_readout",
            experiments.experiment_readout,
            {"unit_level_profit": HISTORY, "experiment_assignments": HISTORY},
            group="profit",
            partitions=partitions,
            key_figures=lambda t: {
                "largest_difference_cents": t.difference_cents.abs().max(),
                "smallest_sample_ratio_p": t.sample_ratio_p.min(),
            },
        ),
        figure(
            "aggregate_profit",
            profit.aggregate_profit,
            {"profit": PERIODS},
            group="profit",
            partitions=partitions,
            key_figures=lambda t: {
                "revenue_cents": t.revenue_cents.sum(where=t.grain == "day"),
                "profit_cents": t.profit_cents.sum(where=t.grain == "day"),
                "month_to_date_profit_cents": t.profit_cents.max(where=t.grain == "month"),
            },
        ),
    ]
