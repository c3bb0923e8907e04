"""The shape of `team.yaml`: who is in the team, what they promised, and how they take turns."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from oncall_assets.handbook.escalation import (
    DEFAULT_ESCALATION,
    METRIC_OWNER,
    BusinessHours,
    Limits,
    Steps,
    Watch,
)
from oncall_assets.handbook.locales import Currency, LocaleName
from oncall_assets.handbook.planning import Planning
from oncall_assets.handbook.regions import unknown_region
from oncall_assets.handbook.reporting import Reporting
from oncall_assets.handbook.rota import Away, Change, Holidays, Publish, Rotation, Swaps
from oncall_assets.handbook.values import Duration, Email, Host, Name, Phone, Url, Variable, Written, Zone

Severity = Literal["critical", "major", "minor"]
WORST_FIRST: Final[tuple[Severity, ...]] = get_args(Severity)
ChannelName = Literal["slack", "email", "pagerduty", "console"]

_HERE = {"localhost", "127.0.0.1", "::1"}


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _every_severity(value: dict[Severity, Targets]) -> dict[Severity, Targets]:
    missing = set(WORST_FIRST) - set(value)
    if missing:
        raise ValueError(f"lacks {', '.join(sorted(missing))}; expected critical, major and minor")
    return value


class Engineer(Written):
    """One person who takes turns. `slack` is a member id (U…), `region` a country or country-subdivision.

    `pagerduty` names the environment variable that holds the routing key of their PagerDuty service. `joined` and
    `left` are the first and the last day; `works` is the full-time fraction.
    """

    name: str = Field(min_length=1)
    email: Email
    slack: Name | None = None
    phone: Phone | None = None
    pagerduty: Variable | None = None
    region: str
    timezone: Zone
    strengths: list[str] = []
    joined: date | None = None
    left: date | None = None
    works: float = Field(default=1.0, gt=0, le=1)


class OtherTeam(Written):
    """A team that takes no turns here and can be told: by e-mail, Slack (a channel or member id) or PagerDuty.

    `pagerduty` names the environment variable that holds the routing key of their service.
    """

    name: str = Field(min_length=1)
    email: Email | None = None
    slack: Name | None = None
    pagerduty: Variable | None = None

    @model_validator(mode="after")
    def _some_address(self) -> OtherTeam:
        if not (self.email or self.slack or self.pagerduty):
            raise ValueError("has no address; expected `email`, `slack` or `pagerduty`, or nobody is told")
        return self


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
    """How soon an incident of one severity is answered and resolved.

    `via` names the channels it is told over; without it, every channel that reaches the person.
    """

    respond: Duration
    resolve: Duration
    via: Annotated[list[ChannelName], Field(min_length=1)] | None = None

    @field_validator("resolve")
    @classmethod
    def _not_before_the_response(cls, resolve: timedelta, info: ValidationInfo) -> timedelta:
        if resolve < info.data.get("respond", resolve):
            raise ValueError("is sooner than `respond`; expected the same or later")
        return resolve


class SlackChannel(Written):
    """Messages to engineers by Slack; `token_env` names the environment variable that holds the token.

    With `investor_figures` its messages show the figures of pipelines for investors, which else stay hidden.
    """

    token_env: Name = "ONCALL_SLACK_TOKEN"  # noqa: S105 - the name of a variable, not a secret
    base_url: Url = "https://slack.com/api/"
    investor_figures: bool = False


class ConsoleChannel(Written):
    """Messages written to the log of the process that sends them; `investor_figures` as of Slack."""

    investor_figures: bool = False


class EmailChannel(Written):
    """Messages by SMTP from `sender`, encrypted unless the server is on this machine.

    `user_env` and `password_env` name the environment variables that hold what to log in with.
    """

    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: Email
    user_env: Variable = "ONCALL_SMTP_USER"
    password_env: Variable = "ONCALL_SMTP_PASSWORD"  # noqa: S105 - the name of a variable, not a secret

    @field_validator("security")
    @classmethod
    def _encrypted_abroad(cls, security: str, info: ValidationInfo) -> str:
        host = info.data.get("host")
        if security == "none" and host is not None and host not in _HERE:
            raise ValueError(f"'none' would send all in the clear to {host}; expected starttls or tls")
        return security


class PagerDutyChannel(Written):
    """Incidents to the PagerDuty service of each person, by its Events API v2; `investor_figures` as of Slack."""

    base_url: Url = "https://events.pagerduty.com"
    investor_figures: bool = False


class Channels(Written):
    """Where pages go, the preferred channel first; one that is left out is not used."""

    console: ConsoleChannel | None = None
    slack: SlackChannel | None = None
    email: EmailChannel | None = None
    pagerduty: PagerDutyChannel | None = None
    _written: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _as_written(cls, value: Any, handler: ModelWrapValidatorHandler[Channels]) -> Channels:
        if not isinstance(value, dict):
            return handler(value)
        # `slack:` with nothing behind it is a channel that is named, not one that is left out.
        channels = handler({name: {} if fields is None else fields for name, fields in value.items()})
        if not value:
            raise ValueError("no channel is named; expected `console: {}` at least, or pages reach nobody")
        channels._written = tuple(value)
        return channels

    @property
    def names(self) -> tuple[str, ...]:
        """The channels in the order written: when the first refuses a message, the next is tried."""
        used = [name for name in type(self).model_fields if getattr(self, name) is not None]
        return tuple(sorted(used, key=lambda name: (*self._written, name).index(name)))


class Notices(Written):
    """How long before a turn starts those whose turn it is are told, beside the hand-off itself."""

    ahead: Annotated[list[Duration], Field(min_length=1)]


def _region(value: str) -> str:
    if wrong := unknown_region(value):
        raise ValueError(wrong)
    return value


class House(Written):
    """The company that reports: its business days follow `region`, its money is `currency`, written by `locale`.

    `region` is a country or country-subdivision, `currency` an ISO 4217 code, `locale` such as en_US. Without a
    region no public holiday is known, and every weekday of `business_hours` is a business day.
    """

    region: Annotated[str, AfterValidator(_region)] | None = None
    currency: Currency = "USD"
    locale: LocaleName = "en_US"


def _ascending(dates: list[date]) -> list[date]:
    for before, after in pairwise(dates):
        if after == before:
            raise ValueError(f"names {after} twice; keep one of the two")
        if after < before:
            raise ValueError(f"names {after} after {before}; expected the dates in order, the earliest first")
    return dates


Calendar = Annotated[list[date], Field(min_length=1), AfterValidator(_ascending)]
"""The dates of meetings that come again, as presentations to investors do."""


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
    teams: dict[Name, OtherTeam] = {}
    escalation: Steps = DEFAULT_ESCALATION
    business_hours: BusinessHours = BusinessHours()
    limits: Limits = Limits()
    watch: Watch = Watch()
    swaps: Swaps | None = None
    publish: Publish | None = None
    planning: Planning = Planning()
    notices: Notices | None = None
    reporting: Reporting = Reporting()
    company: House = House()
    calendars: dict[Name, Calendar] = {}
    away: list[Away] = []
    changes: list[Change] = []

    def metric_owner(self, recipient: str) -> str | None:
        """The e-mail address of a recipient that `metric_owner_key` made; None for any other."""
        word, _, pipeline = recipient.partition(".")
        owned = self.pipelines.get(pipeline) if word == METRIC_OWNER else None
        return owned.metric_owner if owned else None
