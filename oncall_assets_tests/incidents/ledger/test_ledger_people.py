"""What people may say of an incident, what they are told when they may not, and the story it makes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from oncall_assets.incidents.ledger.ledger import Ledger, LedgerError
from oncall_assets.incidents.ledger.records import FaultRecord, IncidentLine, IncidentRecord
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets_tests.incidents.ledger.entries import (
    CLOCKS,
    DAY,
    NOW,
    failed,
    letter,
    newest,
    passed,
    seconds,
    sent,
    tell,
    update,
    write,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """A ledger with one open incident."""
    with Ledger(ledger_url) as opened:
        write(opened, failed(0))
        yield opened


def test_an_incident_is_acknowledged_by_one_person(ledger: Ledger) -> None:
    assert "incident 1 is ann's" == ledger.acknowledge(1, "ann", seconds(60))
    assert "incident 1 is ann's already, since 2026-01-07 02:01 UTC" == ledger.acknowledge(1, "ann", seconds(90))
    problem = (
        "incident 1 was acknowledged by ann at 2026-01-07 02:01 UTC; ask them, or add a comment; it comes back if "
        "it is still open at 2026-01-07 06:00 UTC"
    )
    with pytest.raises(LedgerError, match=problem):
        ledger.acknowledge(1, "ben", seconds(90))
    one = ledger.incident(1)
    assert (seconds(60), "ann") == (one.acknowledged_at, one.acknowledged_by)
    assert ["acknowledged"] == [event.what for event in ledger.story(1)[1:]]


def test_after_it_came_back_anybody_may_acknowledge(ledger: Ledger) -> None:
    ledger.acknowledge(1, "ann", NOW)
    with ledger.writing() as pen:
        pen.restart(1, CLOCKS, seconds(5), Reason.RETURNED)
    assert "incident 1 is ben's" == ledger.acknowledge(1, "ben", seconds(6))
    assert [(2, "ben")] == [(one.round, one.by) for one in ledger.unannounced()]


def test_a_person_resolves_all_that_is_open(ledger: Ledger) -> None:
    write(ledger, failed(1, partition="2026-01-06"), failed(1.5, partition="2026-01-05"))
    write(ledger, passed(2, partition="2026-01-05"))
    ledger.resolve(1, "ann", "the filing was landed by hand", seconds(60))
    one = ledger.incident(1)
    assert (seconds(60), "ann") == (one.resolved_at, one.resolved_by)
    assert [seconds(60), seconds(60), seconds(2)] == [fault.cleared_at for fault in one.faults]
    with ledger.writing() as pen:
        assert [] == pen.open_incidents()
    write(ledger, failed(90))
    assert [2] == [open_.number for open_ in ledger.incidents(None, True)]


def test_what_is_over_is_neither_acknowledged_nor_resolved_again(ledger: Ledger) -> None:
    write(ledger, passed(1))
    problem = (
        "incident 1 was resolved by itself at 2026-01-07 02:00 UTC: check complete of orders passed; if it fails"
    )
    for verb in (lambda: ledger.acknowledge(1, "ann", NOW), lambda: ledger.resolve(1, "ann", "why", NOW)):
        with pytest.raises(LedgerError, match=problem):
            verb()
    assert (None, None) == (ledger.incident(1).acknowledged_by, ledger.incident(1).resolved_by)


def test_an_unknown_number_is_refused(ledger: Ledger) -> None:
    for verb in (
        lambda: ledger.acknowledge(7, "ann", NOW),
        lambda: ledger.resolve(7, "ann", "why", NOW),
        lambda: ledger.comment(7, "ann", "hm", NOW),
        lambda: ledger.incident(7),
        lambda: ledger.story(7),
    ):
        with pytest.raises(
            LedgerError, match="there is no incident 7; `oncall incidents` lists those that are open"
        ):
            verb()


def test_a_comment_is_heard_also_after_the_end(ledger: Ledger) -> None:
    ledger.comment(1, "ann", "the vendor is told", NOW)
    write(ledger, passed(1))
    ledger.comment(1, "ben", "it was the vendor", seconds(2))
    assert [("ann", "the vendor is told"), ("ben", "it was the vendor")] == [
        (event.who, event.text) for event in ledger.story(1) if event.what == "comment"
    ]


def test_a_silence_is_lifted_once_and_while_it_lasts(ledger: Ledger) -> None:
    number = ledger.silence(Silence(0, "ann", "maintenance", NOW, NOW + HOUR, asset="orders"))
    ledger.lift(number, "ben", NOW + HOUR / 2)
    assert [] == ledger.silences(NOW + HOUR / 2)
    with pytest.raises(LedgerError, match="silence 1 was lifted by ben at 2026-01-07 02:30 UTC"):
        ledger.lift(number, "ann", NOW + HOUR / 2)
    other = ledger.silence(Silence(0, "ann", "maintenance", NOW, NOW + HOUR, asset="orders"))
    with pytest.raises(LedgerError, match="silence 2 ended at 2026-01-07 03:00 UTC; there is nothing to lift"):
        ledger.lift(other, "ann", NOW + HOUR)
    with pytest.raises(LedgerError, match="there is no silence 3; `oncall silences` lists those in force"):
        ledger.lift(3, "ann", NOW)


def test_a_silence_without_an_end_or_a_subject_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="would end at 2026-01-07 02:00 UTC, before it begins; give a later end"):
        ledger.silence(Silence(0, "ann", "why", NOW, NOW, asset="orders"))
    with pytest.raises(LedgerError, match="names no asset, no pipeline and no check; name what is to be quiet"):
        ledger.silence(Silence(0, "ann", "why", NOW, NOW + HOUR))
    assert [] == ledger.silences(NOW)


def test_an_incident_is_read_as_a_record(ledger: Ledger) -> None:
    with ledger.writing() as pen:
        pen.post(letter(update(1, "ann", "1 acknowledged"), "email", "1 acknowledged"), NOW)
    sent(ledger, newest(ledger, "email", NOW), NOW)
    assert ledger.incident(1).first_told_at is None
    for number, step in enumerate(["1.1 on_call.primary", "2.1 on_call.primary"]):
        sent(ledger, tell(ledger, 1, step=step), seconds(number + 8))
    clock_from, respond_by, resolve_by = CLOCKS
    wanted = IncidentRecord(
        number=1, title="complete failed on orders", severity="critical", urgency="any_time", pipeline="profit",
        opened_at=NOW, clock_from=clock_from, respond_by=respond_by, resolve_by=resolve_by,
        first_told_at=seconds(8), acknowledged_at=None, acknowledged_by=None, resolved_at=None,
        resolved_by=None, repeats=0, round=1,
        cause="orders:complete @ 2026-01-07",
        faults=(FaultRecord("orders:complete", DAY, True, NOW, NOW, 1, None),), issues=("profit.short",),
    )  # fmt: skip
    assert wanted == ledger.incident(1)
    assert (
        [wanted] == ledger.incidents(None, True) == ledger.incidents(NOW, False) == ledger.opened(NOW, seconds(1))
    )
    assert [] == ledger.incidents(seconds(1), False) + ledger.opened(NOW - HOUR, NOW)


def test_lists_are_oldest_first_and_those_open_never_drop_out(ledger: Ledger) -> None:
    write(ledger, failed(-60, "b", partition="1999"), failed(7, "c", partition="1998"))
    write(ledger, passed(8, "c", partition="1998"))
    assert [2, 1, 3] == [one.number for one in ledger.incidents(None, False)]
    assert [2, 1] == [one.number for one in ledger.incidents(None, True)]
    assert [2, 1, 3] == [one.number for one in ledger.history(seconds(7))]
    assert [2, 1] == [one.number for one in ledger.history(seconds(8))]
    line = IncidentLine(3, "complete failed on orders", "critical", DAY, seconds(7), seconds(8))
    assert line == ledger.history(seconds(7))[-1]
    assert 2 == ledger.open_count()


@pytest.mark.parametrize("number", [0, 7, -7, 2**31, 10**20, -(10**20)])
def test_a_number_that_nothing_has_is_refused_however_large_it_is(ledger: Ledger, number: int) -> None:
    asked = (
        lambda: ledger.incident(number),
        lambda: ledger.case(number),
        lambda: ledger.acknowledge(number, "ann", NOW),
    )
    for ask in asked:
        with pytest.raises(LedgerError, match=f"there is no incident {number}; `oncall incidents` lists"):
            ask()
    with pytest.raises(LedgerError, match=f"there is no silence {number}; `oncall silences` lists"):
        ledger.lift(number, "ann", NOW)
