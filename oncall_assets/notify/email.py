"""Messages by e-mail, which every engineer has, and which waits on its own while a phone is off."""

from __future__ import annotations

from collections.abc import Mapping

from oncall_assets.notify.channel import DeliveryError
from oncall_assets.notify.message import Message
from oncall_assets.notify.mime import compose, message_id
from oncall_assets.notify.smtp import Mailer


class Email:
    """Messages by SMTP; `addresses` maps people's keys to theirs."""

    name = "email"

    def __init__(self, mailer: Mailer, addresses: Mapping[str, str]) -> None:
        self._mailer = mailer
        self._addresses = addresses

    def reaches(self, person: str) -> bool:
        return person in self._addresses

    def takes(self, message: Message) -> bool:  # noqa: ARG002 - a mailbox is for everything
        return True

    def send(self, message: Message, person: str, thread: str | None) -> str:
        """Returns the `Message-ID`, to which the next message about the same incident is a reply.

        Raises DeliveryError as the mailer does, permanent too if the person has no address.
        """
        if person not in self._addresses:
            raise DeliveryError(f"{person} has no e-mail address in team.yaml", permanent=True)
        recipient, sender = self._addresses[person], self._mailer.sender
        self._mailer.send(compose(message, sender, recipient, thread).as_bytes(), recipient)
        return message_id(message, sender)
