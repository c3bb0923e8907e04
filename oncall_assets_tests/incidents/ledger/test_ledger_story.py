"""An incident's story: every line that a person would ask for afterwards, in the order it happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.grading import Grade
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets_tests.incidents.ledger.entries import CLOCKS, NOW, failed, passed, seconds, sent, tell, write

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as opened:
        yield opened


def _upstream(asset: str) -> frozenset[str]:
    return frozenset({"orders"} if asset == "profit" else ())


def _told(ledger: Ledger, number: int = 1) -> list[tuple[str, str | None, str]]:
    return [(event.what, event.who, event.text) for event in ledger.story(number)]


def test_a_whole_story_is_told_in_order(ledger: Ledger) -> None:
    write(ledger, failed(0))
    sent(ledger, tell(ledger, 1), seconds(1))
    write(ledger, failed(2, "profit"), failed(3, "profit"), failed(4), upstream=_upstream)
    with ledger.writing() as pen:
        pen.raise_to(1, Grade("critical", "any_time", ("the month ends",)), CLOCKS, seconds(5))
    sent(ledger, tell(ledger, 1, "ben", step="1.2 on_call.secondary", at=seconds(6)), seconds(7))
    ledger.acknowledge(1, "ben", seconds(8))
    ledger.comment(1, "ben", "looking", seconds(9))
    with ledger.writing() as pen:
        pen.restart(1, CLOCKS, seconds(10), Reason.RETURNED)
    number = ledger.silence(Silence(0, "ann", "landing it again", seconds(11), NOW + MINUTE, asset="orders"))
    ledger.lift(number, "ben", seconds(12))
    write(ledger, passed(13, "profit"), passed(14))
    assert [
        ("opened", None, "complete failed on orders"),
        ("told", "ann", "by slack (1.1 on_call.primary)"),
        ("joined", None, "profit:complete @ 2026-01-07"),
        ("raised", None, "from critical to critical: the month ends"),
        ("told", "ben", "by slack (1.2 on_call.secondary)"),
        ("acknowledged", "ben", "in round 1"),
        ("comment", "ben", "looking"),
        ("returned", "ben", "outlived its resolution time; round 2 begins"),
        ("silenced", "ann", "until 2026-01-07 02:00 UTC: landing it again"),
        ("silence lifted", "ben", "landing it again"),
        ("cleared", None, "profit:complete @ 2026-01-07"),
        ("cleared", None, "orders:complete @ 2026-01-07"),
        ("resolved", None, "check complete of orders passed"),
    ] == _told(ledger)
    assert sorted(event.at for event in ledger.story(1)) == [event.at for event in ledger.story(1)]


def test_a_fault_that_comes_back_failed_again_and_did_not_join_twice(ledger: Ledger) -> None:
    write(ledger, failed(0), failed(1, "profit"), upstream=_upstream)
    write(ledger, passed(2, "profit"))
    write(ledger, failed(3, "profit"), failed(4, "profit"), upstream=_upstream)
    assert ["opened", "joined", "cleared", "failed again"] == [what for what, _, _ in _told(ledger)]


def test_a_letter_tells_how_it_fared(ledger: Ledger) -> None:
    write(ledger, failed(0))
    one = tell(ledger, 1)
    (tried,) = ledger.claim([one], NOW, seconds(30))
    ledger.aside(tried, "timed out", NOW + 16 * MINUTE, in_doubt=True)
    assert ("waiting", "ann", "for slack (1.1 on_call.primary); tried 1 times: timed out") == _told(ledger)[-1]
    sent(ledger, one, NOW + 16 * MINUTE)
    how = "by slack (1.1 on_call.primary); late by 16 min; first tried at 2026-01-07 02:00 UTC; possibly a repeat"
    assert ("told", "ann", how) == _told(ledger)[-1]
    ledger.refuse(tell(ledger, 1, "ben", at=NOW + 17 * MINUTE), "account_inactive", "email", NOW + 18 * MINUTE)
    assert [
        ("waiting", "ben", "for email (1.1 on_call.primary)"),
        ("refused", "ben", "by slack (1.1 on_call.primary): account_inactive"),
    ] == _told(ledger)[-2:]


def test_what_was_noticed_late_says_so(ledger: Ledger) -> None:
    write(ledger, failed(0), at=NOW + 90 * MINUTE)
    assert [("opened", None, "complete failed on orders (noticed 1 h 30 min later)")] == _told(ledger)


def test_a_silence_stands_in_the_story_of_what_it_held_back(ledger: Ledger) -> None:
    early = Silence(0, "ann", "maintenance", NOW - MINUTE, NOW + MINUTE, check="orders:complete")
    ledger.silence(early)
    ledger.silence(Silence(0, "ben", "another asset", NOW, NOW + MINUTE, asset="growth"))
    ledger.silence(Silence(0, "cat", "afterwards", seconds(30), NOW + MINUTE, asset="orders"))
    ledger.silence(Silence(0, "dan", "long ago", NOW - MINUTE, NOW, asset="orders"))
    write(ledger, failed(5), passed(20))
    assert [("silenced", "ann", "until 2026-01-07 02:01 UTC: maintenance")] == [
        line for line in _told(ledger) if line[0] == "silenced"
    ]
    (held,) = (event for event in ledger.story(1) if event.what == "silenced")
    # It was in force already when the incident opened.
    assert seconds(5) == held.at


def test_one_incident_has_nothing_of_anothers_story(ledger: Ledger) -> None:
    write(ledger, failed(0), failed(1, "growth", partition="1999"))
    sent(ledger, tell(ledger, 1), seconds(2))
    ledger.comment(1, "ann", "mine", seconds(3))
    assert [("opened", None, "complete failed on orders")] == _told(ledger, 2)
