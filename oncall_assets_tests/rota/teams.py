"""Teams to put on a rota, valid in all but the rotation that a test is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from oncall_assets.handbook.team import Team
from oncall_assets.handbook.values import WEEKDAYS

FOUR = (("alice", "bob"), ("bob", "carol"), ("carol", "david"), ("david", "alice"))

_TARGETS = {"respond": "1h", "resolve": "4h"}


def team(
    zone: str = "America/New_York",
    turn: str = "1 week",
    hour: str = "09:00",
    start: date = date(2026, 1, 5),
    order: Sequence[tuple[str, str]] = FOUR,
) -> Team:
    """A team whose turns hand off at `hour` of the weekday of `start`."""
    people = sorted({name for pair in order for name in pair})
    rotation = {
        "turn": turn,
        "handoff": f"{WEEKDAYS[start.weekday()]} {hour}",
        "start": start,
        "order": [list(pair) for pair in order],
    }
    return Team.model_validate(
        {
            "team": "data",
            "timezone": zone,
            "engineers": {name: _engineer(name) for name in people},
            "pipelines": {"profit": _pipeline(people[0], people[1])},
            "rotation": rotation,
            "severities": {name: dict(_TARGETS) for name in ("critical", "major", "minor")},
            "channels": {"console": {}},
            "audiences": {"stakeholders": ["finance@example.com"]},
        }
    )


def _engineer(name: str) -> dict[str, str]:
    return {"name": name.title(), "email": f"{name}@example.com", "region": "US", "timezone": "UTC"}


def _pipeline(primary: str, secondary: str) -> dict[str, str]:
    return {
        "assets": 'key:"profit"',
        "primary": primary,
        "secondary": secondary,
        "metric_owner": "finance@example.com",
        "audience": "stakeholders",
        "because": "somebody has to",
    }
