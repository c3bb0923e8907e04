"""What may go out, what it says of itself, and in which order it names what holds it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.metrics.days import Days
from oncall_assets.reports.gate import Judgement
from oncall_assets_tests.reports.gate.gated import DAY, MONTH, WEEK, Gated, gated


@pytest.mark.parametrize("days", [DAY, WEEK, MONTH], ids=["day", "week", "month"])
def test_a_period_that_is_there_judged_and_final_may_go_out(
    instance: dg.DagsterInstance, tmp_path: Path, days: Days
) -> None:
    with gated(instance, tmp_path, days) as made:
        made.compute_all()
        published = made.now
        made.compute("reporting/totals")
        made.say("published")
        assert Judgement((), 1.0, published, None, ()) == made.judge()


def test_of_nothing_everything_is_missing_and_no_check_is_asked_for(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, WEEK) as made:
        judged = made.judge()
    assert ["missing"] * 4 == [hold.kind for hold in judged.holds if hold.kind == "missing"]
    assert 0.0 == judged.coverage
    assert judged.computed_at is None


def test_its_figures_are_as_old_as_the_oldest_day_of_what_is_read(week: Gated) -> None:
    before = week.judge().computed_at
    week.compute("reporting/totals", Days(WEEK.first, WEEK.last - timedelta(days=1)))
    assert before is not None
    # The last day is of that minute still, and the next thing said of the others is later.
    assert before + timedelta(seconds=1) > (week.judge().computed_at or week.now)
    week.compute("reporting/totals", Days.one(WEEK.last))
    assert before + timedelta(minutes=1) < (week.judge().computed_at or before)


def test_holds_are_named_in_one_order(week: Gated) -> None:
    week.report["coverage"] = 1.0
    week.now = WEEK.end + timedelta(hours=6)
    week.say("published", passed=False)
    week.compute("orders", WEEK)
    assert ["check", "stale", "late events"] == list(dict.fromkeys(kind for kind, _ in week.held()))
