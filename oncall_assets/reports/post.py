"""Sends an edition to everybody it is for, each of them once: what is not known to have failed is not repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from oncall_assets.handbook.audiences import members
from oncall_assets.handbook.team import Team
from oncall_assets.incidents.ledger.edition_records import CopyRecord, EditionRecord, NewCopy
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.notify.channel import DeliveryError
from oncall_assets.notify.mime import identifier
from oncall_assets.notify.smtp import Mailer, NoServiceError

# More than a slow server takes with one copy, which may be ten seconds for each of a dozen answers.
CLAIM: Final = timedelta(minutes=5)


def message_id(report: str, period: str, repeat: int, recipient: str, sender: str) -> str:
    """The same however often this copy is tried; another for each time it is sent again on purpose."""
    return identifier(sender, "edition", report, period, str(repeat), recipient)


def copies_for(
    team: Team, audiences: Iterable[str], *, report: str, period: str, repeat: int, sender: str
) -> tuple[NewCopy, ...]:
    """A copy for each address of these audiences of team.yaml, one for an address that is in two of them.

    Raises ValueError for an audience that team.yaml has not.
    """
    found: dict[str, NewCopy] = {}
    for audience in audiences:
        people = members(team, audience)
        if not people:
            known = ", ".join(sorted(team.audiences))
            raise ValueError(f"{report} goes to {audience}, which is no audience of team.yaml; there are: {known}")
        for recipient, member in people.items():
            copy = NewCopy(recipient, member.address, message_id(report, period, repeat, recipient, sender))
            # Two mailboxes whose names differ in case only are one wherever people have mail.
            found.setdefault(member.address.casefold(), copy)
    return tuple(found.values())


def send(
    book: EditionBook,
    won: EditionRecord,
    compose_mail: Callable[[CopyRecord], bytes],
    mailer: Mailer,
    clock: Callable[[], datetime],
) -> EditionRecord:
    """Send the copies of `won` that are waiting; the edition as it is afterwards.

    Each copy is claimed in the ledger before it is handed over, and its end written there at once. One that is
    refused keeps no other back. A server that takes nothing, or falls silent, leaves the rest waiting for another
    run. Raises whatever `compose_mail`, the ledger or an interruption raises; a copy under way is in doubt then.
    """
    for copy in won.copies:
        if copy.state != "waiting":
            continue
        data = compose_mail(copy)
        now = clock()
        if book.claim_copy(copy.id, now, now + CLAIM) and not _handed_over(book, copy, data, mailer, clock):
            break
    return book.finish(won.id, clock())


def _handed_over(
    book: EditionBook, copy: CopyRecord, data: bytes, mailer: Mailer, clock: Callable[[], datetime]
) -> bool:
    """Whether the server had an answer for this copy, and so has one for the next."""
    try:
        mailer.send(data, copy.address)
    except DeliveryError as error:
        if error.in_doubt:
            book.copy_doubtful(copy.id, str(error), clock())
            return False
        if isinstance(error, NoServiceError):
            # Permanent or not: it says nothing about this recipient, who must not go without for a password.
            book.copy_waits(copy.id, str(error), clock())
            return False
        tell = book.copy_refused if error.permanent else book.copy_waits
        tell(copy.id, str(error), clock())
        return True
    except BaseException as error:
        # Not its words, which may be anything, also of the mail.
        book.copy_doubtful(copy.id, f"sending it was broken off by {type(error).__name__}", clock())
        raise
    book.copy_sent(copy.id, clock())
    return True
