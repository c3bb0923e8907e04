"""Editions that are held, in doubt or restated, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.ledger.edition_records import ANNOUNCED, Won
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.signals.probes.editions import doubtful_editions, held_editions, restated_figures
from oncall_assets_tests.incidents.company import handbook
from oncall_assets_tests.incidents.ledger.edition_entries import (
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
)

FRONT = """severity: critical
reports:
  - {name: daily, title: Daily profit, period: day, due: {at: "06:00"}, of: aggregate_profit, to: [investors],
     figures: [{column: profit_cents, name: Profit, metric: profit}]}"""
DAILY = "profit_daily"
DUE = NOW + timedelta(hours=1)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[EditionBook]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        yield EditionBook(ledger)


@pytest.fixture
def promised(tmp_path: Path) -> Handbook:
    return handbook(tmp_path / "handbook", front=FRONT)


def test_what_holds_an_edition_is_told_in_sentences(book: EditionBook, promised: Handbook) -> None:
    book.hold(DAILY, PERIOD, ["A check failed.", "A day\nis missing."], DUE, NOW)
    (one,) = held_editions(book, promised)
    assert (f"edition {DAILY}", PERIOD, (f"editions/{DAILY}",), "profit", None, NOW) == (
        one.target, one.partition, one.assets, one.pipeline, one.severity, one.at,
    )  # fmt: skip
    assert ("Edition of Daily profit for 2026-10-06 is held", "A check failed. A day is missing.") == (
        one.title, one.finding,
    )  # fmt: skip
    assert ("held since 2026-10-07 10:00 UTC", "due 2026-10-07 11:00 UTC") == (one.observed, one.threshold)
    # What a check found stays on its page: whoever reads of a hold may read all of it.
    assert (True, False) == (one.whole, one.figures)


def test_the_first_five_reasons_are_told_and_how_many_more_there_are(
    book: EditionBook, promised: Handbook
) -> None:
    reasons = [f"Reason {number}." for number in range(1, 8)]
    book.hold(DAILY, PERIOD, reasons[:5], DUE, NOW)
    assert " ".join(reasons[:5]) == held_editions(book, promised)[0].finding
    book.hold(DAILY, PERIOD, reasons, DUE, NOW)
    assert " ".join([*reasons[:5], "And 2 more."]) == held_editions(book, promised)[0].finding


def test_a_hold_is_the_same_until_it_is_over_and_another_after_that(book: EditionBook, promised: Handbook) -> None:
    ids = []
    for number in range(3):
        book.hold(DAILY, PERIOD, ["A check failed."], DUE, NOW + number * MINUTE)
        ids += [one.id for one in held_editions(book, promised)]
        if number == 1:
            book.over(DAILY, PERIOD, NOW)
            assert [] == held_editions(book, promised)
    assert (ids[0], 2) == (ids[1], len(set(ids)))


def test_of_reports_that_nobody_promises_nothing_is_told(book: EditionBook, promised: Handbook) -> None:
    book.hold("gone_daily", PERIOD, ["A check failed."], DUE, NOW)
    assert [] == held_editions(book, promised)


def test_what_is_sent_or_in_doubt_is_not_held_and_what_is_on_its_way_is(
    book: EditionBook, promised: Handbook
) -> None:
    for day in (4, 5, 6):
        book.hold(DAILY, f"2026-10-0{day}", ["A check failed."], DUE, NOW)
    send(book, begun(book, report=DAILY, period="2026-10-04"))
    left_in_doubt(book, "ann", report=DAILY, period="2026-10-05")
    begun(book, report=DAILY, period="2026-10-06")
    assert ["2026-10-06"] == [one.partition for one in held_editions(book, promised)]


def test_who_may_not_have_got_a_copy_is_named_with_what_to_ask_and_what_to_say_then(book: EditionBook) -> None:
    edition = left_in_doubt(book)
    (one,) = doubtful_editions(book)
    number = edition.copies[0].id
    assert ("edition in doubt", f"doubtful edition {REPORT}", PERIOD, (f"editions/{REPORT}",), NOW) == (
        one.kind, one.target, one.partition, one.assets, one.at,
    )  # fmt: skip
    assert ("aggregate_profit", None, True, False) == (one.pipeline, one.severity, one.whole, one.figures)
    assert "Nobody knows whether a copy of Aggregate profit for 2026-10-06 arrived" == one.title
    assert "a copy in doubt of 2" == one.observed
    command = f"`oncall settle --edition {REPORT} --period {PERIOD} --copy {number}"
    assert (
        "Ask the mail server's log for the Message-ID. Where the server took the message: "
        f"{command} --arrived`. Where it did not: {command} --not-arrived`, and it is sent. "
        f"investors: ann@example.com, copy {number}, Message-ID <ann.0@oncall>, tried 2026-10-07 10:00 UTC."
    ) == one.finding
    book.settle(number, True, "ann", NOW)
    assert [] == doubtful_editions(book)


def test_each_edition_in_doubt_is_one_trouble_whatever_is_in_doubt_of_it(book: EditionBook) -> None:
    names = [f"reader{number}" for number in range(7)]
    one = begun(book, *names)
    for copy in one.copies:
        book.claim_copy(copy.id, NOW, UNTIL)
        book.copy_doubtful(copy.id, "lost", NOW)
    other = left_in_doubt(book, "ann", period="2026-10-05")
    book.settle(other.copies[0].id, True, "ann", NOW)
    won = book.again(REPORT, "2026-10-05", copies("ann", repeat=1), NOW, UNTIL, "run-2")
    assert isinstance(won, Won)
    book.claim_copy(won.edition.copies[0].id, NOW, UNTIL)
    book.copy_doubtful(won.edition.copies[0].id, "lost", NOW)
    first, second = doubtful_editions(book)
    assert ("7 copies in doubt of 7", f"doubtful edition {REPORT}") == (first.observed, first.target)
    assert "And 2 more." == first.finding[-11:]
    assert f"doubtful edition {REPORT}, repeat 1" == second.target
    assert first.id != second.id


def test_a_figure_that_changed_is_told_old_and_new_with_the_cause_and_who_got_the_old_one(
    book: EditionBook,
) -> None:
    new = new_edition("ann", "ben")
    both = (*copies("ann", "ben"), *copies("zoe", audience="board"))
    won = book.begin(replace(new, copies=both), "run-1", NOW, UNTIL)
    assert isinstance(won, Won)
    for number, copy in enumerate(won.edition.copies):
        book.claim_copy(copy.id, NOW, UNTIL)
        if number == 2:
            book.copy_doubtful(copy.id, "lost", NOW)
        else:
            book.copy_sent(copy.id, NOW + number * MINUTE)
    one = book.finish(won.edition.id, NOW)
    book.restate(one.id, "profit_cents", '{"amount": 123456}', '{"amount": -5}', "late data", NOW + MINUTE)
    book.restate(one.id, "margin", '{"amount": 0.5}', '{"amount": null, "why": "no revenue"}', "code", NOW)
    (trouble,) = restated_figures(book)
    assert ("figure restated", f"restated edition {REPORT}", PERIOD, "aggregate_profit", "major") == (
        trouble.kind, trouble.target, trouble.partition, trouble.pipeline, trouble.severity,
    )  # fmt: skip
    assert (True, True, NOW + MINUTE, (f"editions/{REPORT}",)) == (
        trouble.whole, trouble.figures, trouble.at, trouble.assets,
    )  # fmt: skip
    assert "Aggregate profit for 2026-10-06 was sent with figures that have changed" == trouble.title
    assert (
        "Margin was 0.5 and is n/a (no revenue): code. "
        "Profit was 1,234.56 EUR and is -0.05 EUR: late data. "
        "It was sent to investors at 2026-10-07 10:00 UTC and board perhaps."
    ) == trouble.finding
    book.as_sent_again(one.id, "profit_cents", NOW)
    book.as_sent_again(one.id, "margin", NOW)
    assert [] == restated_figures(book)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('{"amount": 9007199254740993}', "90,071,992,547,409.93 EUR"),
        ('{"amount": 0}', "0.00 EUR"),
        ('{"amount": -100}', "-1.00 EUR"),
        ('{"amount": null, "why": null}', "n/a (no reason is known)"),
        ('{"amount": null, "why": "two\\nlines"}', "n/a (two lines)"),
    ],
)
def test_money_is_told_to_the_cent_and_what_is_missing_with_its_reason(
    book: EditionBook, value: str, shown: str
) -> None:
    one = send(book, begun(book))
    book.restate(one.id, "profit_cents", '{"amount": 1}', value, "code", NOW)
    assert f"Profit was 0.01 EUR and is {shown}: code." in restated_figures(book)[0].finding


def test_editions_restated_are_one_trouble_each_and_a_new_value_is_another_occurrence(book: EditionBook) -> None:
    one, other = send(book, begun(book)), send(book, begun(book, period="2026-10-05"))
    book.restate(one.id, "gone", '{"amount": 1}', '{"amount": 2000}', "code", NOW)
    book.restate(other.id, "margin", '{"amount": 1}', '{"amount": 2}', "code", NOW)
    first, second = restated_figures(book)
    assert {PERIOD, "2026-10-05"} == {first.partition, second.partition}
    # A column that the edition does not know has no unit and no name.
    assert "gone was 1 and is 2,000: code." in first.finding + second.finding
    book.restate(one.id, "gone", '{"amount": 1}', '{"amount": 3}', "code", NOW + MINUTE)
    assert 3 == len({each.id for each in (first, second, *restated_figures(book))})


def test_an_edition_that_says_nothing_of_itself_is_called_by_its_key(book: EditionBook) -> None:
    new = replace(new_edition("ann"), content="{}")
    won = book.begin(new, "run-1", NOW, UNTIL)
    assert isinstance(won, Won)
    one = send(book, won.edition)
    book.restate(one.id, "profit_cents", '{"amount": 1}', '{"amount": 2}', "code", NOW)
    (trouble,) = restated_figures(book)
    assert (f"{REPORT} for 2026-10-06 was sent with figures that have changed", None) == (
        trouble.title, trouble.pipeline,
    )  # fmt: skip
    assert trouble.finding.startswith("profit_cents was 1 and is 2: code.")


def test_a_change_that_the_edition_announced_is_no_trouble(book: EditionBook) -> None:
    edition = begun(book)
    send(book, edition)
    book.restate(edition.id, "profit_cents", '{"amount": 1}', '{"amount": 2}', f"{ANNOUNCED}late events", NOW)
    assert [] == restated_figures(book)
    book.restate(edition.id, "profit_cents", '{"amount": 1}', '{"amount": 3}', "somebody corrected it", NOW)
    assert 1 == len(restated_figures(book))
