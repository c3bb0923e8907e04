"""Until when late events hold an edition, and what is said where it does not wait for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import dagster as dg

from oncall_assets.metrics.days import Days
from oncall_assets.reports.gate import Hold
from oncall_assets_tests.reports.gate.gated import DAY, WEEK, gated, instant

HOUR = timedelta(hours=1)


def test_an_edition_waits_until_its_last_day_is_closed_and_says_until_when(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, WEEK) as made:
        made.now = instant("2026-10-12") + 6 * HOUR
        made.compute_all()
        judged = made.judge()
        assert (
            Hold(
                "late events",
                "Late events of 2026-10-10…2026-10-11 are admitted to profit until 2026-10-14 00:00 UTC; after "
                "that it has to be computed once more.",
                instant("2026-10-14"),
            )
            == judged.holds[0]
        )
        assert judged.provisional is None


def test_a_day_is_open_up_to_the_instant_it_closes(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    closes = instant("2026-10-09")
    with gated(instance, tmp_path, DAY) as made:
        made.now = instant("2026-10-07")
        made.compute_all()
        made.now = closes - timedelta(microseconds=1)
        (hold,) = made.judge().holds
        assert closes == hold.until
        made.now = closes
        (hold,) = made.judge().holds
        assert hold.until is None


def test_what_is_closed_must_be_computed_again_at_or_after_that(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    closes = instant("2026-10-09")
    with gated(instance, tmp_path, DAY) as made:
        made.now = closes - timedelta(minutes=2)
        # The profit of the day is computed a minute later than its orders.
        made.compute_all()
        assert [
            (
                "late events",
                "profit of 2026-10-06 was not computed again since no more late events are admitted to it. "
                "Materialise it for 2026-10-06, with what is downstream.",
            )
        ] == made.held()
        made.now = closes
        made.compute_all()
        assert [] == made.held()


def test_at_the_very_instant_it_closes_it_is_final(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    with gated(instance, tmp_path, DAY) as made:
        made.now = instant("2026-10-09") - timedelta(minutes=1)
        made.compute_all()
        assert [] == made.held()


def test_a_night_that_was_left_out_in_the_middle_is_named(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    with gated(instance, tmp_path, WEEK) as made:
        made.now = instant("2026-10-07")
        made.compute_all(Days.parse("2026-10-06"))
        made.now = WEEK.end + timedelta(days=3)
        for table in ("orders", "profit", "totals", "reporting/totals"):
            for days in (Days.parse("2026-10-05"), Days.parse("2026-10-07", "2026-10-13")):
                made.compute(table, days)
        texts = [text for kind, text in made.held() if kind == "late events"]
    assert [True] == ["profit of 2026-10-06 was not computed again" in text for text in texts]


def test_the_days_that_bring_the_last_late_events_must_be_there(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, WEEK) as made:
        made.compute("orders", Days(WEEK.first, WEEK.last + timedelta(days=1)))
        for table in ("profit", "totals", "reporting/totals"):
            made.compute(table)
        for _, _, check in made.handbook.checks():
            made.say(check.name)
        assert [
            (
                "late events",
                "orders of 2026-10-13, with late events for profit, is not there. Materialise it, and then "
                "profit and what is downstream for the last days of the period.",
            )
        ] == made.held()
        made.report["late_events"] = "told"
        expected = "The last late events of the period have not come in yet; profit figures may still change."
        assert expected == made.judge().provisional
        # After the last day of the sources no day is waited for.
        sources = made.handbook.sources.model_copy(update={"last_day": date(2026, 10, 12)})
        made.handbook = replace(made.handbook, sources=sources)
        assert ((), None) == (made.judge().holds, made.judge().provisional)


def test_an_edition_that_does_not_wait_says_what_may_change(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    with gated(instance, tmp_path, WEEK, late_events="told") as made:
        made.now = instant("2026-10-12") + 6 * HOUR
        made.compute_all()
        # The night for 9 October came, after it had closed, and 10 and 11 are open.
        made.compute("profit", Days.parse("2026-10-05", "2026-10-09"))
        for table in ("totals", "reporting/totals"):
            made.compute(table)
        for check in ("priced", "published"):
            made.say(check)
        judged = made.judge()
    assert () == judged.holds
    expected = (
        "Events of 10 and 11 October are admitted until 14 October 00:00 UTC; profit figures may still change."
    )
    assert expected == judged.provisional


def test_an_edition_that_does_not_wait_tells_of_late_events_that_are_not_counted(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, WEEK, late_events="told") as made:
        made.now = WEEK.end
        made.compute_all()
        made.now = WEEK.end + timedelta(days=2)
        judged = made.judge()
    assert () == judged.holds
    expected = "Late events of 10 and 11 October are not counted yet; profit figures may still change."
    assert expected == judged.provisional
