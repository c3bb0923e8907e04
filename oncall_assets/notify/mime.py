"""Messages as e-mails: named so that a repeat is known for one, and threaded by incident."""

from __future__ import annotations

from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256

from oncall_assets.notify.console import as_text
from oncall_assets.notify.html import as_html
from oncall_assets.notify.message import Message, Page, Update, oneline, subject_of

# Python folds a longer id into encoded words, which no mail program reads as an id.
_LONGEST_DOMAIN = 40
# And a longer name that needs quotes it breaks, so that a part of it is read as an address.
_LONGEST_NAME = 60


def compose(message: Message, sender: str, recipient: str, thread: str | None) -> EmailMessage:
    """The message from and to these addresses: plain text and HTML in one, every header on one line.

    `Message-ID` is made of the message's own id, so it is the same at every try; all that is said of one incident
    to one person refers to the same root (RFC 5322, 3.6.4) and, while its title stays, has the same subject.
    """
    mail = unanswered()
    mail["From"] = mailbox("oncall", sender)
    mail["To"] = mailbox(message.to.name, recipient)
    mail["Subject"] = ("Re: " if thread else "") + _subject(message)
    mail["Date"] = format_datetime(message.told_at)
    mail["Message-ID"] = message_id(message, sender)
    if isinstance(message, Page | Update):
        root = identifier(sender, "incident", message.dedup, message.to.key)
        mail["In-Reply-To"] = thread or root
        mail["References"] = f"{root} {thread}" if thread else root
    mail.set_content(as_text(message, ruled=False) + "\n", cte="quoted-printable")
    mail.add_alternative(as_html(message), subtype="html", cte="quoted-printable")
    return mail


def message_id(message: Message, sender: str) -> str:
    """The same for the same message to the same person, whenever and however often it is sent."""
    dedup = message.dedup if isinstance(message, Page | Update) else ""
    return identifier(sender, "message", dedup, message.id, message.to.key)


def unanswered() -> EmailMessage:
    """An empty e-mail that asks every machine not to answer it."""
    mail = EmailMessage(policy=policy.SMTP)
    # RFC 3834: no vacation notice answers it; and the same for Exchange, which has words of its own.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    return mail


def identifier(sender: str, *parts: str) -> str:
    """A `Message-ID` in the domain of the address `sender`, the same for the same parts and for no others."""
    digest = sha256("\0".join(parts).encode()).hexdigest()[:24]
    domain = sender.partition("@")[2][-_LONGEST_DOMAIN:].lstrip(".-")
    return f"<{digest}@{domain}>"


def mailbox(name: str, address: str) -> Address:
    """`Name <address>` for a header: no name can break the line or be read as an address of its own."""
    local, _, domain = address.partition("@")
    return Address(oneline(name, _LONGEST_NAME), local, domain)


def _subject(message: Message) -> str:
    match message:
        case Page() | Update():
            return oneline(f"[{message.severity}] {subject_of(message)}: {message.title}", 200)
        case _:
            return oneline(message.title, 200)
