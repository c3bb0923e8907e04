"""Sending what the ledger holds, so that a page that was promised arrives, now or at a later tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from oncall_assets.incidents.ledger import Ledger, Letter
from oncall_assets.notify.channel import Channel, DeliveryError
from oncall_assets.notify.message import message_from

# Longer than a request may take, so that nobody else sends a page whose answer is still awaited.
_CLAIM = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many pages went out, how many still wait, and what went wrong, a line each."""

    sent: int
    waiting: int
    troubles: tuple[str, ...]


def deliver(
    ledger: Ledger, channels: Mapping[str, Channel], last_resort: Channel, now: datetime, budget: timedelta
) -> Delivered:
    """Send the pending letters, beginning none after `budget`.

    A channel that fails for now rests until the next tick; a letter that cannot arrive goes to `last_resort`.
    """
    began = monotonic()
    resting: set[str] = set()
    troubles: list[str] = []
    sent = 0
    # A refused letter puts a new one on the last resort, so look again until nothing is left to do.
    while letters := [one for one in ledger.pending(now) if one.channel in channels.keys() - resting]:
        for letter in letters:
            elapsed = timedelta(seconds=monotonic() - began)
            if elapsed > budget:
                return Delivered(sent, ledger.waiting(), (*troubles, "out of time; the rest at the next tick"))
            if letter.channel in resting or not ledger.claim(letter, now + elapsed, now + elapsed + _CLAIM):
                continue
            error = _send(channels[letter.channel], letter)
            if error is None:
                ledger.sent(letter, now + elapsed)
                sent += 1
                continue
            troubles.append(f"{letter.channel} to {letter.person}, {letter.subject}: {error}")
            if error.permanent and letter.channel != last_resort.name:
                ledger.refuse(letter, str(error), last_resort.name, now + elapsed)
            else:
                ledger.postpone(letter, str(error))
                resting.add(letter.channel)
    return Delivered(sent, ledger.waiting(), tuple(troubles))


def _send(channel: Channel, letter: Letter) -> DeliveryError | None:
    try:
        channel.send(message_from(letter.message), letter.person)
    except DeliveryError as error:
        return error
    except Exception as error:  # noqa: BLE001 - one page's fault must not keep the others from being sent
        return DeliveryError(f"{type(error).__name__}: {error}", permanent=True)
    return None
