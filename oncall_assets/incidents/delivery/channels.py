"""The channels a team wrote down, made ready: their secrets come from the environment, never from the handbook."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from oncall_assets.handbook.audiences import every_member
from oncall_assets.handbook.escalation import metric_owner_key
from oncall_assets.handbook.team import Engineer, OtherTeam, PagerDutyChannel, SlackChannel, Team
from oncall_assets.incidents.delivery.slack_resource import SlackAt
from oncall_assets.notify.channel import Channel
from oncall_assets.notify.console import Console
from oncall_assets.notify.email import Email
from oncall_assets.notify.pagerduty import PagerDuty
from oncall_assets.notify.slack import Slack
from oncall_assets.notify.smtp import Mailer

Warn = Callable[[str], None]


def console_of(team: Team, write: Callable[[str], None]) -> Console:
    """The log of this process, which `write` writes to, as team.yaml has it or as a last resort."""
    settings = team.channels.console
    return Console(write, investor_figures=settings is not None and settings.investor_figures)


def channels_of(team: Team, console: Console, warn: Warn) -> list[Channel]:
    """The channels of `team.yaml` in the order written, those that can be used now; `warn` hears of the others.

    A warning names the environment variable that is at fault, never what is in it.
    """
    found = (_channel(name, team, console, warn) for name in team.channels.names)
    return [channel for channel in found if channel]


def mailer_of(team: Team, warn: Warn) -> Mailer | None:
    """What sends the team's e-mail, with the login that is in the environment; None where it cannot be used now.

    `warn` hears why, as of `channels_of`.
    """
    settings = team.channels.email
    if settings is None:
        warn("team.yaml names no `email` under `channels`, so e-mail is not used")
        return None
    if not os.environ.get(settings.user_env):
        return Mailer(settings, None)
    user = _secret(settings.user_env, "e-mail is not used", warn)
    password = _secret(settings.password_env, "e-mail is not used", warn)
    return Mailer(settings, (user, password)) if user and password else None


def _channel(name: str, team: Team, console: Console, warn: Warn) -> Channel | None:
    channels = team.channels
    if name == "slack" and channels.slack:
        return _slack(channels.slack, team, warn)
    if name == "email" and channels.email:
        return _email(team, warn)
    if name == "pagerduty" and channels.pagerduty:
        return _pagerduty(channels.pagerduty, team, warn)
    return console


def _slack(settings: SlackChannel, team: Team, warn: Warn) -> Channel | None:
    token = _secret(settings.token_env, "Slack is not used", warn)
    addresses = _known((key, one.slack) for key, one in _people(team).items())
    client = SlackAt(token=token, base_url=settings.base_url).get_client() if token else None
    return Slack(client, addresses, investor_figures=settings.investor_figures) if client else None


def _email(team: Team, warn: Warn) -> Channel | None:
    owners = [(metric_owner_key(name), pipeline.metric_owner) for name, pipeline in team.pipelines.items()]
    people = [(key, one.email) for key, one in _people(team).items()]
    audiences = [(key, member.address) for key, member in every_member(team).items()]
    mailer = mailer_of(team, warn)
    return Email(mailer, _known((*owners, *audiences, *people))) if mailer else None


def _pagerduty(settings: PagerDutyChannel, team: Team, warn: Warn) -> Channel | None:
    named = _known((key, one.pagerduty) for key, one in _people(team).items())
    found = {
        key: _secret(variable, f"PagerDuty does not reach {key}", warn) for key, variable in sorted(named.items())
    }
    keys = _known(found.items())
    if not keys:
        warn("PagerDuty reaches nobody, so it is not used")
        return None
    return PagerDuty(settings.base_url, keys, investor_figures=settings.investor_figures)


def _people(team: Team) -> dict[str, Engineer | OtherTeam]:
    return {**team.engineers, **team.teams}


def _known(pairs: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    return {key: value for key, value in pairs if value}


def _secret(variable: str, otherwise: str, warn: Warn) -> str | None:
    """What is in the environment under this name, without the line break that a secret's file ends with."""
    value = os.environ.get(variable, "").strip()
    if not value:
        warn(f"{variable} is not set, so {otherwise}")
    elif not (value.isascii() and value.isprintable()):
        # Headers and SMTP take no other characters, and would say so in an error that shows the secret.
        warn(f"{variable} holds characters that such a secret cannot have, so {otherwise}")
        return None
    return value or None
