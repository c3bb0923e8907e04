"""`oncall resend`: once more on purpose, to recipients of the report alone, over a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_assets.handbook.home import ledger_url
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets_tests.cli import reporting
from oncall_assets_tests.cli.company import oncall
from oncall_assets_tests.cli.night import HOUR, now
from oncall_assets_tests.cli.reporting import BOARD, CEO, DAY, FINANCE, content, figure, sends
from oncall_assets_tests.cli.test_editions import answered, refusal
from oncall_assets_tests.smtp_server import SmtpServer, smtp_server

EDITION = ("--edition", "profit_daily", "--period", str(DAY))
AGAIN = ("resend", *EDITION, "--because", "the first had no pictures", "--by", "bob")
CONTENT = content("profit_daily", DAY, [figure("profit_cents", 123_456_78)], now())


@pytest.fixture
def server(book: Path, tmp_path: Path) -> Iterator[SmtpServer]:
    with smtp_server(tmp_path, "none") as found:
        email = f"email: {{host: 127.0.0.1, port: {found.port}, security: none, sender: reports@example.com}}"
        reporting.handbook(book, f"console: {{}}, {email}")
        yield found


@pytest.fixture
def sent(server: SmtpServer) -> Iterator[EditionBook]:  # noqa: ARG001 - beside whose handbook it is
    with Database(ledger_url()) as database:
        book = EditionBook(database)
        sends(book, CONTENT, now())
        yield book


def test_everybody_gets_it_once_more_and_its_subject_says_so(
    book: Path, server: SmtpServer, sent: EditionBook
) -> None:
    result = answered(book, "y", *AGAIN)
    assert 0 == result.exit_code, result.output
    names = f"{FINANCE}, {BOARD}, {CEO}"
    assert f"profit_daily for {DAY} goes once more, as it was sent, to {names}.\n" in result.stdout
    assert f"profit_daily for {DAY}, as Bob Smith (bob): sent to 3 of 3.\n" in result.stdout
    assert [(FINANCE,), (BOARD,), (CEO,)] == [one.recipients for one in server.received]
    record = sent.edition("profit_daily", str(DAY), 1)
    assert record is not None
    for one, copy in zip(server.received, record.copies, strict=True):
        assert str(one.mail["Subject"]).startswith("Resent: Profit for ")
        assert copy.message_id == one.mail["Message-ID"]
        body = one.mail.get_body(("plain",))
        assert body is not None
        assert "$123,456.78" in body.get_content()
    assert ("sent", "oncall resend by bob: the first had no pictures") == (record.state, record.run_id)


def test_nothing_is_sent_without_a_yes(book: Path, server: SmtpServer, sent: EditionBook) -> None:
    assert 1 == answered(book, "n", *AGAIN).exit_code
    assert [] == server.received
    assert sent.edition("profit_daily", str(DAY), 1) is None


@pytest.mark.usefixtures("sent")
def test_a_recipient_can_be_named(book: Path, server: SmtpServer) -> None:
    assert 0 == oncall(book, *AGAIN, "--yes", "--to", "Board@Example.com").exit_code
    assert [(BOARD,)] == [one.recipients for one in server.received]


def test_nobody_else_can_be_named(book: Path, server: SmtpServer, sent: EditionBook) -> None:
    said = refusal(oncall(book, *AGAIN, "--yes", "--to", BOARD, "--to", "rival@example.com"), 2)
    assert (
        f"'rival@example.com' is no recipient of profit_daily; expected one of {BOARD}, {CEO}, {FINANCE}" in said
    )
    assert [] == server.received
    assert 1 == len(sent.sent())


def test_each_time_is_another_mail(book: Path, server: SmtpServer, sent: EditionBook) -> None:
    for _ in range(2):
        assert 0 == oncall(book, *AGAIN, "--yes", "--to", CEO).exit_code
    assert 2 == len({one.mail["Message-ID"] for one in server.received})
    latest = sent.latest("profit_daily", str(DAY))
    assert latest is not None
    assert 2 == latest.repeat
    assert "sent to 1 of 1" in oncall(book, "editions", "--all").stdout
    assert "sent again twice" in oncall(book, "editions", "--all").stdout


def test_what_a_server_did_not_take_goes_on_where_it_ended(
    book: Path, server: SmtpServer, sent: EditionBook
) -> None:
    server.answers["MAIL"] = "421 closing"
    result = oncall(book, *AGAIN, "--yes")
    assert 1 == result.exit_code
    assert "sent to 0 of 3; waiting for finance@example.com: the mail server" in result.stdout
    assert "Look at it with `oncall editions profit_daily`." in result.stderr
    server.answers.clear()
    again = oncall(book, *AGAIN, "--yes", "--to", CEO)
    assert 0 == again.exit_code, again.output
    assert f"to {FINANCE}, {BOARD}, {CEO}." in again.stdout
    assert 3 == len(server.received)
    latest = sent.latest("profit_daily", str(DAY))
    assert latest is not None
    assert (1, "sent") == (latest.repeat, latest.state)


@pytest.mark.usefixtures("sent")
def test_a_refused_recipient_is_named(book: Path, server: SmtpServer) -> None:
    server.answers["RCPT"] = "550 no such mailbox"
    result = oncall(book, *AGAIN, "--yes", "--to", CEO)
    assert f"sent to 0 of 1; refused for {CEO}: the mail server" in result.stdout


def test_what_cannot_be_sent_again_says_why(book: Path, server: SmtpServer, sent: EditionBook) -> None:
    never = ("resend", "--edition", "profit_daily", "--period", "2026-10-07", *AGAIN[5:], "--yes")
    assert "profit_daily for 2026-10-07 was never sent" in refusal(oncall(book, *never))
    begun = reporting.begins(sent, content("profit_monthly", reporting.MONTH, [], now()), now())
    month = ("resend", "--edition", "profit_monthly", "--period", "2026-09", *AGAIN[5:], "--yes")
    assert "is on its way still" in refusal(oncall(book, *month))
    for copy in begun.copies:
        sent.claim_copy(copy.id, now(), now() + HOUR)
        sent.copy_doubtful(copy.id, "it fell silent", now())
    sent.finish(begun.id, now())
    assert "is in doubt; say first with `oncall settle`" in refusal(oncall(book, *month))
    assert [] == server.received


def test_a_team_without_mail_cannot_send(book: Path, sent: EditionBook) -> None:
    reporting.handbook(book)
    said = refusal(oncall(book, *AGAIN, "--yes"))
    assert "team.yaml names no `email` under `channels`, so e-mail is not used\n" == said
    assert 1 == len(sent.sent())
