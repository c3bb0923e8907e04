"""`oncall figures` and `restated`: what readers were told, edition by edition, and what has changed since."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from oncall_assets.handbook.home import ledger_url
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.edition_records import EditionRecord, NewCopy, Won
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.metrics.days import Days
from oncall_assets.reports.edition import Value
from oncall_assets_tests.cli import reporting
from oncall_assets_tests.cli.company import oncall
from oncall_assets_tests.cli.reporting import CEO, DAY, HOUR, content, figure, sends
from oncall_assets_tests.cli.test_editions import refusal, rows
from oncall_assets_tests.reports.changing import utc

AT = utc("2026-10-07T10:00")
LATER = utc("2026-10-09T03:15")
NEXT = Days.one(date(2026, 10, 7))


@pytest.fixture
def sent(book: Path) -> Iterator[EditionBook]:
    reporting.handbook(book)
    with Database(ledger_url()) as database:
        yield EditionBook(database)


@pytest.fixture
def told(sent: EditionBook) -> EditionRecord:
    """The 6th with a profit and no margin, and a day later the 7th."""
    figures = [figure("profit_cents", 123_456_78), figure("margin", None, "=no revenue")]
    record = sends(sent, content("profit_daily", DAY, figures, AT), AT)
    sends(sent, content("profit_daily", NEXT, [figure("profit_cents", -5)], AT + 24 * HOUR), AT + 24 * HOUR)
    return record


def restates(book: EditionBook, record: EditionRecord, now: int = 123_456_79) -> None:
    values = Value(amount=123_456_78).model_dump_json(), Value(amount=now).model_dump_json()
    assert book.restate(record.id, "profit_cents", *values, "revenue_records landed again", LATER)


def as_csv(book: Path, *arguments: str) -> list[dict[str, str]]:
    result = oncall(book, "figures", *arguments, "--as-sent", "--format", "csv")
    assert (0, "") == (result.exit_code, result.stderr), result.output
    return list(csv.DictReader(io.StringIO(result.stdout_bytes.decode(), newline="")))


def test_every_figure_is_shown_as_it_was_sent(book: Path, sent: EditionBook, told: EditionRecord) -> None:
    restates(sent, told)
    on = ("profit_daily", "2026-10-06")
    assert [
        [*on, "Profit", "$123,456.78", "Wed 2026-10-07 06:00", "$123,456.79", "Thu 2026-10-08 23:15"],
        [*on, "Margin", "n/a (=no revenue)", "Wed 2026-10-07 06:00"],
        ["profit_daily", "2026-10-07", "Profit", "-$0.05", "Thu 2026-10-08 06:00"],
    ] == rows(oncall(book, "figures", "profit_daily", "--as-sent"))


@pytest.mark.usefixtures("told")
def test_a_table_stands_for_all_its_reports(book: Path, sent: EditionBook) -> None:
    sends(sent, content("profit_monthly", reporting.MONTH, [figure("profit_cents", 1)], AT), AT)
    assert {"profit_daily", "profit_monthly"} == {one["report"] for one in as_csv(book, "aggregate_profit")}
    assert {"profit_daily", "profit_monthly"} == {one["report"] for one in as_csv(book, "profit")}
    assert {"profit_monthly"} == {one["report"] for one in as_csv(book, "profit_monthly")}
    assert "'aggregate_proft' is no report" in refusal(oncall(book, "figures", "aggregate_proft", "--as-sent"), 2)


def test_a_program_gets_exact_figures_and_no_formula(book: Path, sent: EditionBook, told: EditionRecord) -> None:
    restates(sent, told)
    first, second, third = as_csv(book, "profit_daily")
    assert {
        "report": "profit_daily",
        "period_first": "2026-10-06",
        "period_last": "2026-10-06",
        "figure": "Profit",
        "unit": "USD",
        "value": "123456.78",
        "sent_at": "2026-10-07T10:00:00+00:00",
        "repeats": "0",
        "restated_to": "123456.79",
        "restated_at": "2026-10-09T03:15:00+00:00",
        "note": "",
    } == first
    assert ("", "ratio", "n/a (=no revenue)") == (second["value"], second["unit"], second["note"])
    assert "-0.05" == third["value"]


def test_names_of_figures_are_no_formulas(book: Path, sent: EditionBook) -> None:
    evil = figure("profit_cents", 1).model_copy(update={"name": "=HYPERLINK(1)"})
    sends(sent, content("profit_daily", DAY, [evil], AT), AT)
    assert ["'=HYPERLINK(1)"] == [one["figure"] for one in as_csv(book, "profit_daily")]


@pytest.mark.usefixtures("told")
def test_since_leaves_out_what_was_sent_before_that_day_of_the_team(book: Path) -> None:
    assert {"2026-10-06", "2026-10-07"} == {
        one["period_first"] for one in as_csv(book, "profit_daily", "--since", "2026-10-07")
    }
    assert {"2026-10-07"} == {one["period_first"] for one in as_csv(book, "profit_daily", "--since", "2026-10-08")}
    nothing = oncall(book, "figures", "profit_daily", "--as-sent", "--since", "2026-10-09")
    assert "Nothing of profit_daily was sent since 2026-10-09.\n" == nothing.stdout


def test_what_was_sent_at_the_first_instant_of_a_day_was_sent_on_it(book: Path, sent: EditionBook) -> None:
    midnight = utc("2026-10-07T04:00")
    sends(sent, content("profit_daily", DAY, [figure("profit_cents", 1)], midnight), midnight)
    assert 1 == len(as_csv(book, "profit_daily", "--since", "2026-10-07"))


def test_a_figure_that_is_as_sent_again_has_no_other_value(
    book: Path, sent: EditionBook, told: EditionRecord
) -> None:
    restates(sent, told)
    sent.as_sent_again(told.id, "profit_cents", LATER + HOUR)
    first, *_ = as_csv(book, "profit_daily")
    assert ("", "") == (first["restated_to"], first["restated_at"])


def test_an_edition_that_was_sent_again_is_one_edition(book: Path, sent: EditionBook, told: EditionRecord) -> None:
    claimed = sent.again(told.report, told.period, [NewCopy("audience.x.y", CEO, "<2>")], LATER, LATER, "by hand")
    assert isinstance(claimed, Won)
    sent.claim_copy(claimed.edition.copies[0].id, LATER, LATER)
    sent.copy_sent(claimed.edition.copies[0].id, LATER)
    sent.finish(claimed.edition.id, LATER)
    found = [one for one in as_csv(book, "profit_daily") if one["period_first"] == "2026-10-06"]
    assert [("Profit", "1"), ("Margin", "1")] == [(one["figure"], one["repeats"]) for one in found]
    assert {"2026-10-07T10:00:00+00:00"} == {one["sent_at"] for one in found}
    assert "once" in rows(oncall(book, "figures", "profit_daily", "--as-sent"))[0]


def test_what_nobody_knows_to_have_arrived_is_in_doubt(book: Path, sent: EditionBook) -> None:
    edition = content("profit_daily", DAY, [figure("profit_cents", 1)], AT)
    sends(sent, edition, AT, doubtful=reporting.ADDRESSES)
    assert "in doubt" == rows(oncall(book, "figures", "profit_daily", "--as-sent"))[0][4]


def test_changed_figures_are_listed_with_their_cause_until_they_are_closed(
    book: Path, sent: EditionBook, told: EditionRecord
) -> None:
    nothing = "No figure says anything else than its readers were told.\n"
    assert nothing == oncall(book, "restated").stdout
    restates(sent, told)
    (row,) = rows(oncall(book, "restated"))
    number, *words = row
    assert ["profit_daily", "2026-10-06", "Profit", "$123,456.78", "$123,456.79", "Thu 2026-10-08 23:15"] == words[
        :-1
    ]
    assert "revenue_records landed again" == words[-1]
    closed = oncall(book, "restated", number, "--by", "carol")
    assert f"Restatement {number} closed as Carol White (carol); no edition will list it.\n" == closed.stdout
    assert nothing == oncall(book, "restated").stdout
    assert "closed by carol" in refusal(oncall(book, "restated", number, "--by", "bob"))


@pytest.mark.usefixtures("sent")
def test_the_history_is_asked_for_by_name(book: Path) -> None:
    assert "Missing option '--as-sent'" in refusal(oncall(book, "figures", "profit_daily"), 2)
