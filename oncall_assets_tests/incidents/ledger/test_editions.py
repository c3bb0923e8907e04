"""An edition is begun once, goes on where a run died, and goes to nobody twice unless somebody says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from oncall_assets.incidents.ledger.edition_records import Busy, Done, NewCopy, Won
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.ledger import Ledger, LedgerError
from oncall_assets_tests.incidents.ledger.edition_entries import (
    CONTENT,
    MINUTE,
    NOW,
    PERIOD,
    REPORT,
    UNTIL,
    begun,
    copies,
    left_in_doubt,
    new_edition,
    send,
    states,
)


@pytest.fixture
def book(ledger_url: str) -> Iterator[EditionBook]:
    with Ledger(ledger_url) as ledger:
        yield EditionBook(ledger)


def test_what_is_begun_is_the_runs_to_send_and_says_all_that_it_was_given(book: EditionBook) -> None:
    one = begun(book)
    new = new_edition()
    assert (REPORT, PERIOD, 0, "sending", NOW, new.content, NOW - MINUTE, "run-1", UNTIL) == (
        one.report, one.period, one.repeat, one.state, one.due, one.content, one.composed_at, one.run_id,
        one.claimed_until,
    )  # fmt: skip
    assert new.copies == tuple(NewCopy(copy.recipient, copy.address, copy.message_id) for copy in one.copies)
    assert ["waiting", "waiting"] == states(one)
    assert one == book.edition(REPORT, PERIOD) == book.latest(REPORT, PERIOD)
    assert [None, None] == [book.edition(REPORT, "2026-10-05"), book.edition(REPORT, PERIOD, repeat=1)]


@pytest.mark.parametrize("at", [NOW, UNTIL - MINUTE])
def test_while_a_run_has_it_nobody_else_may(book: EditionBook, at: datetime) -> None:
    begun(book)
    assert Busy("run-1", UNTIL) == book.begin(new_edition(), "run-2", at, at + MINUTE)
    assert isinstance(book.begin(new_edition(period="2026-10-05"), "run-2", at, at + MINUTE), Won)


def test_what_a_run_that_died_was_sending_is_in_doubt_and_the_rest_goes_on_as_it_was_written(
    book: EditionBook,
) -> None:
    first = begun(book, "ann", "ben", "cid")
    assert book.claim_copy(first.copies[0].id, NOW, UNTIL)
    book.copy_sent(first.copies[0].id, NOW)
    assert book.claim_copy(first.copies[1].id, NOW, UNTIL)
    other = replace(new_edition("ann", "ben", "dan", repeat=7), composed_at=UNTIL)
    won = book.begin(other, "run-2", UNTIL, UNTIL + MINUTE)
    assert isinstance(won, Won)
    assert (first.id, "run-2", UNTIL + MINUTE, first.content, first.composed_at) == (
        won.edition.id, won.edition.run_id, won.edition.claimed_until, won.edition.content,
        won.edition.composed_at,
    )  # fmt: skip
    assert [("ann", "sent"), ("ben", "doubtful"), ("cid", "waiting")] == [
        (copy.address.partition("@")[0], copy.state) for copy in won.edition.copies
    ]
    assert "it may have arrived" in str(won.edition.copies[1].last_error)
    done = send(book, won.edition, UNTIL)
    assert ("doubtful", None, None, ["sent", "doubtful", "sent"]) == (
        done.state, done.claimed_until, done.sent_at, states(done),
    )  # fmt: skip
    assert Done(done) == book.begin(new_edition(), "run-3", UNTIL + 9 * MINUTE, UNTIL + 10 * MINUTE)
    assert [done] == book.doubtful()


def test_a_run_that_goes_on_sending_keeps_its_claim(book: EditionBook) -> None:
    one = begun(book)
    book.claim_copy(one.copies[0].id, UNTIL - MINUTE, UNTIL + 4 * MINUTE)
    assert Busy("run-1", UNTIL + 4 * MINUTE) == book.begin(new_edition(), "run-2", UNTIL, UNTIL)


def test_a_copy_is_taken_once_and_none_that_is_not_there(book: EditionBook) -> None:
    one = begun(book)
    number = one.copies[0].id
    assert [True, False] == [book.claim_copy(number, NOW, UNTIL) for _ in range(2)]
    book.copy_sent(number, NOW)
    assert [False, False] == [book.claim_copy(which, NOW, UNTIL) for which in (number, 999)]
    assert (NOW, NOW) == (book.finish(one.id, NOW).copies[0].tried_at, book.finish(one.id, NOW).copies[0].sent_at)


def test_when_all_were_sent_or_refused_it_is_sent(book: EditionBook) -> None:
    one = begun(book)
    for copy in one.copies:
        book.claim_copy(copy.id, NOW, UNTIL)
    book.copy_sent(one.copies[0].id, NOW)
    book.copy_refused(one.copies[1].id, "550 no such user", NOW)
    done = book.finish(one.id, NOW + MINUTE)
    assert ("sent", NOW + MINUTE, None, ["sent", "refused"]) == (
        done.state, done.sent_at, done.claimed_until, states(done),
    )  # fmt: skip
    assert "550 no such user" == done.copies[1].last_error
    assert Done(done) == book.begin(new_edition(), "run-2", UNTIL, UNTIL)


def test_what_waits_may_be_tried_again_at_once_and_before_what_is_in_doubt_is_asked_about(
    book: EditionBook,
) -> None:
    one = begun(book)
    for copy in one.copies:
        book.claim_copy(copy.id, NOW, UNTIL)
    book.copy_doubtful(one.copies[0].id, "lost the connection after DATA", NOW)
    book.copy_waits(one.copies[1].id, "connection refused", NOW)
    waits = book.finish(one.id, NOW + MINUTE)
    assert ("sending", None, NOW + MINUTE, "connection refused", None, ["doubtful", "waiting"]) == (
        waits.state, waits.claimed_until, waits.tried_at, waits.last_error, waits.sent_at, states(waits),
    )  # fmt: skip
    again = begun(book, at=NOW + MINUTE, run_id="run-2")
    assert one.id == again.id
    assert ["doubtful", "sent"] == states(send(book, again, NOW + MINUTE))
    assert "lost the connection after DATA" == book.doubtful()[0].copies[0].last_error


def test_who_comes_back_late_and_knows_that_it_arrived_is_believed(book: EditionBook) -> None:
    one = left_in_doubt(book, "ann")
    assert "doubtful" == one.state
    book.copy_sent(one.copies[0].id, UNTIL + MINUTE)
    found = book.edition(REPORT, PERIOD)
    assert found is not None
    assert ("sent", UNTIL + MINUTE, ["sent"]) == (found.state, found.sent_at, states(found))


def test_who_comes_back_late_and_says_that_it_did_not_changes_nothing(book: EditionBook) -> None:
    one = left_in_doubt(book)
    number = one.copies[0].id
    book.copy_waits(number, "refused", UNTIL)
    book.copy_refused(number, "refused", UNTIL)
    assert one == book.edition(REPORT, PERIOD)
    book.settle(number, False, "ann", UNTIL)
    book.copy_sent(number, UNTIL)
    assert not book.claim_copy(number, UNTIL, UNTIL)


def test_who_comes_back_late_ends_no_try_of_another(book: EditionBook, ledger_url: str) -> None:
    one = begun(book, "ann")
    number = one.copies[0].id
    book.claim_copy(number, NOW, UNTIL)
    with Ledger(ledger_url) as ledger:
        second = EditionBook(ledger)
        begun(second, at=UNTIL, run_id="run-2")
        second.settle(number, False, "ann", UNTIL)
        assert second.claim_copy(number, UNTIL, UNTIL + MINUTE)
        for late in (book.copy_waits, book.copy_doubtful, book.copy_refused):
            late(number, "connection refused", UNTIL)
        assert ["sending"] == states(second.finish(one.id, UNTIL))
        second.copy_sent(number, UNTIL)
        assert "sent" == second.finish(one.id, UNTIL).state


def test_a_copy_that_nobody_took_was_not_sent(book: EditionBook) -> None:
    one = begun(book)
    book.copy_sent(one.copies[0].id, NOW)
    for said in (book.copy_doubtful, book.copy_waits, book.copy_refused):
        with pytest.raises(LedgerError, match=f"copy {one.copies[1].id} was not taken here"):
            said(one.copies[1].id, "lost", NOW)
    assert ["waiting", "waiting"] == states(book.finish(one.id, NOW))


def test_what_arrived_is_settled_and_what_did_not_is_sent(book: EditionBook) -> None:
    one = begun(book, "ann", "ben")
    for copy in one.copies:
        book.claim_copy(copy.id, NOW, UNTIL)
        book.copy_doubtful(copy.id, "lost", NOW)
    assert "doubtful" == book.finish(one.id, NOW).state
    first, second = one.copies
    half = book.settle(first.id, True, "ann", UNTIL)
    assert ("doubtful", "sent", NOW, "ann") == (
        half.state, half.copies[0].state, half.copies[0].sent_at, half.copies[0].settled_by,
    )  # fmt: skip
    again = book.settle(second.id, False, "ann", UNTIL)
    assert ("sending", None, ["sent", "waiting"]) == (again.state, again.claimed_until, states(again))
    with pytest.raises(LedgerError, match=f"copy {first.id} to ann@example.com is sent and not in doubt"):
        book.settle(first.id, False, "ann", UNTIL)
    done = send(book, begun(book, at=UNTIL, run_id="run-3"), UNTIL)
    assert ("sent", ["sent", "sent"]) == (done.state, states(done))
    with pytest.raises(LedgerError, match="there is no copy 999"):
        book.settle(999, True, "ann", UNTIL)


def test_to_settle_takes_it_from_no_run_that_is_sending_it(book: EditionBook) -> None:
    one = begun(book)
    book.claim_copy(one.copies[0].id, NOW, UNTIL)
    going_on = begun(book, at=UNTIL, run_id="run-2")
    settled = book.settle(one.copies[0].id, False, "ann", UNTIL)
    assert ("sending", going_on.claimed_until) == (settled.state, settled.claimed_until)
    assert Busy("run-2", UNTIL + 5 * MINUTE) == book.begin(new_edition(), "run-3", UNTIL, UNTIL)


def test_finishing_while_another_run_still_sends_leaves_it_its_claim(book: EditionBook) -> None:
    one = begun(book)
    book.claim_copy(one.copies[0].id, NOW, UNTIL)
    assert ("sending", UNTIL) == (book.finish(one.id, NOW).state, book.finish(one.id, NOW).claimed_until)
    with pytest.raises(LedgerError, match="there is no edition with the number 999"):
        book.finish(999, NOW)


def test_one_address_gets_one_copy_whatever_it_is_called(book: EditionBook) -> None:
    new = replace(
        new_edition("ann"), copies=(*copies("ann", "ben"), NewCopy("audience.board.x", "Ann@Example.com", "<3>"))
    )
    won = book.begin(new, "run-1", NOW, UNTIL)
    assert isinstance(won, Won)
    assert ["ann@example.com", "ben@example.com"] == [copy.address for copy in won.edition.copies]


def test_an_edition_for_nobody_is_refused(book: EditionBook) -> None:
    with pytest.raises(LedgerError, match=f"edition {REPORT} for {PERIOD} is for nobody; name addresses"):
        book.begin(replace(new_edition(), copies=()), "run-1", NOW, UNTIL)
    assert book.edition(REPORT, PERIOD) is None


def test_what_was_sent_can_be_sent_again_and_says_so(book: EditionBook) -> None:
    sent = send(book, begun(book))
    won = book.again(REPORT, PERIOD, copies("cid", repeat=1), UNTIL, UNTIL + MINUTE, "run-2")
    assert isinstance(won, Won)
    assert (1, "sending", UNTIL, sent.due, "run-2", ["cid@example.com"]) == (
        won.edition.repeat, won.edition.state, won.edition.composed_at, won.edition.due, won.edition.run_id,
        [copy.address for copy in won.edition.copies],
    )  # fmt: skip
    assert CONTENT | {"repeat": 1} == json.loads(won.edition.content)
    assert Busy("run-2", UNTIL + MINUTE) == book.begin(new_edition(), "run-3", UNTIL, UNTIL)
    done = send(book, won.edition, UNTIL)
    assert [sent, done, done] == [book.edition(REPORT, PERIOD), book.edition(REPORT, PERIOD, 1),
                                  book.latest(REPORT, PERIOD)]  # fmt: skip
    assert Done(done) == book.begin(new_edition(), "run-3", UNTIL, UNTIL)
    third = book.again(REPORT, PERIOD, copies("cid", repeat=2), UNTIL, UNTIL + MINUTE, "run-4")
    assert isinstance(third, Won)
    assert (2, 2) == (third.edition.repeat, json.loads(third.edition.content)["repeat"])


def test_a_repeat_whose_run_died_goes_on_like_any_other(book: EditionBook) -> None:
    send(book, begun(book))
    repeat = book.again(REPORT, PERIOD, copies("cid", repeat=1), NOW, UNTIL, "run-2")
    assert isinstance(repeat, Won)
    assert repeat.edition.id == begun(book, at=UNTIL, run_id="run-3").id


def test_only_what_was_sent_can_be_sent_again(book: EditionBook) -> None:
    def again() -> None:
        book.again(REPORT, PERIOD, copies("ann", repeat=1), UNTIL, UNTIL + MINUTE, "run-9")

    with pytest.raises(LedgerError, match=f"edition {REPORT} for {PERIOD} was never sent"):
        again()
    one = begun(book)
    book.claim_copy(one.copies[0].id, NOW, UNTIL + MINUTE)
    with pytest.raises(LedgerError, match="is not sent yet: run run-1 is sending it"):
        again()
    book.copy_waits(one.copies[0].id, "down", NOW)
    book.finish(one.id, NOW)
    with pytest.raises(LedgerError, match="is not sent yet: run run-1 left copies of it waiting"):
        again()
    two = begun(book, run_id="run-2")
    book.claim_copy(two.copies[0].id, NOW, UNTIL)
    book.copy_doubtful(two.copies[0].id, "lost", NOW)
    send(book, two)
    with pytest.raises(LedgerError, match="is in doubt; say first with `oncall settle`"):
        again()
    book.settle(two.copies[0].id, True, "ann", NOW)
    again()
    with pytest.raises(LedgerError, match="run run-9 is sending it"):
        again()


def test_two_who_send_it_again_at_once_send_it_once(book: EditionBook) -> None:
    send(book, begun(book))
    won = book.again(REPORT, PERIOD, copies("ann", repeat=1), NOW, UNTIL, "run-2")
    assert isinstance(won, Won)
    send(book, won.edition)
    # The second had looked before the first was through, and named its mail as the first did.
    with pytest.raises(LedgerError, match=r"was sent as <ann\.1@oncall> before; somebody else"):
        book.again(REPORT, PERIOD, copies("ann", repeat=1), NOW, UNTIL, "run-3")
    assert book.edition(REPORT, PERIOD, 2) is None


def test_what_somebody_has_got_is_listed_the_newest_first(book: EditionBook) -> None:
    first = send(book, begun(book))
    begun(book, period="2026-10-05")
    doubtful = left_in_doubt(book, "ann", period="2026-10-04")
    other = send(book, begun(book, report="daily_growth_weekly"))
    assert [other, doubtful, first] == book.sent()
    assert [doubtful, first] == book.sent(REPORT)
    assert [other] == book.sent(limit=1)
