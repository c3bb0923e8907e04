"""Over which channels a page would reach a person from here, with the secrets that this machine has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oncall_assets.handbook.escalation import METRIC_OWNER
from oncall_assets.handbook.team import Severity, Team
from oncall_assets.incidents.delivery.channels import channels_of
from oncall_assets.notify.channel import Channel, preferred
from oncall_assets.notify.console import Console


@dataclass(frozen=True, slots=True)
class Route:
    """A channel with the person's address there; for PagerDuty the variable that holds their routing key."""

    channel: str
    address: str | None
    usable: bool


@dataclass(frozen=True)
class Reach:
    """The channels of a team that can be used here, and `doubts`: why others cannot, a line each."""

    team: Team
    channels: Sequence[Channel]
    doubts: tuple[str, ...]

    def routes(self, person: str, severity: Severity) -> list[Route]:
        """The channels of a page of that severity for `person`, in the order written; the log, if none reaches."""
        via = self.team.severities[severity].via
        reaching = [channel for channel in self.channels if channel.reaches(person)]
        used = {channel.name for channel in preferred(reaching, via)}
        # A channel that was chosen and cannot be used here is shown: the pager may have what is missing.
        routes = [
            Route(name, address, name in used)
            for name in self.team.channels.names
            if name in used or via is None or name in via
            if (address := self._address(name, person)) is not None
        ]
        return routes if used else [*routes, Route("console", None, usable=True)]

    def _address(self, name: str, person: str) -> str | None:
        """Their address on a channel, empty on the console, which has none; None if it does not reach them."""
        if name == "console":
            return ""
        if person.startswith(f"{METRIC_OWNER}."):
            return self.team.metric_owner(person) if name == "email" else None
        known = self.team.engineers.get(person) or self.team.teams.get(person)
        address: str | None = getattr(known, name, None)
        return address


def reach_of(team: Team) -> Reach:
    """What reaches whom from this machine; nothing is sent and no server is asked."""
    doubts: list[str] = []
    channels = channels_of(team, Console(lambda _page: None), doubts.append)
    return Reach(team, channels, tuple(doubts))
