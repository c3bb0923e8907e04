"""What holds of decisions whatever is observed, in whatever order, cut wherever it may be."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.incidents.policy.decide import Decision, FaultKey, OpenIncident, Reason, decide
from oncall_assets.incidents.signals.kinds import CheckFailed, CheckPassed, RunFailed, Signal, Trouble, TroubleOver
from oncall_assets_tests.incidents.policy.observed import (
    decided,
    failed,
    late,
    left_open,
    no_longer_late,
    open_keys,
    passed,
    run_failed,
    run_succeeded,
    step,
    upstream,
)

ASSETS = ["raw", "orders", "profit", "report", "rates"]
_DAY = "2026-01-0"
_PARTITIONS = st.sampled_from([None, "eu", f"{_DAY}1", f"{_DAY}2", f"{_DAY}1…{_DAY}3", "2020-01-01…2026-12-31"])
_FAILURES = (Reason.OPENED, Reason.REPEATED, Reason.CAUSED)

Made = Callable[[int], Signal]


@st.composite
def _made(draw: st.DrawFn) -> Made:
    """A signal but for its number; a run's failure may be caused by any of the twenty first signals."""
    partition = draw(_PARTITIONS)
    asset, other = draw(st.sampled_from(ASSETS)), draw(st.sampled_from(ASSETS))
    check = draw(st.sampled_from(["complete", "unique"]))
    causes = [f"s{number}" for number in draw(st.lists(st.integers(0, 20), max_size=2))]
    steps = [step(asset, *causes), step(f"{other}:{check}"), step("job:nightly")]
    some = draw(st.lists(st.sampled_from(steps), min_size=1, max_size=3, unique=True))
    covers = draw(st.lists(st.sampled_from([*ASSETS, "orders:complete", "job:nightly"]), max_size=4))
    makers: list[Made] = [
        lambda number: failed(number, asset, partition, check),
        lambda number: passed(number, asset, partition, check),
        lambda number: run_failed(number, *some, partition=partition),
        lambda number: run_succeeded(number, *covers, partition=partition),
        lambda number: late(number, asset, partition),
        lambda number: no_longer_late(number, asset, partition),
    ]
    return draw(st.sampled_from(makers))


@st.composite
def _histories(draw: st.DrawFn) -> list[Signal]:
    """Signals in the order read, which need not be that in which they happened."""
    makers = draw(st.lists(_made(), max_size=25))
    numbers = draw(st.permutations(range(len(makers))))
    return [make(number) for make, number in zip(makers, numbers, strict=True)]


@given(_histories())
def test_every_failure_ends_among_the_faults_of_one_incident_or_is_a_consequence_of_some(
    signals: list[Signal],
) -> None:
    for count, decision in enumerate(decided(*signals), start=1):
        if not isinstance(decision.signal, CheckFailed | RunFailed | Trouble):
            assert decision.reason not in _FAILURES
        elif decision.failed:
            (incident,) = decision.incidents
            here = next(one for one in left_open(decided(*signals[:count])) if one.opened_by == incident)
            assert set(decision.failed) <= set(here.faults.values())
        else:
            assert (Reason.CAUSED, True) == (decision.reason, bool(decision.incidents))


@given(_histories())
def test_after_everything_passed_nothing_is_open(signals: list[Signal]) -> None:
    checks = [passed(100, asset, None, check) for asset in ASSETS for check in ("complete", "unique")]
    over = [no_longer_late(100, asset) for asset in ASSETS]
    assert [] == left_open(decided(*signals, *checks, *over, run_succeeded(100, *ASSETS, "job:nightly")))


@given(_histories())
def test_nothing_is_cleared_by_what_happened_before_it_failed_last(signals: list[Signal]) -> None:
    last: dict[tuple[str, FaultKey], datetime] = {}
    for decision in decided(*signals):
        for fault in decision.failed:
            here = (decision.incidents[0], fault.key)
            last[here] = max(last.get(here, decision.signal.at), decision.signal.at)
        assert all(last.pop(one) <= decision.signal.at for one in decision.cleared)


@given(_histories(), st.integers(0, 25))
def test_decisions_are_the_same_however_signals_are_cut_into_ticks(signals: list[Signal], cut: int) -> None:
    first = decided(*signals[:cut])
    causes = {one.signal.id: one.incidents[0] for one in first if one.reason in _FAILURES}
    assert decided(*signals) == first + decide(signals[cut:], left_open(first), causes, upstream)


