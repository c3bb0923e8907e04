"""The channels as the handbook names them, for whoever writes letters where no secret is to send them with."""

from __future__ import annotations

from dataclasses import dataclass

from oncall_assets.handbook.audiences import every_member
from oncall_assets.handbook.escalation import metric_owner_key
from oncall_assets.handbook.team import Team
from oncall_assets.notify.channel import DeliveryError
from oncall_assets.notify.message import Message, Page, Update


@dataclass(frozen=True, slots=True)
class Addressed:
    """A channel with whom it reaches; nobody in particular reaches everybody. The pager's own sends."""

    name: str
    people: frozenset[str] | None
    incidents_only: bool = False

    def reaches(self, person: str) -> bool:
        return self.people is None or person in self.people

    def takes(self, message: Message) -> bool:
        return not self.incidents_only or isinstance(message, Page | Update)

    def send(self, message: Message, person: str, thread: str | None) -> str | None:  # noqa: ARG002 - the protocol's
        """Raises DeliveryError always."""
        raise DeliveryError(f"{self.name} is only written for here; the pager sends", permanent=False)


LAST_RESORT = Addressed("console", None)


def addressed(team: Team) -> list[Addressed]:
    """The channels of team.yaml in the order written, whether their secrets are here or not."""
    return [_addressed(team, name) for name in team.channels.names]


def _addressed(team: Team, name: str) -> Addressed:
    if name == "console":
        return LAST_RESORT
    people = {**team.engineers, **team.teams}
    found = {key for key, one in people.items() if getattr(one, name)}
    if name == "email":
        found |= {metric_owner_key(pipeline) for pipeline in team.pipelines} | every_member(team).keys()
    return Addressed(name, frozenset(found), incidents_only=name == "pagerduty")
