"""A shift in words for people and as JSON for programs, so that both say the same."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oncall_assets.handbook.team import Team
from oncall_assets.notify.message import printable
from oncall_assets.rota.shift import ROLES, Shift

if TYPE_CHECKING:
    from oncall_assets.rota.fairness import Fairness


def ownership(team: Team, name: str, shift: Shift) -> dict[str, Any]:
    """Who owns the pipeline `name`, and the role in which each of them is on duty in `shift`, or None."""
    pipeline = team.pipelines[name]
    duty = {shift.primary: "primary", shift.secondary: "secondary"}
    return {
        "name": name,
        "primary": {"who": pipeline.primary, "on_duty": duty.get(pipeline.primary)},
        "secondary": [{"who": who, "on_duty": duty.get(who)} for who in pipeline.secondary],
        "metric_owner": pipeline.metric_owner,
        "because": pipeline.because,
    }


def as_words(team: Team, shift: Shift, owners: dict[str, Any] | None, explain: bool) -> list[str]:
    """Lines of `who`: the pair, until when, the owners, and the last reason or, to explain, every one."""
    until = f"{shift.end.astimezone(ZoneInfo(team.timezone)):%a %Y-%m-%d %H:%M} {team.timezone}"
    rows = [
        ("primary", _person(team, shift.primary)),
        ("secondary", _person(team, shift.secondary)),
        ("until", until),
    ]
    if owners is not None:
        rows.append(("pipeline", f"{owners['name']}, promised to {owners['metric_owner']}"))
        for owner in (owners["primary"], *owners["secondary"]):
            duty = f"on duty as {owner['on_duty']}" if owner["on_duty"] else "not on duty"
            rows.append(("owner", f"{_person(team, owner['who'])}, {duty}"))
    for reason in shift.reasons if explain else shift.reasons[-1:]:
        rows.append(("because", f"{reason.layer}: {reason.text}" if explain else reason.text))
    return [printable(f"{label:<10} {text}") for label, text in rows]


def shift_as_json(shift: Shift) -> dict[str, Any]:
    """Keys of engineers, instants in UTC, reasons from the lowest layer up."""
    return {
        "primary": shift.primary,
        "secondary": shift.secondary,
        "start": shift.start.isoformat(),
        "end": shift.end.isoformat(),
        "reasons": [asdict(reason) for reason in shift.reasons],
    }


def fairness_as_json(found: Fairness) -> dict[str, Any]:
    """Hours, points of load, and ratios as numbers; days and instants as text."""
    from oncall_assets.rota.fairness import POINTS

    loads = []
    for load in found.loads:
        hours = {"available": load.available, "primary": asdict(load.primary), "secondary": asdict(load.secondary)}
        days = {"holidays": [str(day) for day in load.holidays], "major": load.major}
        kinds = {role: {kind: load.by_kind.get((role, kind), 0.0) for kind in POINTS} for role in ROLES}
        measure = {"points": load.points, "by_kind": kinds, "share": load.share, "to_carry": load.due}
        loads.append({"who": load.who, **hours, **days, **measure, "deviation": load.deviation})
    return {
        "from": found.start.isoformat(),
        "to": found.end.isoformat(),
        "engineers": loads,
        "spread": found.spread,
        "fair": found.fair,
        "grafana": asdict(found.grafana),
    }


def _person(team: Team, who: str) -> str:
    engineer = team.engineers[who]
    return f"{engineer.name} <{engineer.email}>"
