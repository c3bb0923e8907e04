"""The shape of `team.yaml`: who is in the team, what they promised, and how they take turns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from oncall_assets.handbook.rota import Away, Change, Holidays, Publish, Rotation, Swaps
from oncall_assets.handbook.values import Duration, Email, Name, Phone, Url, Written, Zone

Severity = Literal["critical", "major", "minor"]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _every_severity(value: dict[Severity, Targets]) -> dict[Severity, Targets]:
    missing = {"critical", "major", "minor"} - set(value)
    if missing:
        raise ValueError(f"lacks {', '.join(sorted(missing))}; expected critical, major and minor")
    return value


class Engineer(Written):
    """One person who takes turns. `slack` is a member id (U…), `region` a country or country-subdivision.

    `joined` and `left` are the first and the last day; `works` is the full-time fraction.
    """

    name: str = Field(min_length=1)
    email: Email
    slack: Name | None = None
    phone: Phone | None = None
    region: str
    timezone: Zone
    strengths: list[str] = []
    joined: date | None = None
    left: date | None = None
    works: float = Field(default=1.0, gt=0, le=1)


class Pipeline(Written):
    """A promise over the assets that `assets` selects, in Dagster's selection syntax."""

    assets: str = Field(min_length=1)
    primary: Name
    secondary: Annotated[list[Name], BeforeValidator(_listed), Field(min_length=1)]
    metric_owner: Email
    audience: Name
    because: str
    severity: Severity = "minor"


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


class Notices(Written):
    """How long before a turn starts those whose turn it is are told, beside the hand-off itself."""

    ahead: Annotated[list[Duration], Field(min_length=1)]


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
    volunteers: list[Name] = []
    holidays: Holidays = Holidays()
    swaps: Swaps | None = None
    publish: Publish | None = None
    notices: Notices | None = None
    away: list[Away] = []
    changes: list[Change] = []
