"""Which checks hold an edition: those that failed last on a day, and those that never judged it as it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.metrics.days import Days
from oncall_assets_tests.reports.gate.gated import MONTH, WEEK, Gated, day, gated

TUESDAY = "2026-10-06"


def test_a_check_that_failed_names_its_days_and_what_to_do_and_no_figure(week: Gated) -> None:
    for failed in (TUESDAY, "2026-10-07", "2026-10-09"):
        week.say("priced", failed, passed=False)
    assert [
        (
            "check",
            "Check priced of profit failed on 2026-10-06…2026-10-07, 2026-10-09; its page in Dagster says what it "
            "found. What to do: runbook of profit, step 2.",
        )
    ] == week.held()


def test_one_day_that_failed_is_named_alone(week: Gated) -> None:
    week.say("once", TUESDAY, passed=False)
    ((_, text),) = week.held()
    expected = (
        "Check once of orders failed on 2026-10-06; its page in Dagster says what it found. What to do: runbook "
        "of profit, step 2."
    )
    assert expected == text


def test_a_failure_that_only_warns_holds_nothing(week: Gated) -> None:
    week.say("priced", TUESDAY, passed=False, severity=dg.AssetCheckSeverity.WARN)
    assert [] == week.held()


def test_a_check_that_does_not_block_holds_nothing(week: Gated) -> None:
    week.say("usual", TUESDAY, passed=False)
    assert [] == week.held()


def test_what_was_said_of_other_days_holds_nothing(week: Gated) -> None:
    week.say("priced", "2026-10-04", passed=False)
    week.say("priced", "2026-10-12…2026-10-14", passed=False)
    assert [] == week.held()


def test_a_later_pass_clears_the_days_it_is_about_and_no_others(month: Gated) -> None:
    month.say("priced", "2026-10-01…2026-10-06", passed=False)
    month.say("priced", "2026-10-02…2026-10-06")
    ((_, text),) = month.held()
    assert "failed on 2026-10-01; " in text
    month.say("priced", "2026-10-01")
    assert [] == month.held()


@pytest.mark.parametrize("about", ["", "quarters ahead"])
def test_a_verdict_that_names_no_days_is_about_all_of_them(week: Gated, about: str) -> None:
    week.say("priced", about, passed=False)
    ((_, text),) = week.held()
    assert f"failed on {WEEK}; " in text


def test_a_watch_of_several_days_fails_none_of_them_and_one_of_a_day_does(week: Gated) -> None:
    week.say("priced", str(WEEK), passed=False, watch="profit.weekly")
    assert [] == week.held()
    week.say("priced", TUESDAY, passed=False, watch="profit.daily")
    ((_, text),) = week.held()
    assert "failed on 2026-10-06; " in text


def test_a_watch_of_several_days_does_not_judge_one_of_them(week: Gated) -> None:
    week.compute("reporting/totals")
    week.say("published", str(WEEK), watch="profit.weekly")
    ((_, text),) = week.held()
    assert "Check published of reporting/totals did not judge 2026-10-05…2026-10-11 as it is now." in text
    week.say("published", str(WEEK))
    assert [] == week.held()


def test_what_was_never_judged_is_named_by_table_with_all_its_checks(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, WEEK) as made:
        made.compute("orders", WEEK.widen(after=2))
        for table in ("profit", "totals", "reporting/totals"):
            made.compute(table)
        made.say("priced")
        made.say("published", "2026-10-05…2026-10-09")
        made.say("published", "2026-10-11")
        assert [
            (
                "check",
                "Checks landed and once of orders did not judge 2026-10-05…2026-10-11 as it is now. Materialise "
                "orders for 2026-10-05…2026-10-11 together with its checks, and then what is downstream.",
            ),
            (
                "check",
                "Check published of reporting/totals did not judge 2026-10-10 as it is now. Materialise "
                "reporting/totals for 2026-10-10 together with its checks, and then what is downstream.",
            ),
        ] == made.held()


def test_what_was_said_before_the_day_was_computed_again_is_about_other_figures(week: Gated) -> None:
    week.compute("reporting/totals", Days.parse(TUESDAY))
    ((kind, text),) = week.held()
    assert "check" == kind
    assert "Check published of reporting/totals did not judge 2026-10-06 as it is now." in text
    week.say("published", TUESDAY)
    assert [] == week.held()


def test_a_failure_of_a_day_that_was_computed_again_is_told_as_the_failure_it_is(week: Gated) -> None:
    week.say("published", TUESDAY, passed=False)
    week.compute("reporting/totals", Days.parse(TUESDAY))
    ((_, text),) = week.held()
    assert "Check published of reporting/totals failed on 2026-10-06; " in text


def test_what_was_said_before_the_period_began_is_not_about_it(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, WEEK) as made:
        made.now = WEEK.start - timedelta(minutes=1)
        made.say("priced", "", passed=False)
        made.now = WEEK.end + timedelta(days=3)
        made.compute("orders", WEEK.widen(after=2))
        for table in ("profit", "totals", "reporting/totals"):
            made.compute(table)
        for check in ("landed", "once", "published"):
            made.say(check)
        ((_, text),) = made.held()
    assert "Check priced of profit did not judge 2026-10-05…2026-10-11 as it is now." in text


def test_days_that_are_not_there_are_missed_once_and_not_judged(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with gated(instance, tmp_path, MONTH) as made:
        made.compute_all(Days(day("2026-10-02"), MONTH.last))
        assert ["missing"] * 4 == [kind for kind, _ in made.held()]
        made.report["coverage"] = 0.9
        assert [] == made.held()


@pytest.mark.parametrize("days", [WEEK, MONTH], ids=["week", "month"])
def test_a_failure_is_found_behind_many_words_on_other_days(
    instance: dg.DagsterInstance, tmp_path: Path, days: Days
) -> None:
    with gated(instance, tmp_path, days) as made:
        made.compute_all()
        made.say("once", TUESDAY, passed=False)
        for _ in range(90):
            made.say("once", "2026-11-05")
        assert [True] == ["failed on 2026-10-06" in text for _, text in made.held()]


def test_of_what_has_no_days_the_last_word_counts_whatever_day_it_names(week: Gated) -> None:
    book = week.handbook
    (usual,) = [one for _, _, one in book.checks() if one.name == "usual"]
    front = book.runbooks["profit"].front
    front.checks.append(usual.model_copy(update={"name": "known", "asset": "rates", "blocking": True}))
    ((_, text),) = week.held()
    assert "Check known of rates did not judge 2026-10-05…2026-10-11 as it is now." in text
    week.now = WEEK.start - timedelta(days=30)
    week.say("known", "2026-09-01")
    week.now = WEEK.end + timedelta(days=4)
    assert [] == week.held()
    week.say("known", "", passed=False)
    ((_, text),) = week.held()
    assert "Check known of rates failed on 2026-10-05…2026-10-11; " in text
