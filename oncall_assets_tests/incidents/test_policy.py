"""What is decided about signals, without Dagster, a database or a clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from oncall_assets.incidents.kinds import (
    CheckFailed,
    CheckPassed,
    Evidence,
    FailedStep,
    RunFailed,
    RunSucceeded,
    Signal,
)
from oncall_assets.incidents.policy import Decision, OpenIncident, Reason, decide

START = datetime(2026, 1, 7, 2, tzinfo=UTC)


def _at(number: int) -> datetime:
    return START + timedelta(seconds=number)


def _failed(number: int, asset: str = "orders", partition: str | None = None) -> CheckFailed:
    return CheckFailed(
        id=f"s{number}", at=_at(number), run_id="r", partition=partition, asset=asset, check="complete",
        severity="error", evidence=Evidence("rows are missing"),
    )  # fmt: skip


def _passed(number: int, asset: str = "orders", partition: str | None = None) -> CheckPassed:
    return CheckPassed(
        id=f"s{number}", at=_at(number), run_id="r", partition=partition, asset=asset, check="complete"
    )


def _run_failed(number: int, *steps: FailedStep) -> RunFailed:
    return RunFailed(
        id=f"s{number}", at=_at(number), run_id="r", partition=None, job="nightly", steps=steps, skipped=()
    )


def _run_succeeded(number: int, *covers: str) -> RunSucceeded:
    covered = frozenset(covers)
    return RunSucceeded(id=f"s{number}", at=_at(number), run_id="r", partition=None, job="nightly", covers=covered)


def _step(target: str, *caused_by: str) -> FailedStep:
    return FailedStep((target,), (target,), "ValueError: EUR", caused_by)


def _reasons(decisions: list[Decision]) -> list[Reason]:
    return [decision.reason for decision in decisions]


def test_the_same_check_on_another_day_is_another_incident() -> None:
    decisions = decide([_failed(1, partition="a"), _failed(2, partition="b"), _failed(3, partition="a")], [], {})
    assert [Reason.OPENED, Reason.OPENED, Reason.REPEATED] == _reasons(decisions)


def test_a_run_stopped_by_a_check_told_at_an_earlier_tick_is_its_consequence() -> None:
    told = OpenIncident("s1", "check orders:complete", None, frozenset({"orders:complete"}), _at(1))
    decisions = decide([_run_failed(2, _step("orders", "s1"))], [told], {"s1": told})
    assert [Decision(decisions[0].signal, Reason.CAUSED, (told,))] == decisions


def test_a_run_stopped_by_a_check_stays_its_consequence_after_the_check_passed() -> None:
    decisions = decide([_failed(1), _passed(2), _run_failed(3, _step("orders", "s1"))], [], {})
    assert [Reason.OPENED, Reason.RESOLVED, Reason.CAUSED] == _reasons(decisions)


def test_a_run_stopped_by_a_check_nobody_was_told_of_opens_an_incident() -> None:
    assert [Reason.OPENED] == _reasons(decide([_run_failed(1, _step("orders", "unseen"))], [], {}))


def test_of_a_run_with_two_faults_only_the_untold_one_is_opened() -> None:
    decisions = decide([_failed(1), _run_failed(2, _step("orders", "s1"), _step("rates"))], [], {})
    assert [Reason.OPENED, Reason.OPENED] == _reasons(decisions)
    assert frozenset({"rates"}) == decisions[1].incidents[0].covers


def test_a_pass_from_before_the_last_failure_resolves_nothing() -> None:
    decisions = decide([_failed(5), _passed(3), _passed(6)], [], {})
    assert [Reason.OPENED, Reason.OUTDATED, Reason.RESOLVED] == _reasons(decisions)


def test_a_repeat_moves_the_instant_that_a_pass_must_come_after() -> None:
    decisions = decide([_failed(1), _failed(5), _passed(3)], [], {})
    assert [Reason.OPENED, Reason.REPEATED, Reason.OUTDATED] == _reasons(decisions)


def test_a_run_must_compute_all_that_failed_to_resolve_it() -> None:
    failed = _run_failed(1, _step("rates"), _step("orders"))
    decisions = decide([failed, _run_succeeded(2, "rates"), _run_succeeded(3, "rates", "orders", "x")], [], {})
    assert [Reason.OPENED, Reason.NOTHING_OPEN, Reason.RESOLVED] == _reasons(decisions)


def test_a_run_that_evaluated_a_check_does_not_resolve_the_checks_incident() -> None:
    decisions = decide([_failed(1), _run_succeeded(2, "orders", "orders:complete")], [], {})
    assert [Reason.OPENED, Reason.NOTHING_OPEN] == _reasons(decisions)


def test_a_pass_resolves_the_incident_of_a_check_that_could_not_be_run() -> None:
    decisions = decide([_run_failed(1, _step("orders:complete")), _passed(2)], [], {})
    assert [Reason.OPENED, Reason.RESOLVED] == _reasons(decisions)


def test_a_warning_is_below_the_bar() -> None:
    assert [Reason.BELOW] == _reasons(decide([replace(_failed(1), severity="warn")], [], {}))


_ANY = st.builds(
    lambda kind, asset, partition: (kind, asset, partition),
    st.sampled_from([_failed, _passed]),
    st.sampled_from(["orders", "profit"]),
    st.sampled_from([None, "a"]),
)


@given(st.lists(_ANY, max_size=30), st.integers(0, 30))
def test_decisions_are_the_same_however_signals_are_cut_into_ticks(
    drawn: list[tuple[type, str, str | None]], cut: int
) -> None:
    signals: list[Signal] = [kind(n, asset, partition) for n, (kind, asset, partition) in enumerate(drawn)]
    whole = decide(signals, [], {})
    first = decide(signals[:cut], [], {})
    open_now: dict[str, OpenIncident] = {}
    for decision in first:
        for incident in decision.incidents:
            open_now[incident.key] = incident
            if decision.reason is Reason.RESOLVED:
                del open_now[incident.key]
    assert whole == first + decide(signals[cut:], open_now.values(), {})


@given(st.lists(_ANY, max_size=30))
def test_no_two_incidents_about_one_thing_are_ever_open(drawn: list[tuple[type, str, str | None]]) -> None:
    opened: set[str] = set()
    for decision in decide([kind(n, asset, part) for n, (kind, asset, part) in enumerate(drawn)], [], {}):
        keys = {incident.key for incident in decision.incidents}
        if decision.reason is Reason.OPENED:
            assert set() == keys & opened
            opened |= keys
        if decision.reason is Reason.RESOLVED:
            assert keys <= opened
            opened -= keys