@given(_histories(), st.randoms(use_true_random=False))
def test_the_order_of_signals_about_different_targets_does_not_change_what_is_open(
    signals: list[Signal], dice: random.Random
) -> None:
    queues: dict[str, list[Signal]] = {}
    for one in signals:
        # A run may be about several targets at once.
        if isinstance(one, CheckFailed | CheckPassed):
            queues.setdefault(f"{one.asset}:{one.check}", []).append(one)
        elif isinstance(one, Trouble | TroubleOver):
            queues.setdefault(one.target, []).append(one)
    order = [target for target, queue in queues.items() for _ in queue]
    one_by_one = [one for queue in queues.values() for one in queue]
    dice.shuffle(order)
    assert open_keys(decided(*one_by_one)) == open_keys(decided(*(queues[target].pop(0) for target in order)))


@given(st.integers(1, 12), st.integers(1, 6), st.randoms(use_true_random=False))
def test_all_that_fails_below_one_failing_root_is_one_incident(
    checks: int, days: int, dice: random.Random
) -> None:
    partitions = [f"{_DAY}{day + 1}" for day in range(days)]
    roots = [failed(number, "raw", partition) for number, partition in enumerate(partitions)]
    below = [
        failed(100 + 10 * number + day, dice.choice(ASSETS[1:4]), partition, f"check_{number}")
        for number in range(checks)
        for day, partition in enumerate(partitions)
    ]
    dice.shuffle(below)
    decisions = decided(*roots, *below)
    assert {("s0",)} == {decision.incidents for decision in decisions}
    assert [Reason.OPENED] == [one.reason for one in decisions if one.reason is Reason.OPENED]


# Ten assets in a line, five checks each, 200 days: the flood of a backfill over a broken root.
LINE = [f"asset_{number}" for number in range(10)]
DAYS = [str(date(2026, 1, 1) + timedelta(days=number)) for number in range(200)]


def _line_above(asset: str) -> frozenset[str]:
    return frozenset(LINE[: LINE.index(asset)])


def _flood(order: str) -> list[Signal]:
    line = LINE if order != "leaves first" else LINE[::-1]
    if order == "days first":
        cells = [(asset, day) for day in DAYS for asset in line]
    else:
        cells = [(asset, day) for asset in line for day in DAYS]
    return [
        failed(5 * number + check, asset, day, f"check_{check}", run_id="backfill")
        for number, (asset, day) in enumerate(cells)
        for check in range(5)
    ]


@pytest.mark.parametrize(("order", "expected"), [("days first", 1), ("roots first", 1), ("leaves first", 10)])
def test_ten_thousand_failures_of_one_lineage_are_a_handful_of_incidents(order: str, expected: int) -> None:
    decisions = decide(_flood(order), [], {}, _line_above)
    assert (10_000, expected) == (len(decisions), sum(one.reason is Reason.OPENED for one in decisions))
    assert 10_000 == sum(len(one.faults) for one in left_open(decisions))


def _effort(signals: Sequence[Signal], known: Sequence[OpenIncident] = ()) -> tuple[int, list[Decision]]:
    """How many lines run to decide, which unlike time is the same on every machine."""
    lines = 0

    def count(*_: Any) -> Any:
        nonlocal lines
        lines += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        decisions = decide(signals, known, {}, _line_above)
    finally:
        sys.settrace(before)
    return lines, decisions


def _some(count: int) -> list[CheckFailed]:
    return [failed(number, LINE[number % 10], f"p{number // 10}") for number in range(count)]


def _apart(count: int) -> list[CheckFailed]:
    return [failed(number, LINE[0], f"p{number}", f"check_{number}") for number in range(count)]


@pytest.mark.parametrize("make", [_some, _apart])
def test_the_effort_grows_with_the_number_of_signals_and_not_with_its_square(
    make: Callable[[int], list[CheckFailed]],
) -> None:
    effort, opened = _effort(make(200))
    twice, more = _effort(make(400))
    assert twice <= 2.2 * effort
    again, _ = _effort(make(200), left_open(opened))
    assert _effort(make(200), left_open(more))[0] <= 2.2 * again
    passes = [passed(1000 + number, one.asset, one.partition, one.check) for number, one in enumerate(make(200))]
    alone, _ = _effort(passes, left_open(opened))
    assert _effort(passes, left_open(more))[0] <= 2.2 * alone


@settings(max_examples=30)
@given(_histories())
def test_a_decision_names_the_incidents_that_it_changes_and_no_others(signals: list[Signal]) -> None:
    for decision in decided(*signals):
        cleared = {incident for incident, _ in decision.cleared}
        assert set(decision.resolved) <= cleared <= set(decision.incidents)
        assert bool(decision.resolved) == (decision.reason is Reason.RESOLVED)
        assert bool(decision.cleared) == (decision.reason in (Reason.RESOLVED, Reason.CLEARED))
