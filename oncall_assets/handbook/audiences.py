"""The people of an audience as recipients, so that no message can go to an address that is not in team.yaml."""

from __future__ import annotations

from typing import Final, NamedTuple

from oncall_assets.handbook.team import Team

AUDIENCE: Final = "audience"


class Member(NamedTuple):
    """One address of an audience."""

    audience: str
    address: str


def members(team: Team, audience: str) -> dict[str, Member]:
    """Each address of the audience under the key by which it is told; none for an unknown audience."""
    addresses = dict.fromkeys(team.audiences.get(audience, ()))
    return {f"{AUDIENCE}.{audience}.{address}": Member(audience, address) for address in addresses}


def every_member(team: Team) -> dict[str, Member]:
    """The addresses of all audiences by their keys."""
    return {key: member for audience in team.audiences for key, member in members(team, audience).items()}


def member_of(team: Team, recipient: str) -> Member | None:
    """Whom the key names, as long as team.yaml has them in that audience; None for any other recipient."""
    return every_member(team).get(recipient) if recipient.startswith(f"{AUDIENCE}.") else None
