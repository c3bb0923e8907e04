from __future__ import annotations

import pytest

from oncall_assets.metrics.days import Days
from oncall_assets.metrics.investors import investor_report
from oncall_assets_tests.metrics.tables import Row, Run, of, on, table

FIGURES = (
    "revenue_cents",
    "profit_cents",
    "margin",
    "closing_accounts",
    "growth_ratio",
    "churn_ratio",
    "active_users",
    "sessions_per_user",
    "profit_per_account_cents",
    "coverage",
)
PROFIT: Row = {"revenue_cents": 1000, "profit_cents": 250, "margin": 0.25}
GROWTH: Row = {"closing_accounts": 4, "growth_ratio": 0.5, "churn_ratio": 0.1}
ENGAGEMENT: Row = {"active_users": 7, "sessions_per_user": 1.5}


def month(measured: int, figures: Row) -> Row:
    """The month of 2026-03-04 to date, with data for `measured` of its 4 days."""
    return {"day": on("2026-03-04"), "grain": "month", "days_with_data": measured, "days_so_far": 4} | figures


def report(run: Run, profit: list[Row], growth: list[Row], engagement: list[Row]) -> dict[str, Row]:
    rows = run(
        investor_report(
            table("aggregate_profit", profit),
            table("aggregate_growth", growth),
            table("aggregate_engagement", engagement),
            Days.parse("2026-03-04"),
        )
    )
    return {row["grain"]: row for row in rows}


def test_the_three_parts_are_told_side_by_side(run: Run) -> None:
    found = report(run, [month(4, PROFIT)], [month(4, GROWTH)], [month(4, ENGAGEMENT)])["month"]
    assert (1000, 250, 0.25, 4, 0.5, 0.1, 7, 1.5, 62.5, 1.0) == of(found, *FIGURES)
    assert (on("2026-03-01"), on("2026-04-01"), False) == of(found, "period_start", "period_end", "is_complete")


@pytest.mark.parametrize("days", [(1, 4, 4), (4, 1, 4), (4, 4, 1)])
def test_coverage_is_that_of_the_worst_part(run: Run, days: tuple[int, int, int]) -> None:
    parts = zip(days, (PROFIT, GROWTH, ENGAGEMENT), strict=True)
    profit, growth, engagement = ([month(measured, figures)] for measured, figures in parts)
    assert 0.25 == report(run, profit, growth, engagement)["month"]["coverage"]


def test_a_part_without_data_is_empty_and_not_zero(run: Run) -> None:
    found = report(run, [month(4, PROFIT)], [month(0, GROWTH)], [])["month"]
    assert (1000, 250, 0.25, None, None, None, None, None, None, 0.0) == of(found, *FIGURES)


def test_every_grain_is_reported_even_without_any_part(run: Run) -> None:
    found = report(run, [], [], [])
    assert ["day", "month", "week"] == sorted(found)
    assert {(*[None] * 9, 0.0)} == {of(row, *FIGURES) for row in found.values()}


def test_profit_over_no_accounts_is_empty(run: Run) -> None:
    found = report(run, [month(4, PROFIT)], [month(4, GROWTH | {"closing_accounts": 0})], [])["month"]
    assert (0, None) == of(found, "closing_accounts", "profit_per_account_cents")
