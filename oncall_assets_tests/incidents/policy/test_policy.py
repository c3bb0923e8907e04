"""What is decided about signals, without Dagster, a database or a clock."""

from __future__ import annotations

import pytest

from oncall_assets.incidents.policy.decide import Decision, Fault, OpenIncident, Reason, decide
from oncall_assets.incidents.signals.kinds import FailedStep, Signal
from oncall_assets_tests.incidents.policy.observed import (
    at,
    decided,
    failed,
    late,
    left_open,
    no_longer_late,
    not_run,
    open_keys,
    passed,
    reasons,
    run_failed,
    run_succeeded,
    short_of_storage,
    step,
    upstream,
)

OPENED, REPEATED, CAUSED = Reason.OPENED, Reason.REPEATED, Reason.CAUSED
RESOLVED, CLEARED, OUTDATED, NOTHING = Reason.RESOLVED, Reason.CLEARED, Reason.OUTDATED, Reason.NOTHING_OPEN


def test_a_failing_check_opens_an_incident_of_its_one_fault() -> None:
    signal = failed(1, partition="2026-01-02")
    fault = Fault("orders:complete", "2026-01-02", ("orders",), at(1), "run 1")
    assert [Decision(signal, OPENED, ("s1",), (fault,))] == decided(signal)


def test_the_same_check_on_another_day_repeats_the_incident_with_a_fault_more() -> None:
    decisions = decided(failed(1, partition="a"), failed(2, partition="b"), failed(3, partition="a"))
    assert [OPENED, REPEATED, REPEATED] == reasons(decisions)
    assert [("s1",)] * 3 == [decision.incidents for decision in decisions]
    assert {("orders:complete", "a"), ("orders:complete", "b")} == open_keys(decisions)


def test_another_check_of_the_asset_joins_where_their_partitions_overlap() -> None:
    same, other, none = (failed(2, check="unique", partition=name) for name in ("a", "b", None))
    assert [OPENED, CAUSED] == reasons(decided(failed(1, partition="a"), same))
    assert [OPENED, OPENED] == reasons(decided(failed(1, partition="a"), other))
    assert [OPENED, CAUSED] == reasons(decided(failed(1, partition="a"), none))
    assert [OPENED, CAUSED] == reasons(decided(failed(1), failed(2, check="unique", partition="a")))


def test_another_check_of_the_asset_in_the_same_run_joins_whatever_its_partition() -> None:
    first = failed(1, partition="a", run_id="night")
    assert [OPENED, CAUSED] == reasons(decided(first, failed(2, check="unique", partition="b", run_id="night")))
    assert [OPENED, OPENED] == reasons(decided(first, failed(2, "rates", "b", run_id="night")))


def test_evaluations_without_a_run_are_not_of_the_same_run() -> None:
    rest = [Fault(f"orders:{name}", name, ("orders",), at(1), "") for name in ("a", "b")]
    known = [OpenIncident("s1", frozenset({"orders"}), {rest[0].key: rest[0]})]
    signal = failed(2, check="b", partition="b")
    object.__setattr__(signal, "run_id", "")
    assert [OPENED] == reasons(decide([signal], known, {}, upstream))


def test_what_fails_downstream_of_an_open_cause_is_its_consequence() -> None:
    decisions = decided(failed(1, "raw", "a"), failed(2, "profit", "a"), failed(3, "report", "b"))
    assert [OPENED, CAUSED, OPENED] == reasons(decisions)
    assert ("profit:complete", "a") in left_open(decisions)[0].faults


def test_what_fails_downstream_of_a_consequence_only_is_another_problem() -> None:
    # The incident's cause is rates; orders joined it by failing in the same run failure, report is below orders.
    cause = Fault("rates", "a", ("rates",), at(1), "run 1")
    other = Fault("orders", "a", ("orders",), at(1), "run 1")
    known = OpenIncident("s1", frozenset({"rates"}), {cause.key: cause, other.key: other})
    assert [OPENED] == reasons(decided(failed(2, "report", "a"), known=[known]))


def test_a_cause_that_passed_takes_no_more_consequences() -> None:
    signals = [failed(1, "raw"), failed(2, "orders"), passed(3, "raw"), failed(4, "report")]
    assert [OPENED, CAUSED, CLEARED, OPENED] == reasons(decided(*signals))


def test_of_several_incidents_that_could_take_a_fault_the_oldest_does() -> None:
    decisions = decided(failed(1, "orders"), failed(2, "raw"), failed(3, "report"))
    assert [("s1",), ("s2",), ("s1",)] == [decision.incidents for decision in decisions]


