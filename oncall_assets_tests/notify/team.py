"""A small team with every kind of address, and whatever channels a test wants."""

from __future__ import annotations

from datetime import date
from typing import Any

from oncall_assets.handbook.team import Team


def team(channels: dict[str, Any]) -> Team:
    """Ann with every address, Ben with an e-mail's only, and a team in a Slack channel."""
    home = {"region": "US-NY", "timezone": "America/New_York"}
    return Team.model_validate(
        {
            "team": "data",
            "timezone": "Europe/London",
            "engineers": {
                "ann": {
                    "name": "Ann Archer", "email": "ann@example.com", "slack": "U01ANN",
                    "pagerduty": "ANN_KEY", **home,
                },
                "ben": {"name": "Ben Baker", "email": "ben@example.com", **home},
            },
            "teams": {"infra": {"name": "Infrastructure", "slack": "C07INFRA", "pagerduty": "INFRA_KEY"}},
            "pipelines": {
                "profit": {
                    "assets": "key:profit", "primary": "ann", "secondary": ["ben"], "audience": "investors",
                    "metric_owner": "finance@example.com", "because": "knows it",
                },
            },
            "rotation": {
                "turn": "1 week", "handoff": "monday 09:00", "start": date(2026, 1, 5),
                "order": [["ann", "ben"], ["ben", "ann"]],
            },
            "severities": {
                "critical": {"respond": "1h", "resolve": "4h"},
                "major": {"respond": "2h", "resolve": "8h"},
                "minor": {"respond": "4h", "resolve": "24h"},
            },
            "channels": channels,
            "audiences": {"investors": ["ir@example.com"]},
        }
    )  # fmt: skip
