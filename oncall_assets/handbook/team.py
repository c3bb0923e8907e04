"""The shape of `team.yaml`: who is in the team, what they promised, and how they take turns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from oncall_assets.handbook.problem import shown
from oncall_assets.handbook.values import WEEKDAYS, Duration, Email, Handoff, Name, Phone, Url, Written, Zone

Severity = Literal["critical", "major", "minor"]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _paired(value: object) -> object:
    if not (isinstance(value, list) and len(value) == 2):
        raise ValueError(f"{shown(value)} is not a pair; expected [primary, secondary]")
    return tuple(value)


def _whole_days(value: timedelta) -> timedelta:
    if value % timedelta(days=1):
        raise ValueError(f"{value} is not a number of whole days; expected a length such as 1 week or 10 days")
    return value


def _every_severity(value: dict[Severity, Targets]) -> dict[Severity, Targets]:
    missing = {"critical", "major", "minor"} - set(value)
    if missing:
        raise ValueError(f"lacks {', '.join(sorted(missing))}; expected critical, major and minor")
    return value


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

    turn: Annotated[Duration, AfterValidator(_whole_days)]
    handoff: Handoff
    start: date
    order: Annotated[list[Annotated[tuple[Name, Name], BeforeValidator(_paired)]], Field(min_length=1)]

    @field_validator("start")
    @classmethod
    def _on_the_day_of_a_handoff(cls, start: date, info: ValidationInfo) -> date:
        # Without a valid handoff there is nothing to compare with, and that is reported by itself.
        weekday = info.data.get("handoff", "").partition(" ")[0]
        if weekday and WEEKDAYS[start.weekday()] != weekday:
            raise ValueError(f"{start} is a {WEEKDAYS[start.weekday()]}; expected a {weekday}, as in `handoff`")
        return start


class Targets(Written):
    """How soon an incident of one severity is answered and resolved."""

    respond: Duration
    resolve: Duration

    @field_validator("resolve")
    @classmethod
    def _not_before_the_response(cls, resolve: timedelta, info: ValidationInfo) -> timedelta:
        if resolve < info.data.get("respond", resolve):
            raise ValueError("is sooner than `respond`; expected the same or later")
        return resolve


class SlackChannel(Written):
    """Messages to engineers by Slack; `token_env` names the environment variable that holds the token."""

    token_env: Name = "ONCALL_SLACK_TOKEN"  # noqa: S105 - the name of a variable, not a secret
    base_url: Url = "https://slack.com/api/"


class ConsoleChannel(Written):
    """Messages written to the log of the process that sends them."""


class Channels(Written):
    """Where pages go; a channel that is left out is not used."""

    console: ConsoleChannel | None = None
    slack: SlackChannel | None = None

    @model_validator(mode="before")
    @classmethod
    def _named_is_used(cls, value: object) -> object:
        # `slack:` with nothing behind it is a channel that is named, not one that is left out.
        if not isinstance(value, dict):
            return value
        return {name: {} if fields is None else fields for name, fields in value.items()}

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
    severities: Annotated[dict[Severity, Targets], AfterValidator(_every_severity)]
    channels: Channels
    audiences: dict[Name, Annotated[list[Email], Field(min_length=1)]]