def _known(number: int, *faults: tuple[str, str | None]) -> OpenIncident:
    """An incident opened by signal `number`, caused by the asset of its first fault, a check's."""
    made = [Fault(target, day, (target.partition(":")[0],), at(0), "run 0") for target, day in faults]
    return OpenIncident(f"s{number}", frozenset(made[0].assets), {fault.key: fault for fault in made})


def test_the_same_fault_goes_before_the_same_target() -> None:
    known = [_known(1, ("orders:complete", "a")), _known(2, ("rates:complete", "b"), ("orders:complete", "b"))]
    assert ("s2",) == decided(failed(3, partition="b"), known=known)[0].incidents


def test_the_same_target_goes_before_the_same_asset() -> None:
    known = [_known(1, ("orders:unique", "a")), _known(2, ("orders:complete", "b"))]
    assert ("s2",) == decided(failed(3, partition="a"), known=known)[0].incidents


def test_the_same_asset_goes_before_what_is_upstream() -> None:
    known = [_known(1, ("raw:complete", "a")), _known(2, ("orders:unique", "a"))]
    assert ("s2",) == decided(failed(3, partition="a"), known=known)[0].incidents


def test_a_run_whose_fault_is_over_takes_no_more() -> None:
    first = [failed(1, partition="a", run_id="night"), failed(2, partition="b"), passed(3, partition="a")]
    decisions = decided(*first, failed(4, partition="c", check="unique", run_id="night"))
    assert [OPENED, REPEATED, CLEARED, OPENED] == reasons(decisions)


def test_a_range_of_days_is_a_fault_for_each_day() -> None:
    decisions = decided(failed(1, partition="2026-02-27…2026-03-01"), passed(2, partition="2026-02-28"))
    assert [OPENED, CLEARED] == reasons(decisions)
    days = {("orders:complete", "2026-02-27"), ("orders:complete", "2026-03-01")}
    assert days == open_keys(decisions)


def test_a_pass_of_a_range_clears_each_of_its_days() -> None:
    signals = [failed(day, partition=f"2026-01-0{day}") for day in (1, 2, 3)]
    decisions = decided(*signals, passed(4, partition="2026-01-02…2026-01-03"))
    assert {("orders:complete", "2026-01-01")} == open_keys(decisions)


def test_a_pass_without_partition_clears_every_partition_and_every_pass_one_without() -> None:
    assert RESOLVED == decided(failed(1, partition="a"), failed(2, partition="b"), passed(3))[-1].reason
    assert RESOLVED == decided(failed(1), passed(2, partition="a"))[-1].reason
    assert NOTHING == decided(failed(1, partition="a"), passed(2, partition="b"))[-1].reason


def test_a_pass_from_before_the_last_failure_clears_nothing() -> None:
    assert [OPENED, OUTDATED, RESOLVED] == reasons(decided(failed(5), passed(3), passed(6)))


def test_a_repeat_moves_the_instant_that_a_pass_must_come_after() -> None:
    assert [OPENED, REPEATED, OUTDATED] == reasons(decided(failed(1), failed(5), passed(3)))
    assert [OPENED, REPEATED, OUTDATED] == reasons(decided(failed(5), failed(1), passed(3)))


def test_a_pass_at_the_very_instant_of_the_failure_clears_it() -> None:
    assert [OPENED, RESOLVED] == reasons(decided(failed(1), passed(1)))


def test_a_failure_after_its_incident_was_resolved_opens_another() -> None:
    decisions = decided(failed(1), passed(2), failed(3))
    assert [OPENED, RESOLVED, OPENED] == reasons(decisions)
    assert [("s1",), ("s1",), ("s3",)] == [decision.incidents for decision in decisions]
    assert ["s3"] == [incident.opened_by for incident in left_open(decisions)]


def test_a_success_may_clear_faults_of_several_incidents() -> None:
    signals = [failed(1, "rates"), run_failed(2, step("rates:complete"), step("orders:unique"))]
    known = left_open([*decided(failed(3, check="unique")), *decided(*signals)])
    (decision,) = decided(passed(4, check="unique"), known=known)
    key = ("orders:unique", None)
    assert (RESOLVED, (("s3", key), ("s1", key)), ("s3",)) == (
        decision.reason,
        decision.cleared,
        decision.resolved,
    )


def test_a_check_that_raised_fails_as_the_check_it_is_and_its_pass_clears_it() -> None:
    decisions = decided(run_failed(1, step("orders:complete")), failed(2), passed(3))
    assert [OPENED, REPEATED, RESOLVED] == reasons(decisions)


def test_a_check_that_was_not_run_is_a_fault_of_the_check() -> None:
    assert [OPENED, REPEATED, RESOLVED] == reasons(decided(not_run(1), failed(2), passed(3)))


