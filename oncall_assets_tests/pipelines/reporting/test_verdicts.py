"""When a blocking check holds back a day: by its last word on that day, whichever run spoke it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from oncall_assets.handbook import labels
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.reporting.verdicts import Word, refusals, words

CHECK = dg.AssetCheckKey(dg.AssetKey(["aggregate_profit"]), "adds_up")
OTHER = dg.AssetCheckKey(dg.AssetKey(["aggregate_profit"]), "complete")
DAYS = Days.parse("2026-01-01", "2026-01-03")
NIGHT = datetime(2026, 1, 4, 6, tzinfo=UTC)


@pytest.fixture(params=["in memory", "on disk"])
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    # On disk Dagster keeps the events of each run in a file of its own.
    made = dg.DagsterInstance.ephemeral() if request.param == "in memory" else _on_disk(tmp_path)
    with made as opened:
        yield opened


def _on_disk(folder: Path) -> dg.DagsterInstance:
    return dg.DagsterInstance.local_temp(str(folder))


def evaluated(
    instance: dg.DagsterInstance,
    days: str | None,
    passed: bool,
    check: dg.AssetCheckKey = CHECK,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
    watch: str | None = None,
) -> None:
    metadata = {labels.PARTITION: days} if days else {}
    metadata |= {labels.WATCH: watch} if watch else {}
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=check.asset_key, check_name=check.name, passed=passed, metadata=metadata, severity=severity,
            description="5 cents too many", blocking=True,
        )
    )  # fmt: skip


def refused(instance: dg.DagsterInstance, days: Days = DAYS) -> list[str]:
    return [str(refusal.day) for refusal in refusals(instance, [CHECK], days)]


def test_a_check_that_never_spoke_refuses_nothing(instance: dg.DagsterInstance) -> None:
    evaluated(instance, str(DAYS), False, OTHER)
    assert [] == refused(instance)


def test_a_failure_refuses_its_day_and_no_other(instance: dg.DagsterInstance) -> None:
    evaluated(instance, "2026-01-02", False)
    assert ["2026-01-02"] == refused(instance)
    assert [] == refused(instance, Days.parse("2026-01-01"))
    (refusal,) = refusals(instance, [OTHER, CHECK], DAYS)
    # What was found may be a figure, and a failure is read by many.
    assert "adds_up of aggregate_profit failed on 2026-01-02" == str(refusal)


def test_a_later_pass_clears_the_days_it_is_about(instance: dg.DagsterInstance) -> None:
    evaluated(instance, "2026-01-01…2026-01-03", False)
    assert DAYS.keys == refused(instance)
    evaluated(instance, "2026-01-02", True)
    assert ["2026-01-01", "2026-01-03"] == refused(instance)
    evaluated(instance, "2025-12-01…2026-01-01", True)
    evaluated(instance, "2026-01-03…2026-02-01", True)
    assert [] == refused(instance)


def test_a_later_failure_refuses_what_had_passed(instance: dg.DagsterInstance) -> None:
    evaluated(instance, "2026-01-01…2026-01-03", True)
    evaluated(instance, "2026-01-03", False)
    assert ["2026-01-03"] == refused(instance)


def test_a_warning_stops_nothing_and_takes_back_an_earlier_failure(instance: dg.DagsterInstance) -> None:
    evaluated(instance, "2026-01-02", False)
    evaluated(instance, "2026-01-02", False, severity=dg.AssetCheckSeverity.WARN)
    assert [] == refused(instance)


@pytest.mark.parametrize("days", [None, "quarters ahead", "2026-01-01…2026-01-02…2026-01-03"])
def test_a_verdict_that_names_no_days_is_about_all_of_them(instance: dg.DagsterInstance, days: str | None) -> None:
    evaluated(instance, days, False)
    assert DAYS.keys == refused(instance)
    evaluated(instance, days, True)
    assert [] == refused(instance)


def test_a_failure_is_found_behind_hundreds_of_other_days(instance: dg.DagsterInstance) -> None:
    evaluated(instance, "2026-01-02", False)
    for _ in range(120):
        evaluated(instance, "2026-06-01", True)
    assert ["2026-01-02"] == refused(instance)


def test_a_watch_over_several_days_neither_refuses_nor_clears_one_of_them(instance: dg.DagsterInstance) -> None:
    evaluated(instance, "2026-01-02", False)
    evaluated(instance, str(DAYS), True, watch="profit.weekly")
    assert ["2026-01-02"] == refused(instance)
    evaluated(instance, "2026-01-02", True, watch="profit.daily")
    assert [] == refused(instance)
    evaluated(instance, str(DAYS), False, watch="profit.weekly")
    assert [] == refused(instance)


def test_what_a_check_said_is_told_each_word_once_and_the_latest_first(instance: dg.DagsterInstance) -> None:
    for number in range(12):
        with freeze_time(NIGHT + timedelta(minutes=number)):
            evaluated(instance, "2026-01-02", number % 2 == 0)
        evaluated(instance, "2026-01-02", False, OTHER)
    expected = [NIGHT + timedelta(minutes=number) for number in reversed(range(12))]
    assert expected == [word.at for word in words(instance, CHECK, expected=2)]
    assert [True, False] * 6 == [word.refuses for word in words(instance, CHECK)]


def test_a_word_says_of_which_days_it_speaks_and_when_it_was_spoken(instance: dg.DagsterInstance) -> None:
    with freeze_time(NIGHT):
        evaluated(instance, "2026-01-02…2026-01-03", True)
    (word,) = words(instance, CHECK)
    assert Word(Days.parse("2026-01-02", "2026-01-03"), False, NIGHT, "") == word
    assert [False, True, True] == [word.speaks_of(day) for day in DAYS.each]
