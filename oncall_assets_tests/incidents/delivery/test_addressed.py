"""Letters are written for the channels that the handbook names, whatever secrets their writer has."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_assets.incidents.delivery.addressed import addressed
from oncall_assets.notify.channel import DeliveryError
from oncall_assets_tests.incidents.company import handbook
from oncall_assets_tests.notify.pages import FULL, HANDOFF

_CHANNELS = (
    """{pagerduty: {}, slack: {}, email: {host: smtp.example.com, sender: oncall@example.com}, console: {}}"""
)
_OPS = """
teams: {ops: {name: Operations, pagerduty: OPS_KEY}}
"""


def test_each_channel_reaches_whom_the_handbook_says_without_any_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("ONCALL_SLACK_TOKEN", "OPS_KEY"):
        monkeypatch.delenv(variable, raising=False)
    team = handbook(tmp_path / "book", _CHANNELS, team=_OPS).team
    people = ("ann", "ops", "metric_owner.profit", "audience.investors.ir@example.com", "eve")
    assert {
        "pagerduty": ["ops"],
        "slack": ["ann"],
        "email": ["ann", "metric_owner.profit", "audience.investors.ir@example.com"],
        "console": [*people],
    } == {one.name: [who for who in people if one.reaches(who)] for one in addressed(team)}


def test_a_phone_rings_for_incidents_only_and_nothing_is_sent_from_here(tmp_path: Path) -> None:
    channels = addressed(handbook(tmp_path / "book", _CHANNELS, team=_OPS).team)
    assert ["pagerduty", "slack", "email", "console"] == [one.name for one in channels if one.takes(FULL)]
    assert ["slack", "email", "console"] == [one.name for one in channels if one.takes(HANDOFF)]
    for one in channels:
        with pytest.raises(DeliveryError, match="the pager sends"):
            one.send(FULL, "ann", None)
