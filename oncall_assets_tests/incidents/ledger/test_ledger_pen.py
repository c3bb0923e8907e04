"""What the escalation needs of the ledger: how incidents stand, who was told, what is to be announced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.ledger.records import Announcement
from oncall_assets.incidents.policy.decide import Reason, decide
from oncall_assets.incidents.policy.grading import Grade
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets.incidents.policy.standing import Standing
from oncall_assets_tests.incidents.ledger.entries import (
    CLOCKS,
    DAY,
    NOW,
    case,
    failed,
    late,
    letter,
    passed,
    seconds,
    sent,
    tell,
    update,
    write,
)

LATER = (seconds(60), seconds(120), seconds(180))


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as opened:
        yield opened


def _standings(ledger: Ledger) -> list[Standing]:
    with ledger.writing() as pen:
        return pen.standings()


def _upstream(asset: str) -> frozenset[str]:
    return frozenset() if asset == "orders" else frozenset({"orders"})


def test_an_incident_stands_as_it_was_opened(ledger: Ledger) -> None:
    write(ledger, failed(1), failed(2, "profit", run_id="q"), failed(3, "profit", run_id="q"), upstream=_upstream)
    clock_from, respond_by, resolve_by = CLOCKS
    assert [
        Standing(
            number=1, severity="critical", urgency="any_time", pipeline="profit", assets=("orders",),
            targets=("orders:complete", "profit:complete"), opened_at=seconds(1), round=1, clock_from=clock_from,
            respond_by=respond_by, resolve_by=resolve_by, acknowledged_at=None, acknowledged_by=None,
            told=frozenset(), tell=None,
        )
    ] == _standings(ledger)  # fmt: skip


def test_only_open_incidents_stand_and_only_open_faults_are_their_targets(ledger: Ledger) -> None:
    write(ledger, failed(1), failed(2, "profit"), failed(3, "growth", partition="2025-01-01"), upstream=_upstream)
    write(ledger, passed(4), passed(5, "growth", partition="2025-01-01"))
    assert [(1, ("orders",), ("profit:complete",))] == [
        (one.number, one.assets, one.targets) for one in _standings(ledger)
    ]


def test_told_are_those_with_a_page_of_this_round(ledger: Ledger) -> None:
    write(ledger, failed(1), failed(2, "growth", partition="2025-01-01"))
    sent(ledger, tell(ledger, 1, "ann"), NOW)
    tell(ledger, 1, "ben", "email", step="1.2 on_call.secondary")
    ledger.refuse(tell(ledger, 1, "cat", step="1.3 owners"), "account_inactive", None, NOW)
    tell(ledger, 1, "dan", step="11.1 on_call.primary")
    with ledger.writing() as pen:
        pen.post(letter(update(1, "eve", "1.9 resolved"), "slack", "1.9 resolved"), NOW)
        # Whom a channel refuses for good is not told again and again; others hear that they were not reached.
        assert [("ann", "slack"), ("ben", "email"), ("dan", "slack")] == pen.told(1)
        assert [] == pen.told(2)
    assert [frozenset({"ann", "ben", "cat"}), frozenset()] == [one.told for one in _standings(ledger)]


def test_whoever_was_told_twice_is_listed_once(ledger: Ledger) -> None:
    write(ledger, failed(1))
    tell(ledger, 1)
    tell(ledger, 1, step="2.1 on_call.primary")
    with ledger.writing() as pen:
        assert [("ann", "slack")] == pen.told(1)


def test_a_case_is_read_at_its_present_severity(ledger: Ledger) -> None:
    write(ledger, failed(1))
    with ledger.writing() as pen:
        assert case() == pen.case(1)
        raised = pen.raise_to(1, Grade("major", "business_hours", ("the month ends",)), LATER, seconds(9))
        assert case(severity="major") == pen.case(1)
    assert [raised] == _standings(ledger)
    assert ("major", "business_hours", LATER) == (
        raised.severity,
        raised.urgency,
        (raised.clock_from, raised.respond_by, raised.resolve_by),
    )
    last = ledger.story(1)[-1]
    assert (seconds(9), "raised", "from critical to major: the month ends") == (last.at, last.what, last.text)


def test_a_new_round_lapses_the_acknowledgement(ledger: Ledger) -> None:
    write(ledger, failed(1))
    tell(ledger, 1)
    ledger.acknowledge(1, "ann", NOW)
    with ledger.writing() as pen:
        again = pen.restart(1, LATER, seconds(9), Reason.RETURNED)
    assert [again] == _standings(ledger)
    assert (2, None, None, frozenset(), LATER[0]) == (
        again.round,
        again.acknowledged_at,
        again.acknowledged_by,
        again.told,
        again.clock_from,
    )
    last = ledger.story(1)[-1]
    assert ("returned", "ann", "outlived its resolution time; round 2 begins") == (last.what, last.who, last.text)
    # Nobody need hear of an acknowledgement that holds no more.
    assert [] == ledger.unannounced()
    with ledger.writing() as pen:
        assert 3 == pen.restart(1, LATER, seconds(9), Reason.REMINDED).round
    assert ["returned", "reminded"] == [event.what for event in ledger.story(1) if event.at == seconds(9)]


def test_others_are_the_open_faults_beyond_the_first(ledger: Ledger) -> None:
    days = [failed(number, partition=f"2026-01-0{number}") for number in range(1, 6)]
    write(ledger, *days, failed(6, "profit", partition=None), upstream=_upstream)
    write(ledger, passed(7, partition="2026-01-02"))
    with ledger.writing() as pen:
        assert (["orders:complete @ 2026-01-03", "orders:complete @ 2026-01-04"], 2) == pen.others(1, 2)
        assert pen.others(1, 9)[0][-1] == "profit:complete"
        assert ([], 4) == pen.others(1, 0)
    write(ledger, failed(8, "alone", partition="1999"))
    with ledger.writing() as pen:
        assert ([], 0) == pen.others(2, 9)


def test_whom_an_incident_tells_by_itself_is_kept(ledger: Ledger) -> None:
    with ledger.writing() as pen:
        (decision,) = decide([late(1)], [], {}, _upstream)
        number = pen.open(decision, case(), Grade("minor", "any_time", ()), CLOCKS, NOW, "finance")
        pen.record([decision], NOW)
    assert [("finance", number)] == [(one.tell, one.number) for one in _standings(ledger)]


def test_an_outcome_is_announced_once(ledger: Ledger) -> None:
    write(ledger, failed(1), failed(2, "growth", partition="2025-01-01"))
    assert [] == ledger.unannounced()
    ledger.acknowledge(1, "ann", seconds(3))
    ledger.acknowledge(2, "cat", seconds(3))
    write(ledger, passed(4, "growth", partition="2025-01-01"))
    ledger.resolve(1, "ben", "the file came", seconds(5))
    assert [
        Announcement(1, "acknowledged", "ann", seconds(3), "", 1, False),
        Announcement(1, "resolved", "ben", seconds(5), "the file came", 1, False),
        Announcement(2, "acknowledged", "cat", seconds(3), "", 1, False),
        Announcement(2, "resolved", None, seconds(4), "check complete of growth passed", 1, False),
    ] == ledger.unannounced()
    with ledger.writing() as pen:
        assert pen.announce(1, "acknowledged")
        assert not pen.announce(1, "acknowledged")
        assert pen.announce(2, "resolved")
        assert not pen.announce(2, "resolved")
    assert [(1, "resolved"), (2, "acknowledged")] == [(one.number, one.what) for one in ledger.unannounced()]


def test_an_announcement_says_whether_the_incident_was_silenced_then(ledger: Ledger) -> None:
    write(ledger, failed(1))
    ledger.silence(Silence(0, "ben", "maintenance", NOW, NOW + timedelta(hours=1), check="orders:complete"))
    write(ledger, passed(2))
    assert [True] == [one.silenced for one in ledger.unannounced()]
    write(ledger, failed(4000), passed(4001))
    assert [True, False] == [one.silenced for one in ledger.unannounced()]


def test_silences_in_force_are_those_begun_and_not_over(ledger: Ledger) -> None:
    wanted = [
        Silence(1, "ann", "maintenance", NOW, seconds(60), asset="orders"),
        Silence(2, "ben", "known", NOW, seconds(90), pipeline="profit", check="orders:complete"),
    ]
    for silence in (*wanted, Silence(0, "ann", "planned", seconds(100), seconds(200), asset="orders")):
        ledger.silence(silence)
    assert wanted == ledger.silences(NOW)
    with ledger.writing() as pen:
        assert wanted[1:] == pen.silences(seconds(60))
        assert [] == pen.silences(seconds(90))
        assert [] == pen.silences(seconds(-1))
        assert [3] == [one.id for one in pen.silences(seconds(100))]


def test_a_partition_and_a_day_are_kept_apart(ledger: Ledger) -> None:
    write(ledger, failed(1, "a", partition=None), failed(2, "b", partition=DAY))
    with ledger.writing() as pen:
        assert [{("a:complete", None)}, {("b:complete", DAY)}] == [set(one.faults) for one in pen.open_incidents()]
