"""Teams to put on a rota, valid in all but what a test is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.published import PublishedShift
from oncall_assets.handbook.source import Source
from oncall_assets.handbook.sources import Sources
from oncall_assets.handbook.team import Team
from oncall_assets.handbook.values import WEEKDAYS
from oncall_assets.rota import Shift

FOUR = (("alice", "bob"), ("bob", "carol"), ("carol", "david"), ("david", "alice"))

_TARGETS = {"respond": "1h", "resolve": "4h"}


def team(
    zone: str = "America/New_York",
    turn: str = "1 week",
    hour: str = "09:00",
    start: date = date(2026, 1, 5),
    order: Sequence[tuple[str, str]] | Sequence[str] = FOUR,
    people: Mapping[str, Mapping[str, Any]] | None = None,
    **more: Any,
) -> Team:
    """A team whose turns hand off at `hour` of the weekday of `start`.

    `people` has what differs of an engineer (all are American and live by UTC), `more` the rest of `team.yaml`.
    """
    names = {name for entry in order for name in ([entry] if isinstance(entry, str) else entry)}
    people = people or {}
    every = sorted(names | set(people))
    rotation = {
        "turn": turn,
        "handoff": f"{WEEKDAYS[start.weekday()]} {hour}",
        "start": start,
        "order": [entry if isinstance(entry, str) else list(entry) for entry in order],
    }
    if any(isinstance(entry, str) for entry in order):
        rotation["secondary"] = "next"
    return Team.model_validate(
        {
            "team": "data",
            "timezone": zone,
            "engineers": {name: {**_engineer(name), **people.get(name, {})} for name in every},
            "pipelines": {"profit": _pipeline(every[0], every[1])},
            "rotation": rotation,
            "severities": {name: dict(_TARGETS) for name in ("critical", "major", "minor")},
            "channels": {"console": {}},
            "audiences": {"stakeholders": ["finance@example.com"]},
            **more,
        }
    )


def handbook(of: Team, published: Mapping[str, tuple[datetime, Iterable[Shift]]] | None = None) -> Handbook:
    """A handbook of nothing but the team; `published` has quarters, when they were told, and their shifts."""
    source = Source("team.yaml", YAML(typ="rt").load("team: data"))
    told = published or {}
    return Handbook(
        Path("book"),
        of,
        Sources.model_construct(first_day=date(2026, 1, 1), sources={}),
        {},
        source,
        source,
        published={quarter: tuple(map(as_published, shifts)) for quarter, (_, shifts) in told.items()},
        published_at={quarter: at for quarter, (at, _) in told.items()},
    )


def as_published(shift: Shift) -> PublishedShift:
    """The shift as a published quarter has it."""
    fields = {"start": shift.start, "end": shift.end, "primary": shift.primary, "secondary": shift.secondary}
    return PublishedShift.model_validate({**fields, "why": list(shift.why)})


def utc(text: str) -> datetime:
    """`2026-01-05T14:00` as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def pairs(shifts: Iterable[Shift]) -> list[tuple[str, str, str]]:
    """Start as `MM-DD HH:MM` UTC, primary and secondary of each shift."""
    return [(f"{shift.start:%m-%d %H:%M}", shift.primary, shift.secondary) for shift in shifts]


def away(who: str, first: date, last: date, **more: str) -> dict[str, Any]:
    """An entry of `away`."""
    return {"who": who, "from": first, "to": last, **more}


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
