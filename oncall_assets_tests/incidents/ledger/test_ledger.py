"""What happened, as SQLite and a real PostgreSQL keep it: committed together, found again, cleared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.policy.decide import Fault, OpenIncident, Reason, decide
from oncall_assets.incidents.signals.kinds import FailedStep
from oncall_assets_tests.incidents.ledger.entries import (
    CLOCKS,
    DAY,
    GRADE,
    NOW,
    case,
    failed,
    late,
    over,
    passed,
    reasons,
    run_failed,
    run_succeeded,
    seconds,
    write,
)

Rows = Callable[[str, str], list[tuple[object, ...]]]
TARGET = "orders:complete"


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as opened:
        yield opened


def _open(ledger: Ledger) -> list[OpenIncident]:
    with ledger.writing() as pen:
        return pen.open_incidents()


def _upstream(asset: str) -> frozenset[str]:
    return frozenset({"orders"} if asset == "profit" else ())


def test_an_incident_is_found_again_as_it_was_written(ledger: Ledger) -> None:
    write(ledger, failed(1))
    fault = Fault(TARGET, DAY, ("orders",), seconds(1), "r")
    assert [OpenIncident("s1", frozenset({"orders"}), {(TARGET, DAY): fault})] == _open(ledger)
    with ledger.writing() as pen:
        assert {"s1": "s1"} == pen.incidents_of(["s1", "s2"])
        assert (1, "s1") == (pen.number("s1"), pen.opened_by(1))


def test_repeats_are_counted_and_a_pass_resolves(ledger: Ledger) -> None:
    assert [Reason.OPENED] == reasons(write(ledger, failed(1)))
    assert [Reason.REPEATED, Reason.REPEATED] == reasons(write(ledger, failed(2), failed(3)))
    (open_,) = ledger.incidents(None, True)
    assert (2, None, [(3, seconds(3), None)]) == (open_.repeats, open_.resolved_at, _failures(ledger, 1))
    with ledger.writing() as pen:
        assert 2 == pen.repeats(1)
    assert [Reason.RESOLVED] == reasons(write(ledger, passed(4)))
    done = ledger.incident(1)
    assert (2, seconds(4), None) == (done.repeats, done.resolved_at, done.resolved_by)
    assert [(3, seconds(3), seconds(4))] == _failures(ledger, 1)
    assert [Reason.OPENED] == reasons(write(ledger, failed(5)))
    assert [2] == [one.number for one in ledger.incidents(None, True)]


def _failures(ledger: Ledger, number: int) -> list[tuple[int, datetime, datetime | None]]:
    return [(one.failures, one.last_failed_at, one.cleared_at) for one in ledger.incident(number).faults]


def test_every_decision_is_kept_with_its_reason(ledger: Ledger, ledger_url: str, rows: Rows) -> None:
    write(ledger, failed(1), failed(2), replace(failed(3), severity="warn"), passed(4), passed(5))
    kept = "SELECT signal_id, kind, run_id, reason, incident_id FROM decisions ORDER BY signal_id"
    assert [
        ("s1", "CheckFailed", "r", "opened", 1),
        ("s2", "CheckFailed", "r", "repeated", 1),
        ("s3", "CheckFailed", "r", "below the bar", None),
        ("s4", "CheckPassed", "r", "resolved", 1),
        ("s5", "CheckPassed", "r", "nothing is open for it", None),
    ] == rows(ledger_url, kept)


def test_a_consequence_joins_and_both_must_be_mended(ledger: Ledger) -> None:
    assert [Reason.OPENED, Reason.CAUSED] == reasons(
        write(ledger, failed(1), failed(2, "profit", run_id="other"), upstream=_upstream)
    )
    (one,) = ledger.incidents(None, True)
    assert [(TARGET, True), ("profit:complete", False)] == [(fault.target, fault.cause) for fault in one.faults]
    assert [frozenset({"orders"})] == [incident.cause for incident in _open(ledger)]
    assert [Reason.CLEARED] == reasons(write(ledger, passed(3)))
    (left,) = _open(ledger)
    # What caused it is its cause also after it is mended.
    assert (frozenset({"orders"}), {("profit:complete", DAY)}) == (left.cause, set(left.faults))
    assert [Reason.RESOLVED] == reasons(write(ledger, passed(4, "profit")))


def test_the_same_check_on_another_day_is_a_cause_and_no_consequence(ledger: Ledger) -> None:
    write(ledger, failed(1))
    assert [Reason.REPEATED] == reasons(write(ledger, failed(2, partition="2026-01-06")))
    assert [True, True] == [fault.cause for fault in ledger.incident(1).faults]


def test_a_range_is_a_fault_for_each_day(ledger: Ledger) -> None:
    write(ledger, failed(1, partition="2026-01-05…2026-01-07"))
    assert ["2026-01-05", "2026-01-06", "2026-01-07"] == [one.partition for one in ledger.incident(1).faults]
    assert [Reason.CLEARED] == reasons(write(ledger, passed(2, partition="2026-01-06")))
    assert [Reason.RESOLVED] == reasons(write(ledger, passed(3, partition=None)))


def test_a_fault_without_a_partition_is_one_fault(ledger: Ledger) -> None:
    assert [Reason.OPENED, Reason.REPEATED] == reasons(
        write(ledger, failed(1, partition=None), failed(2, partition=None))
    )
    (fault,) = ledger.incident(1).faults
    assert (None, 2) == (fault.partition, fault.failures)
    assert [{(TARGET, None)}] == [set(one.faults) for one in _open(ledger)]


def test_what_fails_again_before_the_rest_is_mended_is_still_one_fault(ledger: Ledger) -> None:
    write(ledger, failed(1), failed(2, "profit"), upstream=_upstream)
    write(ledger, passed(3, "profit"))
    assert [Reason.CAUSED] == reasons(write(ledger, failed(4, "profit"), upstream=_upstream))
    assert [(TARGET, 1, None), ("profit:complete", 2, None)] == [
        (one.target, one.failures, one.cleared_at) for one in ledger.incident(1).faults
    ]


def test_one_batch_may_open_resolve_and_open_again(ledger: Ledger) -> None:
    assert [Reason.OPENED, Reason.REPEATED, Reason.RESOLVED, Reason.OPENED] == reasons(
        write(ledger, failed(1), failed(2), passed(3), failed(4))
    )
    first, second = ledger.incidents(None, False)
    assert (1, seconds(3)) == (first.repeats, first.resolved_at)
    assert (0, None) == (second.repeats, second.resolved_at)


def test_one_fault_may_be_open_in_two_incidents_and_is_mended_in_both(ledger: Ledger) -> None:
    write(ledger, failed(1, "a"), failed(2, "b"))
    both = FailedStep(("a", "b"), ("a:complete", "b:complete"), "it broke")
    assert [Reason.REPEATED] == reasons(write(ledger, run_failed(3, both, run_id="r2")))
    assert [{"a:complete", "b:complete"}, {"b:complete"}] == [
        {target for target, _ in one.faults} for one in _open(ledger)
    ]
    assert [Reason.RESOLVED] == reasons(write(ledger, passed(4, "b")))
    assert [Reason.RESOLVED] == reasons(write(ledger, passed(5, "a")))


def test_a_run_that_a_check_stopped_belongs_to_the_check(ledger: Ledger) -> None:
    write(ledger, failed(1))
    stopped = FailedStep(("orders",), ("orders",), "a check failed", caused_by=("s1",))
    assert [Reason.CAUSED] == reasons(write(ledger, run_failed(2, stopped)))
    assert [1] == [len(one.faults) for one in ledger.incidents(None, True)]
    with ledger.writing() as pen:
        assert {"s1": "s1", "s2": "s1"} == pen.incidents_of(["s1", "s2"])


def test_a_run_that_succeeds_mends_its_job(ledger: Ledger) -> None:
    write(ledger, run_failed(1, FailedStep((), ("job:nightly",), "out of memory")))
    assert [Reason.RESOLVED] == reasons(write(ledger, run_succeeded(2, "job:nightly")))
    assert "run run-of-t of job nightly succeeded" == ledger.story(1)[-1].text


def test_open_troubles_are_those_found_by_looking(ledger: Ledger) -> None:
    write(ledger, failed(1, "profit"), late(2))
    assert [("asset late", ("late orders", DAY))] == ledger.open_troubles()
    assert [Reason.RESOLVED] == reasons(write(ledger, over(3)))
    assert [] == ledger.open_troubles()
    assert "late orders: it is gone" == ledger.story(2)[-1].text


def test_a_name_of_any_length_can_be_kept(ledger: Ledger) -> None:
    # Digits of no pattern, as an index would compress others to a length it can take.
    name = "".join(sha256(str(number).encode()).hexdigest() for number in range(500))
    assert [Reason.OPENED] == reasons(write(ledger, failed(1, name, name)))
    assert [Reason.RESOLVED] == reasons(write(ledger, passed(2, name, name)))


def test_what_fails_half_way_leaves_nothing(ledger: Ledger, ledger_url: str, rows: Rows) -> None:
    class Dies(Exception):
        pass

    def half() -> None:
        with ledger.writing() as pen:
            (decision,) = decide([failed(1)], [], {}, lambda _: frozenset())
            pen.open(decision, case(), GRADE, CLOCKS, NOW)
            pen.record([decision], NOW)
            raise Dies

    with pytest.raises(Dies):
        half()
    assert [(0,)] == rows(ledger_url, "SELECT count(*) FROM incidents")
    assert {"s1"} == ledger.unknown(["s1"])


def test_an_incident_that_was_never_opened_is_not_recorded(ledger: Ledger) -> None:
    with pytest.raises(KeyError, match="s1"), ledger.writing() as pen:
        pen.record(decide([failed(1)], [], {}, lambda _: frozenset()), NOW)


def test_unknown_are_those_nothing_was_decided_about(ledger: Ledger) -> None:
    write(ledger, failed(1), failed(2))
    asked = [f"s{number}" for number in range(1, 1200)]
    assert set(asked) - {"s1", "s2"} == ledger.unknown(asked)
    with ledger.writing() as pen:
        assert set(asked) - {"s1", "s2"} == pen.unknown(asked)


def test_thousands_of_decisions_go_in_at_once(ledger: Ledger) -> None:
    checks = [failed(number, f"asset_{number % 700}", run_id="") for number in range(1, 1501)]
    found = reasons(write(ledger, *checks))
    assert (700, 800) == (found.count(Reason.OPENED), found.count(Reason.REPEATED))
    assert 700 == ledger.open_count()
    assert 800 == sum(one.repeats for one in ledger.incidents(None, True))
    write(ledger, *(passed(number, f"asset_{number % 700}") for number in range(2000, 2700)))
    assert 0 == ledger.open_count()


def test_an_instant_without_its_zone_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Exception, match="has no zone"):
        ledger.note("ann", "it is late", NOW.replace(tzinfo=None))


def test_instants_come_back_in_utc(ledger: Ledger) -> None:
    ledger.note("ann", "it is late", datetime.fromisoformat("2026-01-07T03:00:00+01:00"))
    ((at, text),) = ledger.notes(NOW)
    assert (NOW, timedelta(0), "ann: it is late") == (at, at.utcoffset(), text)
    assert [] == ledger.notes(seconds(1))