def test_steps_of_one_failed_run_are_one_incident() -> None:
    both = FailedStep(("orders", "rates"), ("orders:complete", "rates:complete"), "KeyError: x")
    (decision,) = decided(run_failed(1, both, step("profit"), step("job:nightly")))
    faults = {fault.target: fault.assets for fault in decision.failed}
    asked = {
        "orders:complete": ("orders",),
        "rates:complete": ("rates",),
        "profit": ("profit",),
        "job:nightly": (),
    }
    assert (OPENED, asked) == (decision.reason, faults)


def test_what_a_failed_run_skipped_is_no_fault() -> None:
    assert {("rates", None)} == open_keys(decided(run_failed(1, step("rates"))))


def test_a_run_must_compute_all_that_failed_to_resolve_it() -> None:
    failure = run_failed(1, step("rates"), step("orders"))
    decisions = decided(failure, run_succeeded(2, "rates"), run_succeeded(3, "rates", "orders", "x"))
    assert [OPENED, CLEARED, RESOLVED] == reasons(decisions)


def test_a_successful_run_clears_its_job() -> None:
    assert [OPENED, RESOLVED] == reasons(
        decided(run_failed(1, step("job:nightly")), run_succeeded(2, "job:nightly"))
    )


def test_a_successful_run_never_clears_a_check() -> None:
    decisions = decided(failed(1), run_succeeded(2, "orders", "orders:complete", "job:nightly"))
    assert [OPENED, NOTHING] == reasons(decisions)


def test_a_warning_is_below_the_bar_and_neither_repeats_nor_clears_what_is_open() -> None:
    decisions = decided(failed(1), failed(2, severity="warn"), failed(3, "rates", severity="warn"))
    assert [OPENED, Reason.BELOW, Reason.BELOW] == reasons(decisions)
    assert [at(1)] == [fault.last_failed_at for one in left_open(decisions) for fault in one.faults.values()]


def test_a_run_stopped_by_a_check_told_at_an_earlier_tick_is_its_consequence() -> None:
    signal = run_failed(2, step("orders", "s1"))
    assert [Decision(signal, CAUSED, ("s1",))] == decide(
        [signal], left_open(decided(failed(1))), {"s1": "s1"}, upstream
    )


def test_a_run_stopped_by_a_check_stays_its_consequence_after_the_check_passed() -> None:
    decisions = decided(failed(1), passed(2), run_failed(3, step("orders", "s1")))
    assert [OPENED, RESOLVED, CAUSED] == reasons(decisions)
    assert [] == left_open(decisions)


def test_a_run_stopped_by_a_check_nobody_was_told_of_opens_an_incident() -> None:
    assert [OPENED] == reasons(decided(run_failed(1, step("orders", "unseen"))))
    warned = decided(failed(1, severity="warn"), run_failed(2, step("orders", "s1")))
    assert [Reason.BELOW, OPENED] == reasons(warned)


def test_of_a_run_with_two_faults_only_the_untold_one_is_opened() -> None:
    decisions = decided(failed(1), run_failed(2, step("orders", "s1"), step("rates")))
    assert [OPENED, OPENED] == reasons(decisions)
    assert [("rates", None)] == [fault.key for fault in decisions[1].failed]


def test_a_run_stopped_by_a_check_that_joined_an_incident_belongs_to_that_one() -> None:
    decisions = decided(failed(1, "raw"), failed(2), run_failed(3, step("orders", "s2")))
    assert (CAUSED, ("s1",)) == (decisions[2].reason, decisions[2].incidents)


def test_a_trouble_about_an_asset_joins_like_any_other_failure() -> None:
    decisions = decided(failed(1, "raw", "a"), late(2, "report", "a"), late(3, "rates", "a"))
    assert [OPENED, CAUSED, OPENED] == reasons(decisions)


def test_a_trouble_that_is_over_clears_its_target_and_partition_only() -> None:
    decisions = decided(late(1, "rates", "a"), late(2, "rates", "b"), no_longer_late(3, "rates", "a"))
    assert [OPENED, REPEATED, CLEARED] == reasons(decisions)
    assert {("late rates", "b")} == open_keys(decisions)


def test_a_trouble_about_no_asset_stands_alone() -> None:
    decisions = decided(run_failed(1, step("job:nightly")), failed(2), short_of_storage(3))
    assert [OPENED, OPENED, OPENED] == reasons(decisions)


def test_a_signal_of_no_known_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="no rule for a Signal"):
        decided(Signal(id="s", at=at(1), run_id="", partition=None))
