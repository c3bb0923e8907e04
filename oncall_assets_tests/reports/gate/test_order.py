"""Which edition is held because something below its figures was computed again after them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.metrics.days import Days
from oncall_assets_tests.reports.gate.gated import DAY, WEEK, Gated, gated, instant

TUESDAY, SUNDAY = Days.parse("2026-10-06"), Days.parse("2026-10-11")


def again(made: Gated, *tables: str, days: Days) -> None:
    """The tables are computed again for the days, and judged."""
    for table in tables:
        made.compute(table, days)
    for _, _, check in made.handbook.checks():
        if check.asset in tables:
            made.say(check.name, days)


def test_a_day_computed_again_holds_until_all_above_it_is_computed_again_too(week: Gated) -> None:
    again(week, "totals", days=TUESDAY)
    assert [
        (
            "stale",
            "totals of 2026-10-06 was computed again after reporting/totals of 2026-10-06, which is computed from "
            "it. Materialise reporting/totals for 2026-10-06, with what is downstream.",
        )
    ] == week.held()
    again(week, "reporting/totals", days=TUESDAY)
    assert [] == week.held()


def test_a_sum_up_to_the_last_day_is_held_by_every_day_it_sums(week: Gated) -> None:
    again(week, "profit", "totals", "reporting/totals", days=TUESDAY)
    ((kind, text),) = week.held()
    assert "stale" == kind
    assert "profit of 2026-10-06 was computed again after totals of 2026-10-11, " in text
    again(week, "totals", "reporting/totals", days=SUNDAY)
    assert [] == week.held()


def test_a_sum_up_to_another_day_is_not_what_is_told(week: Gated) -> None:
    again(week, "profit", "totals", "reporting/totals", days=TUESDAY)
    again(week, "totals", "reporting/totals", days=SUNDAY)
    # The totals of 7 to 10 October were not computed again.
    assert [] == week.held()


def test_all_days_below_the_sum_must_be_newer_than_what_they_are_computed_from(week: Gated) -> None:
    again(week, "orders", days=Days.parse("2026-10-08"))
    ((kind, text),) = week.held()
    assert "stale" == kind
    # A day of profit reads the orders from the day before it to two days after.
    assert "orders of 2026-10-08 was computed again after profit of 2026-10-06…2026-10-09, " in text


def test_orders_behind_the_period_are_part_of_its_last_days(week: Gated) -> None:
    again(week, "orders", days=Days.parse("2026-10-13"))
    ((_, text),) = week.held()
    assert "orders of 2026-10-13 was computed again after profit of 2026-10-11, " in text


def test_what_was_computed_in_another_period_holds_nothing(week: Gated) -> None:
    for table in ("orders", "profit", "totals"):
        again(week, table, days=Days.parse("2026-09-29", "2026-10-03"))
    assert [] == week.held()


def test_of_a_day_only_the_day_counts(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    with gated(instance, tmp_path, DAY) as made:
        made.compute_all(Days.parse("2026-10-01", "2026-10-06"))
        again(made, "profit", days=Days.parse("2026-10-03"))
        assert [] == made.held()
        again(made, "profit", days=DAY)
        assert ["stale"] == [kind for kind, _ in made.held()]


@pytest.mark.parametrize("late_events", ["wait", "told"])
def test_days_that_are_computed_again_every_night_are_not_out_of_order(
    instance: dg.DagsterInstance, tmp_path: Path, late_events: str
) -> None:
    with gated(instance, tmp_path, WEEK, late_events=late_events) as made:
        made.now = instant("2026-10-12") + timedelta(hours=6)
        made.compute_all()
        # As by the job that computes the two days before again when the night is over.
        saturday = Days.parse("2026-10-09", "2026-10-10")
        again(made, "profit", "totals", "reporting/totals", days=saturday)
        assert "stale" not in {kind for kind, _ in made.held()}
        # What is above must be of the same night.
        again(made, "profit", days=saturday)
        assert "stale" in {kind for kind, _ in made.held()}
