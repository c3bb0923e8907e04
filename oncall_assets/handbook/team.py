"""The shape of `team.yaml`: who is in the team, what they promised, and how they take turns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, BeforeValidator, Field, model_validator

from oncall_assets.handbook.problem import one_of
from oncall_assets.handbook.values import WEEKDAYS, Duration, Email, Handoff, Name, Phone, Written, Zone

Severity = Literal["critical", "major", "minor"]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _url(value: str) -> str:
    AnyHttpUrl(value)
    return value


def _paired(value: object) -> object:
    if not (isinstance(value, list) and len(value) == 2):
        raise ValueError(f"{value!r} is not a pair; expected [primary, secondary]")
    return tuple(value)


class Engineer(Written):
    """One person who takes turns. `slack` is a member id (U…), `region` a country or country-subdivision."""

    name: str = Field(min_length=1)
    email: Email
    slack: Name | None = None
    phone: Phone | None = None
    region: str
    timezone: Zone
    strengths: list[str] = []


class Pipeline(Written):
    """A promise over the assets that `assets` selects, in Dagster's selection syntax."""

    assets: str = Field(min_length=1)
    primary: Name
    secondary: Annotated[list[Name], BeforeValidator(_listed), Field(min_length=1)]
    metric_owner: Email
    audience: Name
    because: str
    severity: Severity = "minor"


class Rotation(Written):
    """Turn `i` since `start` goes to pair `i mod n` of `order`, handed off at a wall time of the team's zone."""

    turn: Duration
    handoff: Handoff
    start: date
    order: Annotated[list[Annotated[tuple[Name, Name], BeforeValidator(_paired)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole_days(self) -> Rotation:
        if self.turn % timedelta(days=1):
            raise ValueError("turn is not whole days; expected a length such as 1 week or 10 days")
        weekday = self.handoff.partition(" ")[0]
        if WEEKDAYS[self.start.weekday()] != weekday:
            raise ValueError(f"start {self.start} is no {weekday}; expected the day of a hand-off")
        return self


class Targets(Written):
    """How soon an incident of one severity is answered and resolved."""

    respond: Duration
    resolve: Duration


class SlackChannel(Written):
    """Messages to engineers by Slack; `token_env` names the environment variable that holds the token."""

    token_env: Name = "ONCALL_SLACK_TOKEN"  # noqa: S105 - the name of a variable, not a secret
    base_url: Annotated[str, BeforeValidator(_url)] = "https://slack.com/api/"


class ConsoleChannel(Written):
    """Messages written to the log of the process that sends them."""


class Channels(Written):
    """Where pages go; a channel that is left out is not used."""

    console: ConsoleChannel | None = None
    slack: SlackChannel | None = None

    @model_validator(mode="after")
    def _some(self) -> Channels:
        if self.console is None and self.slack is None:
            raise ValueError("no channel is named; expected `console: {}` at least, or pages reach nobody")
        return self


class Team(Written):
    """The whole of `team.yaml`."""

    team: Name
    timezone: Zone
    engineers: dict[Name, Engineer] = Field(min_length=2)
    pipelines: dict[Name, Pipeline] = Field(min_length=1)
    rotation: Rotation
    severities: dict[Severity, Targets]
    channels: Channels
    audiences: dict[Name, list[Email]]

    @model_validator(mode="after")
    def _all_severities(self) -> Team:
        missing = {"critical", "major", "minor"} - set(self.severities)
        if missing:
            raise ValueError(f"severities lacks {', '.join(sorted(missing))}; expected all three")
        return self


def unknown_engineer(name: str, team: Team) -> str | None:
    """Why `name` is not an engineer of the team, or None if it is."""
    return None if name in team.engineers else f"{name!r} is no engineer; {one_of(name, team.engineers)}"
