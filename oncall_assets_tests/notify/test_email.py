"""E-mail, handed to a real mail server."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from oncall_assets.handbook.team import EmailChannel
from oncall_assets.notify.channel import DeliveryError
from oncall_assets.notify.email import Email
from oncall_assets.notify.message import Message
from oncall_assets.notify.smtp import Mailer
from oncall_assets_tests.notify.pages import FULL, HANDOFF, RESOLVED, STORM
from oncall_assets_tests.smtp_server import SmtpServer, smtp_server

SENDER = "oncall@data.example.com"
LOGIN = ("oncall", "s3cret-Pa55word")
ADDRESSES = {"alice": "alice@example.com"}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


class Post:
    """Starts servers, and makes the channel that speaks to one and trusts their authority."""

    def __init__(self, stack: ExitStack, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._stack = stack
        self._folder = folder
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))

    def server(self, **settings: Any) -> SmtpServer:
        return self._stack.enter_context(smtp_server(self._folder, **settings))

    def email(
        self, server: SmtpServer, login: tuple[str, str] | None = None, timeout: float = 10, **settings: Any
    ) -> Email:
        channel = EmailChannel(host="127.0.0.1", port=server.port, sender=SENDER, **settings)
        return Email(Mailer(channel, login, timeout), ADDRESSES)


@pytest.fixture
def post(stack: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Post:
    return Post(stack, tmp_path, monkeypatch)


@pytest.fixture
def server(post: Post) -> SmtpServer:
    return post.server(security="none")


@pytest.fixture
def email(post: Post, server: SmtpServer) -> Email:
    return post.email(server, security="none")


def refused(email: Email, message: Message = FULL) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        email.send(message, "alice", None)
    return caught.value


@pytest.mark.parametrize(("security", "login"), [("starttls", LOGIN), ("tls", None)])
def test_a_page_goes_encrypted_to_the_engineers_address(
    post: Post, security: str, login: tuple[str, str] | None
) -> None:
    server = post.server(security=security, login=login)
    receipt = post.email(server, login, security=security).send(FULL, "alice", None)
    (received,) = server.received
    assert (SENDER, ("alice@example.com",)) == (received.sender, received.recipients)
    assert (True, login and "oncall") == (received.encrypted, received.login)
    assert receipt == received.mail["Message-ID"]
    assert "completeness failed on aggregate_profit" in str(received.mail["Subject"])


def test_without_a_user_nobody_logs_in(email: Email, server: SmtpServer) -> None:
    email.send(FULL, "alice", None)
    assert [(None, False)] == [(one.login, one.encrypted) for one in server.received]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_name_is_refused_before_anything_is_said(post: Post, security: str) -> None:
    login = LOGIN if security == "starttls" else None
    server = post.server(security=security, login=login, host="other.example.com")
    error = refused(post.email(server, LOGIN, security=security))
    assert (True, False) == (error.permanent, error.in_doubt)
    assert "no certificate to trust" in str(error)
    assert ([], []) == (server.received, server.logins)


def test_an_unknown_authority_is_refused(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    server = post.server()
    monkeypatch.delenv("SSL_CERT_FILE")
    assert refused(post.email(server)).permanent
    assert [] == server.received


def test_a_server_without_starttls_gets_nothing_in_the_clear(post: Post) -> None:
    server = post.server(security="none")
    error = refused(post.email(server, LOGIN, security="starttls"))
    assert (True, False) == (error.permanent, error.in_doubt)
    assert [] == server.received


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "BODY"])
@pytest.mark.parametrize(("reply", "permanent"), [("451 later", False), ("550 no mailbox", True)])
def test_the_first_digit_of_a_refusal_decides(
    email: Email, server: SmtpServer, command: str, reply: str, permanent: bool
) -> None:
    server.answers[command] = reply
    error = refused(email)
    assert (permanent, False, None) == (error.permanent, error.in_doubt, error.retry_after)
    assert f"127.0.0.1:{server.port} answered {reply.replace(' ', ': ', 1)}" in str(error)
    assert [] == server.received
    server.answers.clear()
    email.send(FULL, "alice", None)
    assert 1 == len(server.received)


def test_a_wrong_password_is_permanent(post: Post) -> None:
    server = post.server(login=LOGIN)
    error = refused(post.email(server, ("oncall", "wrong")))
    assert (True, False) == (error.permanent, error.in_doubt)
    assert "refused the login in ONCALL_SMTP_USER: 535" in str(error)


def test_a_login_that_cannot_be_checked_now_is_tried_again(post: Post) -> None:
    server = post.server(login=LOGIN)
    server.login_answer = "454 4.7.0 Temporary authentication failure"
    error = refused(post.email(server, LOGIN))
    assert (False, False) == (error.permanent, error.in_doubt)


@pytest.mark.parametrize("code", ["454", "535", "550"])
def test_a_server_that_repeats_the_password_does_not_get_it_into_an_error(post: Post, code: str) -> None:
    server = post.server(login=LOGIN)
    server.login_answer = code
    error = refused(post.email(server, LOGIN))
    assert LOGIN in server.logins
    assert LOGIN[1] not in "".join(traceback.format_exception(error))


def test_a_server_that_knows_no_logins_is_permanent(post: Post, server: SmtpServer) -> None:
    assert refused(post.email(server, LOGIN, security="none")).permanent


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT"])
@pytest.mark.parametrize("reply", ["cut", "never"])
def test_silence_before_the_message_leaves_no_doubt(
    post: Post, server: SmtpServer, command: str, reply: str
) -> None:
    server.answers[command] = reply
    error = refused(post.email(server, timeout=0.3, security="none"))
    assert (False, False) == (error.permanent, error.in_doubt)


@pytest.mark.parametrize("reply", ["cut", "never"])
def test_silence_after_the_message_is_in_doubt_and_the_repeat_has_the_same_id(
    post: Post, server: SmtpServer, reply: str
) -> None:
    server.answers["BODY"] = reply
    email = post.email(server, timeout=0.5, security="none")
    error = refused(email)
    assert (False, True) == (error.permanent, error.in_doubt)
    server.answers.clear()
    email.send(FULL, "alice", None)
    assert 2 == len(server.received)
    assert 1 == len({str(one.mail["Message-ID"]) for one in server.received})


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = refused(Email(Mailer(EmailChannel(host="127.0.0.1", port=port, sender=SENDER), None), ADDRESSES))
    assert (False, False) == (error.permanent, error.in_doubt)
    assert f"127.0.0.1:{port}" in str(error)


def test_somebody_without_an_address_is_not_reached(email: Email, server: SmtpServer) -> None:
    assert (True, False) == (email.reaches("alice"), email.reaches("bob"))
    with pytest.raises(DeliveryError, match=r"bob has no e-mail address in team\.yaml") as caught:
        email.send(FULL, "bob", None)
    assert caught.value.permanent
    assert 0 == server.attempts


@pytest.mark.parametrize("message", [FULL, RESOLVED, HANDOFF, STORM])
def test_every_kind_of_message_is_taken_and_arrives(email: Email, server: SmtpServer, message: Message) -> None:
    assert email.takes(message)
    email.send(message, "alice", None)
    (received,) = server.received
    assert message.title in " ".join(str(received.mail["Subject"]).split())


def test_a_line_of_one_dot_does_not_end_the_message(email: Email, server: SmtpServer) -> None:
    email.send(FULL.model_copy(update={"sample": "a\n.\n..b\nMAIL FROM:<mallory@example.com>"}), "alice", None)
    (received,) = server.received
    html = received.mail.get_body(("html",))
    assert html is not None
    assert "a\n.\n..b\nMAIL FROM:&lt;mallory@example.com&gt;" in html.get_content().replace("\r\n", "\n")
