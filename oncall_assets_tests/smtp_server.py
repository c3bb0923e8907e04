"""A mail server on loopback that speaks real SMTP, with certificates of an authority made up for the test."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class Received:
    """A message with its envelope, and whether it came encrypted; `login` is who logged in, if anybody."""

    sender: str
    recipients: tuple[str, ...]
    mail: EmailMessage
    encrypted: bool
    login: str | None


class SmtpServer:
    """Keeps what it takes in `received`; `attempts` counts greetings, `logins` are those that were tried.

    `answers` maps a command (EHLO, MAIL, RCPT, or BODY for the whole message) to the reply given instead of its
    own, such as `451 try later`; `RCPT ann@example.com` and the like are for one address. A reply of `cut` hangs
    up instead, and one of `never` stays silent; of BODY, after the message was kept. `on_kept` runs as soon as it
    is. With a `login`, for `starttls` only, nothing is taken before it; `login_answer` refuses it.
    """

    def __init__(self, security: Security, login: tuple[str, str] | None, certificate: ssl.SSLContext) -> None:
        self.received: list[Received] = []
        self.logins: list[tuple[str, str]] = []
        self.attempts = 0
        self.answers: dict[str, str] = {}
        self.on_kept: Callable[[], None] = lambda: None
        self.login_answer: str | None = None
        self.login = login
        self._controller = _Controller(
            _Handler(self),
            hostname="127.0.0.1",
            port=0,
            ssl_context=certificate if security == "tls" else None,
            tls_context=certificate if security == "starttls" else None,
            require_starttls=security == "starttls",
            auth_required=login is not None,
            authenticator=self._authenticate,
        )

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def _authenticate(self, *given_by_aiosmtpd: Any) -> AuthResult:
        data = given_by_aiosmtpd[-1]
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        self.logins.append(given)
        if self.login_answer is not None:
            # As a careless server might, it repeats what it was given.
            return AuthResult(success=False, handled=False, message=f"{self.login_answer} {' '.join(given)}")
        return AuthResult(success=given == self.login, handled=False, auth_data=given[0])


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """Its own look whether the server is up, at the port that the operating system chose."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class _Handler:
    """Called by aiosmtpd, by these names, with the connection, its session and the message so far."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def handle_EHLO(  # noqa: N802
        self, smtp: SMTP, session: Session, _: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        self._server.attempts += 1
        session.host_name = name
        reply = await self._reply(smtp, "EHLO")
        return [reply] if reply else answers

    async def handle_MAIL(self, smtp: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]) -> str:  # noqa: N802
        envelope.mail_from = address
        return await self._reply(smtp, "MAIL") or "250 OK"

    async def handle_RCPT(self, smtp: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]) -> str:  # noqa: N802
        if reply := await self._reply(smtp, "RCPT", address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.SMTP)
        assert isinstance(mail, EmailMessage)
        sender, recipients = str(envelope.mail_from), tuple(envelope.rcpt_tos)
        refused = (self._answer("BODY", recipients[0]) or "")[:1] in {"4", "5"}
        if not refused:
            login = str(session.auth_data) if session.authenticated else None
            encrypted = _transport(smtp).get_extra_info("sslcontext") is not None
            self._server.received.append(Received(sender, recipients, mail, encrypted, login))
            self._server.on_kept()
        return await self._reply(smtp, "BODY", recipients[0]) or "250 OK"

    def _answer(self, command: str, address: str) -> str | None:
        return self._server.answers.get(f"{command} {address}") or self._server.answers.get(command)

    async def _reply(self, smtp: SMTP, command: str, address: str = "") -> str | None:
        reply = self._answer(command, address)
        if reply == "never":
            await asyncio.Event().wait()
        if reply == "cut":
            _transport(smtp).abort()
        return reply


def _transport(smtp: SMTP) -> asyncio.WriteTransport:
    assert isinstance(smtp.transport, asyncio.WriteTransport)
    return smtp.transport


def certificate(folder: Path, host: str = "127.0.0.1") -> ssl.SSLContext:
    """What a server for `host` needs, by an authority of its own, which is written to `folder / "ca.pem"`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


@contextmanager
def smtp_server(
    folder: Path, security: Security = "starttls", login: tuple[str, str] | None = None, host: str = "127.0.0.1"
) -> Iterator[SmtpServer]:
    """A running server whose certificate is for `host`; who should trust it needs `folder / "ca.pem"`."""
    server = SmtpServer(security, login, certificate(folder, host))
    server.start()
    try:
        yield server
    finally:
        server.stop()
