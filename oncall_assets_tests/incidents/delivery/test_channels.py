"""Channels as a team wrote them down, with secrets from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from oncall_assets.incidents.delivery.channels import channels_of
from oncall_assets.notify.channel import Channel
from oncall_assets.notify.console import Console
from oncall_assets_tests.notify.pages import FULL
from oncall_assets_tests.notify.team import team
from oncall_assets_tests.pagerduty_server import pagerduty_server
from oncall_assets_tests.slack_server import slack_server
from oncall_assets_tests.smtp_server import smtp_server

KEY = "0123456789abcdef0123456789abcdef"
SECRETS = {
    "ONCALL_SLACK_TOKEN": "xoxb-s3cret",
    "ONCALL_SMTP_USER": "oncall",
    "ONCALL_SMTP_PASSWORD": "s3cret-Pa55word",
    "ANN_KEY": KEY,
    "INFRA_KEY": KEY[::-1],
}
EVERY: dict[str, Any] = {
    "pagerduty": {},
    "console": {},
    "email": {"host": "127.0.0.1", "sender": "oncall@example.com"},
    "slack": {},
}


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def made(channels: dict[str, Any]) -> tuple[dict[str, Channel], list[str]]:
    """The channels by name, and the warnings."""
    warnings: list[str] = []
    found = channels_of(team(channels), Console(warnings.append), warnings.append)
    return {channel.name: channel for channel in found}, warnings


@pytest.mark.parametrize("order", [["pagerduty", "console", "email", "slack"], ["slack", "email", "console"]])
def test_the_channels_are_in_the_order_written(order: list[str]) -> None:
    channels, warnings = made({name: EVERY[name] for name in order})
    assert (order, []) == (list(channels), warnings)


def test_each_reaches_whom_it_has_an_address_of() -> None:
    channels, _ = made(EVERY)
    people = ("ann", "ben", "infra", "metric_owner.profit", "nobody")
    assert {
        "pagerduty": [True, False, True, False, False],
        "console": [True] * 5,
        "email": [True, True, False, True, False],
        "slack": [True, False, True, False, False],
    } == {name: [channel.reaches(person) for person in people] for name, channel in channels.items()}


@pytest.mark.parametrize(
    ("missing", "channel", "warning"),
    [
        ("ONCALL_SLACK_TOKEN", "slack", "ONCALL_SLACK_TOKEN is not set, so Slack is not used"),
        ("ONCALL_SMTP_PASSWORD", "email", "ONCALL_SMTP_PASSWORD is not set, so e-mail is not used"),
    ],
)
@pytest.mark.parametrize("value", [None, "", " \n"])
def test_a_channel_without_its_secret_is_not_used_and_the_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, missing: str, channel: str, warning: str, value: str | None
) -> None:
    monkeypatch.delenv(missing)
    if value is not None:
        monkeypatch.setenv(missing, value)
    channels, warnings = made(EVERY)
    assert ({*EVERY} - {channel}, [warning]) == ({*channels}, warnings)


def test_whose_routing_key_is_not_set_is_not_reached_and_the_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANN_KEY")
    channels, warnings = made(EVERY)
    pagerduty = channels["pagerduty"]
    assert (False, True) == (pagerduty.reaches("ann"), pagerduty.reaches("infra"))
    assert ["ANN_KEY is not set, so PagerDuty does not reach ann"] == warnings


def test_without_any_routing_key_pagerduty_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANN_KEY")
    monkeypatch.delenv("INFRA_KEY")
    channels, warnings = made({"pagerduty": {}})
    assert {} == channels
    assert "PagerDuty reaches nobody, so it is not used" == warnings[-1]


@pytest.mark.parametrize("value", ["xoxb-s3cret\r\nX-Evil: 1", "xoxb-s3crét", "xoxb s3cret\x00"])
@pytest.mark.parametrize("name", [name for name in SECRETS if name != "INFRA_KEY"])
def test_a_secret_that_cannot_be_one_is_refused_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    # A null byte cannot be in an environment.
    monkeypatch.setenv(name, value.replace("\x00", "\x01"))
    channels, warnings = made(EVERY)
    assert 1 == len(warnings)
    assert warnings[0].startswith(f"{name} holds characters that such a secret cannot have, so ")
    assert "s3cr" not in warnings[0]
    assert len(EVERY) - (name != "ANN_KEY") == len(channels)


def test_a_line_break_at_the_end_of_a_secret_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_SLACK_TOKEN", "xoxb-s3cret\n")
    with slack_server() as server:
        channels, warnings = made({"slack": {"base_url": server.url.rstrip("/")}})
        channels["slack"].send(FULL, "infra", None)
        assert ([], ["Bearer xoxb-s3cret"]) == (warnings, server.tokens)
        assert ["C07INFRA"] == [message["channel"] for message in server.messages]


def test_each_team_and_engineer_is_told_by_a_service_of_their_own() -> None:
    with pagerduty_server() as server:
        channels, _ = made({"pagerduty": {"base_url": server.url}})
        channels["pagerduty"].send(FULL, "ann", None)
        channels["pagerduty"].send(FULL, "infra", None)
        assert [KEY, KEY[::-1]] == [event["routing_key"] for event in server.events]


def test_a_metric_owner_is_told_by_an_email_that_logs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    login = (SECRETS["ONCALL_SMTP_USER"], SECRETS["ONCALL_SMTP_PASSWORD"])
    with smtp_server(tmp_path, login=login) as server:
        channels, _ = made({"email": {"host": "127.0.0.1", "port": server.port, "sender": "oncall@example.com"}})
        channels["email"].send(FULL, "metric_owner.profit", None)
        assert [(("finance@example.com",), "oncall")] == [(one.recipients, one.login) for one in server.received]


def test_without_a_user_email_does_not_log_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONCALL_SMTP_USER")
    monkeypatch.delenv("ONCALL_SMTP_PASSWORD")
    with smtp_server(tmp_path, "none") as server:
        settings = {"host": "127.0.0.1", "port": server.port, "sender": "oncall@example.com", "security": "none"}
        channels, warnings = made({"email": settings})
        channels["email"].send(FULL, "ben", None)
        assert ([], [None]) == (warnings, [one.login for one in server.received])
