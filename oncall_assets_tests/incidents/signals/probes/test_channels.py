"""Channels that refuse what is for a person."""

from __future__ import annotations

from datetime import UTC, datetime

from oncall_assets.incidents.ledger.records import Refusal
from oncall_assets.incidents.signals.probes.channels import refusing_channels

AT = datetime(2026, 1, 7, 1, 0, tzinfo=UTC)


def test_each_refusing_channel_is_a_trouble_of_its_own() -> None:
    refusals = [
        Refusal("ann", "slack", "channel_not_found", AT),
        Refusal("ben", "slack", "channel_not_found", AT),
        Refusal("ann", "email", "550 no\r\nsuch user", AT),
    ]
    found = refusing_channels(refusals)
    targets = ["channel slack to ann", "channel slack to ben", "channel email to ann"]
    assert targets == [one.target for one in found]
    assert ("channel refusing", "major", AT, "550 no such user") == (
        found[2].kind,
        found[2].severity,
        found[2].at,
        found[2].observed,
    )


def test_a_later_refusal_is_another_occurrence() -> None:
    ids = {refusing_channels([Refusal("ann", "slack", "no", AT.replace(hour=hour))])[0].id for hour in (1, 2)}
    assert 2 == len(ids)
