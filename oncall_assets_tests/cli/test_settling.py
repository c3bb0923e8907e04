"""`oncall settle`: what became of a copy that nobody knows of whether it arrived."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_assets.handbook.home import ledger_url
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.edition_records import EditionRecord, NewCopy, Won
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets_tests.cli import reporting
from oncall_assets_tests.cli.company import oncall
from oncall_assets_tests.cli.night import HOUR, now
from oncall_assets_tests.cli.reporting import CEO, FINANCE, sends
from oncall_assets_tests.cli.test_editions import DAY, EDITION, profit, refusal


@pytest.fixture
def sent(book: Path) -> Iterator[EditionBook]:
    reporting.handbook(book)
    with Database(ledger_url()) as database:
        yield EditionBook(database)


def test_the_only_copy_in_doubt_is_settled_by_saying_so(book: Path, sent: EditionBook) -> None:
    sends(sent, profit(), now(), doubtful=[CEO])
    result = oncall(book, "settle", *EDITION, "--arrived", "--by", "carol")
    copy = next(copy for copy in _edition(sent).copies if copy.address == CEO)
    assert f"Copy {copy.id} to {CEO} arrived, says Carol White (carol).\n" == result.stdout
    assert ("sent", "sent", "carol") == (_edition(sent).state, copy.state, copy.settled_by)
    assert f"no copy of profit_daily for {DAY} is in doubt" in refusal(
        oncall(book, "settle", *EDITION, "--arrived")
    )


def test_a_copy_that_did_not_arrive_waits_to_be_sent_again(book: Path, sent: EditionBook) -> None:
    sends(sent, profit(), now(), doubtful=[CEO])
    result = oncall(book, "settle", *EDITION, "--not-arrived", "--by", "carol")
    assert "did not arrive, and is sent again within a minute, says Carol White" in result.stdout
    assert ["sent", "sent", "waiting"] == [copy.state for copy in _edition(sent).copies]


def test_a_copy_of_a_repeat_that_did_not_arrive_waits_for_somebody_to_send_it(
    book: Path, sent: EditionBook
) -> None:
    first = sends(sent, profit(), now())
    copies = [NewCopy(first.copies[0].recipient, FINANCE, "<again>")]
    claimed = sent.again("profit_daily", str(DAY), copies, now(), now() + HOUR, "bob")
    assert isinstance(claimed, Won)
    (copy,) = claimed.edition.copies
    assert sent.claim_copy(copy.id, now(), now() + HOUR)
    sent.copy_doubtful(copy.id, "it fell silent", now())
    sent.finish(claimed.edition.id, now())
    result = oncall(book, "settle", *EDITION, "--not-arrived", "--by", "carol")
    assert "did not arrive, and waits for `oncall resend`, says Carol White" in result.stdout


def test_of_several_copies_in_doubt_one_is_named(book: Path, sent: EditionBook) -> None:
    sends(sent, profit(), now(), doubtful=[FINANCE, CEO])
    finance, _, ceo = _edition(sent).copies
    said = refusal(oncall(book, "settle", *EDITION, "--arrived", "--by", "bob"))
    assert "several copies are in doubt; expected --copy with the number of one that is:" == said.splitlines()[0]
    for copy, line in zip((finance, ceo), said.splitlines()[1:], strict=True):
        assert line.startswith(f"copy {copy.id} to {copy.address}, tried at ")
        assert line.endswith(f": Message-ID {copy.message_id}; it fell silent")
    other = ("settle", *EDITION, "--copy", str(finance.id + 1), "--arrived", "--by", "bob")
    assert refusal(oncall(book, *other)).startswith(f"copy {finance.id + 1} is not in doubt; expected --copy")
    assert 0 == oncall(book, "settle", *EDITION, "--copy", str(ceo.id), "--arrived", "--by", "bob").exit_code
    assert ["doubtful", "sent", "sent"] == [copy.state for copy in _edition(sent).copies]


def test_copies_in_doubt_are_listed_before_anybody_says_what_became_of_them(book: Path, sent: EditionBook) -> None:
    sends(sent, profit(), now(), doubtful=[FINANCE])
    result = oncall(book, "settle", *EDITION, "--by", "bob")
    assert (0, 1) == (result.exit_code, len(result.stdout.splitlines()))
    assert f"Message-ID <profit_daily-{DAY}-{FINANCE}>" in result.stdout
    assert "doubtful" == _edition(sent).state


def _edition(book: EditionBook) -> EditionRecord:
    found = book.edition("profit_daily", str(DAY))
    assert found is not None
    return found
