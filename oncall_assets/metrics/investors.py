"""The figures investors are told, beside how much data stands behind them."""

from __future__ import annotations

from typing import Final

import ibis

from oncall_assets.metrics.contracts import COMPUTED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.periods import calendar

_KEYS: Final = ("day", "grain")


def investor_report(
    aggregate_profit: ibis.Table, aggregate_growth: ibis.Table, aggregate_engagement: ibis.Table, days: Days
) -> ibis.Table:
    """A row per day and grain of `days`, per contract `investor_report`.

    A part that is missing, or has no day with data, gives empty figures: nobody is told a 0 that was
    never measured. Coverage is the least share of days with data over the three parts, 0 when one is
    missing.
    """
    report = calendar(days)
    for part, figures in (
        (aggregate_profit, ("revenue_cents", "profit_cents", "margin")),
        (aggregate_growth, ("closing_accounts", "growth_ratio", "churn_ratio")),
        (aggregate_engagement, ("active_users", "sessions_per_user")),
    ):
        report = _beside(report, part, figures)
    return COMPUTED["investor_report"].shape(
        report.mutate(profit_per_account_cents=report.profit_cents / report.closing_accounts.nullif(0))
    )


def _beside(report: ibis.Table, part: ibis.Table, figures: tuple[str, ...]) -> ibis.Table:
    """The report with the part's figures, its coverage lowered to what the part has."""
    measured = part.filter(part.days_with_data > 0).select(
        *_KEYS, *figures, covered=ibis._.days_with_data / ibis._.days_so_far
    )
    joined = report.left_join(measured, list(_KEYS)).drop("day_right", "grain_right")
    covered = joined.covered.fill_null(0.0)
    known = joined.coverage if "coverage" in report.columns else ibis.literal(1.0)
    return joined.mutate(coverage=ibis.least(known, covered)).drop("covered")
