"""Which missing days hold an edition, and which are only told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import dagster as dg

from oncall_assets.metrics.days import Days
from oncall_assets_tests.reports.gate.gated import MONTH, TABLES, WEEK, Gated, gated


def wiped(made: Gated, table: str, *days: str) -> None:
    """All was computed, and of one table some days are not there."""
    missing = {Days.parse(one).first for one in days}
    for name in TABLES:
        every = made.days.widen(after=2) if name == "orders" else made.days
        for one in every.each:
            if name != table or one not in missing:
                made.compute(name, Days.one(one))
    for _, _, check in made.handbook.checks():
        made.say(check.name)


def test_a_table_with_too_few_days_is_named_with_those_it_lacks(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, WEEK) as made:
        wiped(made, "profit", "2026-10-06", "2026-10-07", "2026-10-10")
        assert [
            (
                "missing",
                "profit has 57.1 % of the period's days, of which 99 % are needed; missing: "
                "2026-10-06…2026-10-07, 2026-10-10. Materialise it for these, with what is downstream.",
            )
        ] == made.held()
        assert 4 / 7 == made.judge().coverage
        assert () == made.judge().caveats


def test_one_day_of_a_month_is_too_many_for_99_percent_and_is_told_of_where_less_is_enough(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, MONTH) as made:
        wiped(made, "orders", "2026-10-06")
        ((kind, text),) = made.held()
        assert ("missing", "orders has 96.7 % of") == (kind, text[:20])
        made.report["coverage"] = 30 / 31
        judged = made.judge()
    assert () == judged.holds
    assert 30 / 31 == judged.coverage
    assert ("No data of 6 October in orders: 96.7 % of the period's days are there.",) == judged.caveats


def test_the_last_day_of_what_is_read_must_be_there_however_little_is_enough(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, WEEK, coverage=0.5) as made:
        wiped(made, "reporting/totals", "2026-10-11")
        assert [
            (
                "missing",
                "reporting/totals has not the last day of the period, 2026-10-11, of which the figures are read. "
                "Materialise it for that day.",
            )
        ] == made.held()


def test_the_last_day_of_what_is_not_read_may_be_missing_where_that_is_allowed(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, WEEK, coverage=0.5) as made:
        wiped(made, "totals", "2026-10-11")
        assert [] == made.held()


def test_a_day_that_is_enough_by_a_hair_is_enough(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    with gated(instance, tmp_path, WEEK, coverage=6 / 7) as made:
        wiped(made, "profit", "2026-10-06")
        assert [] == made.held()
        made.report["coverage"] = 0.858
        ((_, text),) = made.held()
    # Rounded down, or it would read as enough.
    assert "85.7 % of the period's days, of which 85.8 % are needed" in text


def test_days_of_other_periods_do_not_stand_for_those_of_this_one(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, WEEK) as made:
        made.compute_all(Days(WEEK.first - timedelta(days=7), WEEK.first - timedelta(days=1)))
        made.compute_all(Days(WEEK.last + timedelta(days=1), WEEK.last + timedelta(days=7)))
        judged = made.judge()
    assert 0.0 == judged.coverage
    # Of the orders two more days were landed behind those of the week before, and not judged.
    assert ["missing"] * 4 + ["check"] == [hold.kind for hold in judged.holds]
    assert "Checks landed and once of orders did not judge 2026-10-05…2026-10-06" in judged.holds[-1].text
    assert judged.computed_at is None
