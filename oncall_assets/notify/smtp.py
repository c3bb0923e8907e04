"""Mail by SMTP, so that for pages and for reports alike one place says what a failure means."""

from __future__ import annotations

import contextlib
import smtplib
import ssl

from oncall_assets.handbook.team import EmailChannel
from oncall_assets.notify.channel import DeliveryError
from oncall_assets.notify.message import oneline

# "Service not available, closing transmission channel", whichever command it answers (RFC 5321, 4.2.2).
_CLOSING = 421


class NoServiceError(DeliveryError):
    """The server takes nothing from here now, whoever it is for: it was not asked about the recipient."""


class Mailer:
    """Hands messages to the server of `settings`; `login` is a user and a password, if any.

    The server's certificate must be valid for its name. Where a company signs its own, `SSL_CERT_FILE` in the
    environment names the file of the authorities to trust, as everywhere in Python (`ssl.create_default_context`).
    """

    def __init__(self, settings: EmailChannel, login: tuple[str, str] | None, timeout: float = 10) -> None:
        """`timeout` is in seconds, for each answer of the server."""
        self._settings = settings
        self._login = login
        self._timeout = timeout

    @property
    def sender(self) -> str:
        """The address that all of it comes from."""
        return self._settings.sender

    def send(self, data: bytes, recipient: str) -> None:
        """Hand over the message `data`, headers and all, for this one address.

        Raises DeliveryError: permanent if the server refused the message, the login, the sender or the recipient,
        or cannot be trusted; in doubt if it had the message and did not say what became of it. NoServiceError if
        that would be no other for another recipient.
        """
        asked, handed_over = False, False
        smtp: smtplib.SMTP | None = None
        try:
            smtp = self._connected()
            _expect(smtp.mail(self.sender))
            asked = True
            _expect(smtp.rcpt(recipient))
            handed_over = True
            _expect(smtp.data(data))
        except (smtplib.SMTPException, OSError) as error:
            # Not from it: its text is told as far as it may be, and a traceback would tell the rest.
            raise self._trouble(error, asked, handed_over) from None
        finally:
            if smtp:
                _close(smtp)

    def _connected(self) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        if self._settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=self._timeout, context=ssl.create_default_context()
            )
        else:
            smtp = smtplib.SMTP(host, port, timeout=self._timeout)
        try:
            if self._settings.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if self._login:
                smtp.login(*self._login)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _trouble(self, error: OSError, asked: bool, handed_over: bool) -> DeliveryError:
        server = f"the mail server {self._settings.host}:{self._settings.port}"
        kind = DeliveryError if asked else NoServiceError
        if isinstance(error, smtplib.SMTPAuthenticationError):
            # Not with the server's words, which may repeat what it was given.
            text = f"{server} refused the login in {self._settings.user_env}: {error.smtp_code}"
            return kind(text, permanent=not 400 <= error.smtp_code < 500)
        if isinstance(error, smtplib.SMTPResponseException):
            reply = error.smtp_error
            words = reply if isinstance(reply, str) else reply.decode("utf-8", "replace")
            text = f"{server} answered {error.smtp_code}: {oneline(words, 200)}"
            kind = NoServiceError if error.smtp_code == _CLOSING else kind
            return kind(text, permanent=500 <= error.smtp_code < 600)
        if isinstance(error, ssl.SSLCertVerificationError):
            return kind(f"{server} has no certificate to trust: {error.verify_message}", permanent=True)
        # What smtplib says of its own is a disconnection, or a thing that the server cannot do.
        unable = isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected)
        # Whoever is hung up on before the message is on its way was not refused for its recipient.
        kind = DeliveryError if handed_over else NoServiceError
        return kind(f"{server}: {oneline(str(error), 200)}", permanent=unable, in_doubt=handed_over)


def _expect(answer: tuple[int, bytes]) -> None:
    code, reply = answer
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, reply)


def _close(smtp: smtplib.SMTP) -> None:
    # The message is delivered or not by now; a server that hangs up without a farewell changes nothing.
    with contextlib.suppress(smtplib.SMTPException, OSError):
        smtp.quit()
    smtp.close()
