"""What holds an edition, who was told, who let it go, and what was restated, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from oncall_assets.incidents.ledger.edition_delays import write_told
from oncall_assets.incidents.ledger.edition_records import HoldRecord, ReleaseRecord
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.ledger import Ledger, LedgerError
from oncall_assets_tests.incidents.ledger.edition_entries import (
    MINUTE,
    NOW,
    PERIOD,
    REPORT,
    begun,
    left_in_doubt,
    send,
)

DUE = NOW + 60 * MINUTE
WHY = ["complete failed on aggregate_profit: “71 of 100”.", "2026-10-05 is missing."]


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as ledger:
        yield ledger


@pytest.fixture
def book(ledger: Ledger) -> EditionBook:
    return EditionBook(ledger)


def told(ledger: Ledger) -> None:
    with ledger.transaction() as connection:
        write_told(connection, REPORT, PERIOD, DUE, NOW)


def after(minutes: int) -> timedelta:
    return minutes * MINUTE


def test_a_hold_is_one_however_often_it_is_judged_and_says_the_latest_reasons(
    ledger: Ledger, book: EditionBook
) -> None:
    first = book.hold(REPORT, PERIOD, WHY, DUE, NOW)
    assert HoldRecord(REPORT, PERIOD, tuple(WHY), DUE, NOW, NOW, None, None, None) == first
    told(ledger)
    second = book.hold(REPORT, PERIOD, WHY[1:], DUE + MINUTE, NOW + MINUTE)
    changed = replace(first, reasons=(WHY[1],), due=DUE + MINUTE, judged_at=NOW + MINUTE)
    assert replace(changed, told_at=NOW, expected_at=DUE) == second
    assert [second] == book.holds()
    assert second == book.hold_of(REPORT, PERIOD)


def test_a_hold_that_comes_back_is_a_new_one_of_which_nobody_was_told(ledger: Ledger, book: EditionBook) -> None:
    book.hold(REPORT, PERIOD, WHY, DUE, NOW)
    told(ledger)
    book.over(REPORT, PERIOD, NOW + MINUTE)
    book.over(REPORT, PERIOD, NOW + after(2))
    over = book.hold_of(REPORT, PERIOD)
    assert over is not None
    assert (NOW + MINUTE, NOW, []) == (over.over_at, over.told_at, book.holds())
    back = book.hold(REPORT, PERIOD, WHY, DUE, NOW + after(3))
    assert HoldRecord(REPORT, PERIOD, tuple(WHY), DUE, NOW + after(3), NOW + after(3), None, None, None) == back
    assert [back] == book.holds()


def test_holds_are_by_report_and_period_the_first_in_front(book: EditionBook) -> None:
    later = book.hold(REPORT, "2026-10-05", WHY, DUE, NOW + MINUTE)
    first = book.hold("other", PERIOD, WHY, DUE, NOW)
    assert [first, later] == book.holds()
    book.over("other", PERIOD, NOW)
    assert [later] == book.holds()
    assert book.hold_of(REPORT, PERIOD) is None


def test_a_hold_has_a_reason(book: EditionBook) -> None:
    with pytest.raises(LedgerError, match="is held for no reason; say what holds it"):
        book.hold(REPORT, PERIOD, [], DUE, NOW)


def test_a_release_is_said_once_with_what_held_it(book: EditionBook) -> None:
    assert book.released(REPORT, PERIOD) is None
    book.release(REPORT, PERIOD, "ann", "the board meets now", WHY, NOW)
    assert ReleaseRecord(REPORT, PERIOD, "ann", NOW, "the board meets now", tuple(WHY)) == book.released(
        REPORT, PERIOD
    )
    with pytest.raises(LedgerError, match="was released by ann at 2026-10-07 10:00 UTC already: the board meets"):
        book.release(REPORT, PERIOD, "ben", "me too", WHY, NOW)
    book.release(REPORT, "2026-10-05", "ben", "that one too", WHY, NOW)


def test_what_was_sent_or_is_on_its_way_cannot_be_released(book: EditionBook) -> None:
    one = begun(book)
    with pytest.raises(LedgerError, match="is on its way already; there is nothing to release"):
        book.release(REPORT, PERIOD, "ann", "now", WHY, NOW)
    send(book, one)
    with pytest.raises(LedgerError, match="was sent at 2026-10-07 10:00 UTC already; there is nothing to release"):
        book.release(REPORT, PERIOD, "ann", "now", WHY, NOW)
    left_in_doubt(book, "ann", period="2026-10-05")
    with pytest.raises(LedgerError, match="is on its way already"):
        book.release(REPORT, "2026-10-05", "ann", "now", WHY, NOW)
    assert book.released(REPORT, PERIOD) is None


def test_a_restatement_is_news_when_the_value_is(book: EditionBook) -> None:
    one = send(book, begun(book))
    assert [True, False, True] == [
        book.restate(one.id, "profit_cents", "1", now, "late data", NOW + after(number))
        for number, now in enumerate(("2", "2", "3"))
    ]
    (found,) = book.restatements()
    assert ("profit_cents", "1", "3", "late data", NOW + after(2), None, None, None) == (
        found.column, found.sent, found.now, found.cause, found.found_at, found.listed_in, found.over_at,
        found.closed_by,
    )  # fmt: skip
    assert replace(one, copies=()) == found.edition
    with pytest.raises(LedgerError, match="there is no edition with the number 999"):
        book.restate(999, "profit_cents", "1", "2", "late data", NOW)


def test_what_an_edition_has_listed_is_over_until_it_changes_once_more(book: EditionBook) -> None:
    one, following = send(book, begun(book)), send(book, begun(book, period="2026-10-07"))
    book.restate(one.id, "a", "1", "2", "late data", NOW)
    book.restate(one.id, "b", "1", "2", "late data", NOW)
    first, second = book.restatements()
    book.listed([first.id], following.id, NOW + MINUTE)
    assert [second] == book.restatements()
    (listed,) = [record for record in book.restatements(open_only=False) if record.id == first.id]
    assert (following.id, NOW + MINUTE) == (listed.listed_in, listed.over_at)
    assert not book.restate(one.id, "a", "1", "2", "late data", NOW + after(2))
    # Its readers were told 2 by then.
    assert book.restate(one.id, "a", "2", "1", "code", NOW + after(3))
    last = book.restatements()[-1]
    assert (first.id, "2", "1", "code", None, None) == (
        last.id, last.sent, last.now, last.cause, last.listed_in, last.over_at,
    )  # fmt: skip


def test_a_figure_that_is_as_sent_again_is_over_and_the_same_change_of_it_is_a_new_one(book: EditionBook) -> None:
    one = send(book, begun(book))
    book.as_sent_again(one.id, "a", NOW)
    book.restate(one.id, "a", "1", "2", "late data", NOW)
    book.as_sent_again(one.id, "a", NOW + MINUTE)
    assert [] == book.restatements()
    (over,) = book.restatements(open_only=False)
    assert (NOW + MINUTE, "1") == (over.over_at, over.now)
    assert book.restate(one.id, "a", "1", "2", "late data", NOW + after(2))
    assert ["2"] == [record.now for record in book.restatements()]


def test_a_person_may_close_it_once(book: EditionBook) -> None:
    one = send(book, begun(book))
    book.restate(one.id, "a", "1", "2", "late data", NOW)
    (record,) = book.restatements()
    book.close_restatement(record.id, "ann", NOW + MINUTE)
    assert [("ann", NOW + MINUTE)] == [
        (each.closed_by, each.over_at) for each in book.restatements(open_only=False)
    ]
    with pytest.raises(LedgerError, match=r"was closed by ann at 2026-10-07 10:01 UTC already"):
        book.close_restatement(record.id, "ben", NOW)
    with pytest.raises(LedgerError, match="there is no restatement 999"):
        book.close_restatement(999, "ben", NOW)
    # Of what is closed no edition tells.
    book.listed([record.id], one.id, NOW)
    assert [None] == [each.listed_in for each in book.restatements(open_only=False)]


def test_restatements_are_of_one_report_or_of_all_the_first_found_in_front(book: EditionBook) -> None:
    one, other = send(book, begun(book)), send(book, begun(book, report="other"))
    book.restate(one.id, "a", "1", "2", "late data", NOW + MINUTE)
    book.restate(other.id, "a", "1", "2", "late data", NOW)
    assert ["other", REPORT] == [record.edition.report for record in book.restatements()]
    assert [REPORT] == [record.edition.report for record in book.restatements(REPORT)]
    assert [] == book.restatements("none")
