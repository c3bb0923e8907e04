"""What every channel promises, so that the pager need not know which one it speaks to."""

from __future__ import annotations

from typing import Protocol

from oncall_assets.notify.message import Message


class DeliveryError(Exception):
    """A message did not arrive; `permanent` if sending it again cannot help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class Channel(Protocol):
    """One way to reach people; `name` is what the ledger keeps."""

    @property
    def name(self) -> str: ...

    def reaches(self, person: str) -> bool:
        """Whether this channel has an address for the engineer with this key."""
        ...

    def send(self, message: Message, person: str) -> None:
        """Tell `person`. Raises DeliveryError."""
        ...
