"""What every channel promises, so that the pager need not know which one it speaks to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

from oncall_assets.notify.message import Message

# Nobody at 02:00 waits longer for a channel only because it asked them to.
_LONGEST_WAIT = timedelta(hours=1)


class DeliveryError(Exception):
    """A message did not arrive, as far as is known.

    `permanent` if sending it again cannot help, `in_doubt` if it may have arrived all the same, `retry_after` if
    the channel said how long to wait.
    """

    def __init__(
        self, message: str, *, permanent: bool, in_doubt: bool = False, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.in_doubt = in_doubt
        self.retry_after = retry_after


class Channel(Protocol):
    """One way to reach people; `name` is what the ledger keeps."""

    @property
    def name(self) -> str: ...

    def reaches(self, person: str) -> bool:
        """Whether this channel has an address for the engineer or team with this key."""
        ...

    def takes(self, message: Message) -> bool:
        """Whether such a message belongs on this channel: a phone rings for an incident, not for a notice."""
        ...

    def send(self, message: Message, person: str, thread: str | None) -> str | None:
        """Tell `person`; returns a receipt, if the channel has any, that continues the incident's thread.

        `thread` is the receipt of the first message about the same incident to the same person. Raises
        DeliveryError.
        """
        ...


def preferred(reaching: Sequence[Channel], chosen: Collection[str] | None) -> list[Channel]:
    """Those of the channels that a team chose, by name; all of them where it chose none, or none of these."""
    found = [channel for channel in reaching if chosen is None or channel.name in chosen]
    return found or list(reaching)


def wait_of(header: str | None) -> timedelta | None:
    """How long a `Retry-After` header in seconds asks to wait, one hour at most; None if it does not say.

    A date, which RFC 9110 allows too, counts as not said: neither Slack nor PagerDuty sends one.
    """
    if header is None or not header.isascii() or not header.strip().isdigit():
        return None
    return min(timedelta(seconds=int(header.strip()[:9])), _LONGEST_WAIT)
