"""Channels that will not take what is for a person, told over others, or nobody knows that one of them is deaf."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from oncall_assets.incidents.ledger.records import Refusal
from oncall_assets.incidents.signals.kinds import Trouble, bounded
from oncall_assets.notify.message import oneline

# A refusal is told for so long, unless something arrives there before.
MEMORY: Final = timedelta(hours=24)


def refusing_channels(refusals: Iterable[Refusal]) -> list[Trouble]:
    """One for each person and channel that refused, and took nothing since."""
    return [_refusing(one) for one in refusals]


def _refusing(refusal: Refusal) -> Trouble:
    channel, person = refusal.channel, refusal.person
    return Trouble(
        id=bounded(f"channel/{channel}/{person}/{refusal.at.isoformat()}"),
        at=refusal.at,
        run_id="",
        partition=None,
        kind="channel refusing",
        target=f"channel {channel} to {person}",
        assets=(),
        title=f"{channel} refuses what is for {person}",
        finding=f"What was for {person} over {channel} was refused, and will be again until somebody mends it.",
        observed=oneline(refusal.error, 500),
        severity="major",
    )
