"""An edition in the post: who gets a copy, what a server's answer means for it, and for those after it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from oncall_assets.handbook.audiences import every_member
from oncall_assets.handbook.team import EmailChannel
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.edition_records import CopyRecord, Done, EditionRecord, Won
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.notify.smtp import Mailer
from oncall_assets.reports.post import CLAIM, copies_for, message_id, send
from oncall_assets_tests.reports.posting import (
    ANN,
    BEN,
    CID,
    NOW,
    PEOPLE,
    PERIOD,
    REPORT,
    SENDER,
    arrived,
    begun,
    copies,
    crowd,
    mail,
    mailer,
    post,
    states,
)
from oncall_assets_tests.smtp_server import SmtpServer, smtp_server

LATER = NOW + timedelta(minutes=1)
ID: dict[str, Any] = {
    "report": REPORT, "period": PERIOD, "repeat": 0, "recipient": f"audience.investors.{ANN}", "sender": SENDER,
}  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SmtpServer]:
    with smtp_server(tmp_path, "none") as running:
        yield running


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.fixture
def book(url: str) -> Iterator[EditionBook]:
    with Database(url) as database:
        yield EditionBook(database)


def won(book: EditionBook) -> EditionRecord:
    claimed = begun(book, NOW, "run 1")
    assert isinstance(claimed, Won)
    return claimed.edition


def kept(book: EditionBook, repeat: int = 0) -> EditionRecord:
    """The edition as the ledger has it."""
    found = book.edition(REPORT, PERIOD, repeat)
    assert found is not None
    return found


def errors(edition: EditionRecord) -> list[str | None]:
    return [copy.last_error for copy in edition.copies]


def test_a_message_id_is_the_same_for_the_same_copy_and_in_the_senders_domain() -> None:
    first = message_id(**ID)
    assert first == message_id(**ID)
    assert first.endswith("@data.example.com>")


@pytest.mark.parametrize(
    "other",
    [
        {"report": "growth_daily"},
        {"period": "2026-10-07"},
        {"repeat": 1},
        {"recipient": "b"},
        {"sender": "a@b.com"},
    ],
)
def test_every_other_copy_has_another_message_id(other: dict[str, Any]) -> None:
    assert message_id(**ID) != message_id(**ID | other)


def test_an_address_in_two_audiences_gets_one_copy_as_a_member_of_the_first() -> None:
    found = copies()
    assert [*PEOPLE] == [copy.address for copy in found]
    assert f"audience.investors.{BEN}" == found[1].recipient
    assert 3 == len({copy.message_id for copy in found})
    people = every_member(crowd())
    assert [people[copy.recipient].address for copy in found] == [copy.address for copy in found]


def test_an_audience_that_is_unknown_is_refused_by_name() -> None:
    problem = "profit_daily goes to press, which is no audience of team.yaml; there are: investors, stakeholders"
    with pytest.raises(ValueError, match=problem):
        copies_for(crowd(), ["investors", "press"], report="profit_daily", period="p", repeat=0, sender=SENDER)


def test_everybody_gets_a_mail_of_their_own_under_the_id_in_the_ledger(
    book: EditionBook, server: SmtpServer
) -> None:
    ended = send(book, won(book), mail, mailer(server.port), lambda: LATER)
    assert [(copy.address, copy.message_id) for copy in ended.copies] == arrived(server)
    assert [(SENDER, 1)] * 3 == [(one.sender, len(one.recipients)) for one in server.received]
    assert [address for address, _ in arrived(server)] == [str(one.mail["To"]) for one in server.received]
    assert ("sent", LATER) == (ended.state, ended.sent_at)
    assert [("sent", LATER)] * 3 == [(copy.state, copy.sent_at) for copy in ended.copies]


def test_an_edition_that_is_sent_is_sent_to_nobody_more(url: str, server: SmtpServer) -> None:
    post(url, server.port)
    assert isinstance(post(url, server.port, NOW + CLAIM), Done)
    assert 3 == server.attempts


@pytest.mark.parametrize("command", ["RCPT", "BODY"])
def test_a_recipient_who_is_refused_keeps_nobody_back(url: str, server: SmtpServer, command: str) -> None:
    server.answers[f"{command} {BEN}"] = "550 no such mailbox"
    ended = post(url, server.port)
    assert isinstance(ended, EditionRecord)
    assert {ANN: "sent", BEN: "refused", CID: "sent"} == states(ended)
    said = f"the mail server 127.0.0.1:{server.port} answered 550: no such mailbox"
    assert ("sent", [None, said, None]) == (ended.state, errors(ended))
    assert [ANN, CID] == [address for address, _ in arrived(server)]


def test_a_recipient_who_is_put_off_is_tried_again_and_nobody_else(url: str, server: SmtpServer) -> None:
    server.answers[f"RCPT {BEN}"] = "451 greylisted"
    ended = post(url, server.port)
    assert isinstance(ended, EditionRecord)
    assert {ANN: "sent", BEN: "waiting", CID: "sent"} == states(ended)
    assert ("sending", None) == (ended.state, ended.claimed_until)
    assert "451: greylisted" in str(ended.last_error)
    server.answers.clear()
    post(url, server.port, LATER)
    assert [(copy.address, copy.message_id) for copy in sorted(copies(), key=lambda one: one.address == BEN)] == (
        arrived(server)
    )


@pytest.mark.parametrize("reply", ["cut", "never"])
def test_a_server_that_falls_silent_gets_no_more_copies_from_this_run(
    url: str, server: SmtpServer, book: EditionBook, reply: str
) -> None:
    server.answers[f"BODY {ANN}"] = reply
    channel = EmailChannel(host="127.0.0.1", port=server.port, security="none", sender=SENDER)
    ended = send(book, won(book), mail, Mailer(channel, None, timeout=0.5), lambda: NOW)
    assert {ANN: "doubtful", BEN: "waiting", CID: "waiting"} == states(ended)
    assert 1 == server.attempts
    ended = post(url, server.port, LATER)  # type: ignore[assignment]
    assert ("doubtful", [*PEOPLE]) == (ended.state, [address for address, _ in arrived(server)])


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("EHLO", "cut"),
        ("MAIL", "550 sender unknown"),
        ("MAIL", "cut"),
        ("RCPT", "421 closing"),
        ("RCPT", "cut"),
    ],
)
def test_a_server_that_takes_nothing_is_not_held_against_a_recipient(
    url: str, server: SmtpServer, command: str, reply: str
) -> None:
    server.answers[command] = reply
    ended = post(url, server.port)
    assert isinstance(ended, EditionRecord)
    assert ("sending", dict.fromkeys(PEOPLE, "waiting")) == (ended.state, states(ended))
    assert [True, False, False] == [error is not None for error in errors(ended)]
    assert str(server.port) in str(ended.last_error)
    server.answers.clear()
    post(url, server.port, LATER)
    assert [*PEOPLE] == [address for address, _ in arrived(server)]


def test_a_wrong_password_loses_nobody_their_copy(
    book: EditionBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with smtp_server(tmp_path, login=("reports", "right")) as strict:
        channel = EmailChannel(host="127.0.0.1", port=strict.port, sender=SENDER)
        ended = send(book, won(book), mail, Mailer(channel, ("reports", "wrong")), lambda: NOW)
        assert dict.fromkeys(PEOPLE, "waiting") == states(ended)
        assert [True, False, False] == [error is not None for error in errors(ended)]


def test_no_server_at_all_leaves_all_waiting(url: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ended = post(url, port)
    assert isinstance(ended, EditionRecord)
    assert ("sending", dict.fromkeys(PEOPLE, "waiting")) == (ended.state, states(ended))


def test_a_mail_that_cannot_be_composed_is_not_begun(book: EditionBook, server: SmtpServer) -> None:
    def fails(copy: CopyRecord) -> bytes:
        if copy.address == BEN:
            raise RuntimeError("no picture")
        return mail(copy)

    with pytest.raises(RuntimeError, match="no picture"):
        send(book, won(book), fails, mailer(server.port), lambda: NOW)
    assert {ANN: "sent", BEN: "waiting", CID: "waiting"} == states(kept(book))


@pytest.mark.parametrize("error", [KeyboardInterrupt(), UnicodeError("12.34 USD")])
def test_a_copy_that_was_broken_off_is_in_doubt_at_once(
    book: EditionBook, server: SmtpServer, error: BaseException
) -> None:
    class Interrupted(Mailer):
        def send(self, data: bytes, recipient: str) -> None:
            super().send(data, recipient)
            raise error

    with pytest.raises(type(error)):
        send(book, won(book), mail, mailer(server.port, Interrupted), lambda: NOW)
    edition = kept(book)
    assert {ANN: "doubtful", BEN: "waiting", CID: "waiting"} == states(edition)
    assert f"sending it was broken off by {type(error).__name__}" == edition.copies[0].last_error


def test_two_that_hold_the_same_claim_send_each_copy_once(book: EditionBook, server: SmtpServer) -> None:
    edition, meeting = won(book), Barrier(2)

    def compose(copy: CopyRecord) -> bytes:
        meeting.wait(30)
        return mail(copy)

    def run(_: int) -> EditionRecord:
        return send(book, edition, compose, mailer(server.port), lambda: NOW)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    assert sorted(PEOPLE) == sorted(address for address, _ in arrived(server))
    assert ("sent", dict.fromkeys(PEOPLE, "sent")) == (kept(book).state, states(kept(book)))


def test_a_run_that_outlives_its_claim_repeats_nothing_and_clears_the_doubt_about_its_own(
    url: str, book: EditionBook, server: SmtpServer
) -> None:
    overtaken: list[object] = []

    class Slow(Mailer):
        def send(self, data: bytes, recipient: str) -> None:
            super().send(data, recipient)
            overtaken.append(post(url, server.port, NOW + CLAIM))

    ended = send(book, won(book), mail, mailer(server.port, Slow), lambda: NOW)
    (other,) = overtaken
    assert isinstance(other, EditionRecord)
    assert {ANN: "doubtful", BEN: "sent", CID: "sent"} == states(other)
    assert ("sent", dict.fromkeys(PEOPLE, "sent")) == (ended.state, states(ended))
    assert [*PEOPLE] == [address for address, _ in arrived(server)]


def test_what_is_sent_again_on_purpose_arrives_under_another_message_id(
    url: str, book: EditionBook, server: SmtpServer
) -> None:
    post(url, server.port)
    again = book.again(REPORT, PERIOD, copies(repeat=1), LATER, LATER + CLAIM, "run 3")
    assert isinstance(again, Won)
    send(book, again.edition, mail, mailer(server.port), lambda: LATER)
    assert [*PEOPLE, *PEOPLE] == [address for address, _ in arrived(server)]
    assert 6 == len({number for _, number in arrived(server)})
    assert ("sent", "sent") == (kept(book).state, kept(book, repeat=1).state)
