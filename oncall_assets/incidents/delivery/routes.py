"""Which channel carries a letter that another one refused, so that no refusal ends with somebody untold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.ledger.records import Letter
from oncall_assets.notify.channel import Channel
from oncall_assets.notify.message import Message


@dataclass(frozen=True)
class Routes:
    """The channels by name, in order of preference, and the name of the one that is never given up."""

    ledger: Ledger
    channels: Mapping[str, Channel]
    last_resort: str

    def instead(self, letter: Letter, message: Message) -> str:
        """The first channel that reaches the person, takes the message and has not had it, or the last resort."""
        had = self.ledger.carried_by(letter)
        for name, channel in self.channels.items():
            if name not in had and channel.reaches(letter.person) and channel.takes(message):
                return name
        return self.last_resort
