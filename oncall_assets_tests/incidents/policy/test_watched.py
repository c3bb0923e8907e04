"""A watch judges several days as one: it repeats what is known of a day, and says nothing of the day alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.partitions import is_range, mends, tells_of
from oncall_assets.incidents.signals.kinds import CheckFailed, CheckPassed
from oncall_assets_tests.incidents.policy.observed import (
    decided,
    failed,
    left_open,
    open_keys,
    passed,
    reasons,
    run_failed,
    step,
)

WEEK, DAY = "2026-01-01…2026-01-07", "2026-01-03"
CHECK = "orders:complete"


def week_failed(number: int, partition: str = WEEK) -> CheckFailed:
    return replace(failed(number, partition=partition), watched=True)


def week_passed(number: int, partition: str = WEEK) -> CheckPassed:
    return replace(passed(number, partition=partition), watched=True)


def test_a_week_that_fails_for_a_day_that_is_known_opens_no_second_incident() -> None:
    decisions = decided(failed(1, partition=DAY), week_failed(2))
    assert [Reason.OPENED, Reason.REPEATED] == reasons(decisions)
    assert {(CHECK, DAY), (CHECK, WEEK)} == open_keys(decisions)


def test_a_day_that_fails_in_a_week_that_is_known_opens_no_second_incident() -> None:
    assert [Reason.OPENED, Reason.REPEATED] == reasons(decided(week_failed(1), failed(2, partition="2026-01-09")))


def test_a_week_that_is_fine_as_a_whole_leaves_the_day_that_is_not() -> None:
    decisions = decided(failed(1, partition=DAY), week_passed(2))
    assert Reason.NOTHING_OPEN is decisions[-1].reason
    assert {(CHECK, DAY)} == open_keys(decisions)


def test_an_incident_of_a_day_and_its_week_is_over_when_both_are() -> None:
    opened = [failed(1, partition=DAY), week_failed(2)]
    for ends in ([passed(3, partition=DAY), week_passed(4)], [week_passed(3), passed(4, partition=DAY)]):
        decisions = decided(*opened, *ends)
        assert [Reason.CLEARED, Reason.RESOLVED] == reasons(decisions)[2:]
        assert [] == left_open(decisions)


def test_a_week_is_not_over_for_one_day_of_it_nor_for_the_next_week() -> None:
    decisions = decided(week_failed(1), passed(2, partition=DAY), week_passed(3, "2026-01-08…2026-01-14"))
    assert {(CHECK, WEEK)} == open_keys(decisions)


def test_a_week_is_over_when_more_than_it_passes_or_is_computed_again() -> None:
    assert set() == open_keys(decided(week_failed(1), week_passed(2, "2025-12-30…2026-01-07")))
    assert set() == open_keys(decided(week_failed(1), passed(2, partition=WEEK)))


def test_a_watch_of_one_day_answers_for_it() -> None:
    assert [Reason.OPENED, Reason.RESOLVED] == reasons(decided(failed(1, partition=DAY), week_passed(2, DAY)))


def test_a_watch_that_could_not_judge_is_one_fault_and_over_when_it_could() -> None:
    broken = replace(run_failed(1, step(CHECK), partition=WEEK), watched=True)
    assert {(CHECK, WEEK)} == open_keys(decided(broken))
    assert [Reason.OPENED, Reason.RESOLVED] == reasons(decided(broken, week_passed(2)))


@pytest.mark.parametrize("fault", [None, "eu", "2020-01-01…2026-12-31", DAY])
def test_only_of_a_day_a_range_says_nothing(fault: str | None) -> None:
    assert (fault != DAY) == tells_of(WEEK, fault)


_DAYS = st.integers(0, 9).map(lambda number: str(date(2026, 1, 1) + timedelta(days=number)))
_RANGES = st.lists(_DAYS, min_size=2, max_size=2, unique=True).map(lambda days: "…".join(sorted(days)))
_PARTITIONS = st.one_of(st.none(), st.just("eu"), _DAYS, _RANGES)


@settings(max_examples=150)
@given(_PARTITIONS, _PARTITIONS)
def test_a_range_tells_of_all_that_it_mends_but_a_single_day(success: str | None, fault: str | None) -> None:
    single = fault not in (None, "eu") and not is_range(fault)
    assert (not (is_range(success) and single)) == tells_of(success, fault)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.booleans(), _PARTITIONS), min_size=1, max_size=6), _PARTITIONS)
def test_a_watch_clears_what_it_covers_and_tells_of_and_nothing_else(
    failures: list[tuple[bool, str | None]], success: str | None
) -> None:
    before = [
        replace(failed(number, partition=part), watched=watched) for number, (watched, part) in enumerate(failures)
    ]
    after = replace(passed(len(before), partition=success), watched=True)
    known = open_keys(decided(*before))
    assert 1 == len(left_open(decided(*before)))
    left = {(target, part) for target, part in known if not (mends(success, part) and tells_of(success, part))}
    assert left == open_keys(decided(*before, after))
