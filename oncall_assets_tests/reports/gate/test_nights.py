"""Nights as the schedules make them hold nothing: each day computed when it is over, and twice more after that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.metrics.days import Days
from oncall_assets_tests.reports.gate.gated import MONTH, WEEK, Gated, gated

LATE = ("profit", "totals", "reporting/totals")
HOUR = timedelta(hours=1)


def night(made: Gated, day: Days) -> None:
    """The night after the day: all of it, and an hour later the two days before again."""
    made.now = day.end + 6 * HOUR
    run(made, ("orders", *LATE), day)
    made.now = day.end + 7 * HOUR
    run(made, LATE, Days(day.first - timedelta(days=2), day.first - timedelta(days=1)))


def run(made: Gated, tables: tuple[str, ...], days: Days) -> None:
    for table in tables:
        made.compute(table, days)
        for _, _, check in made.handbook.checks():
            if check.asset == table and check.blocking:
                made.say(check.name, days)


@pytest.fixture(params=[WEEK, MONTH], ids=["week", "month"])
def over(request: pytest.FixtureRequest, instance: dg.DagsterInstance, tmp_path: Path) -> Iterator[Gated]:
    """The nights from before the period to the one after its last day."""
    days: Days = request.param
    with gated(instance, tmp_path, days) as made:
        for day in days.widen(before=3).each:
            night(made, Days.one(day))
        yield made


def test_what_does_not_wait_goes_out_on_the_morning_after(over: Gated) -> None:
    over.report["late_events"] = "told"
    over.now = over.days.end + 12 * HOUR
    judged = over.judge()
    assert () == judged.holds
    closes = f"{(over.days.end + timedelta(days=2)):%-d %B} 00:00 UTC"
    expected = f"are admitted until {closes}; profit figures may still change."
    assert expected == (judged.provisional or "")[-len(expected) :]


def test_what_waits_goes_out_after_the_night_that_brings_the_last_late_events(over: Gated) -> None:
    held = []
    for after in (1, 2):
        held.append([kind for kind, _ in over.held()])
        night(over, Days.one(over.days.last + timedelta(days=after)))
    assert [["late events"]] * 2 == held
    assert ((), None) == (over.judge().holds, over.judge().provisional)


def test_a_correction_in_the_middle_holds_until_the_last_day_is_computed_again(over: Gated) -> None:
    for after in (1, 2):
        night(over, Days.one(over.days.last + timedelta(days=after)))
    corrected = Days.one(over.days.first + timedelta(days=3))
    run(over, LATE, corrected)
    assert ["stale"] == [kind for kind, _ in over.held()]
    run(over, ("totals", "reporting/totals"), Days(corrected.first, over.days.last))
    assert [] == over.held()
