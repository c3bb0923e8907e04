"""A drill in words for people and as JSON for programs, so that both say the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from oncall_assets.cli.incident_words import labelled
from oncall_assets.cli.reaching import Reach, Route
from oncall_assets.handbook import Handbook
from oncall_assets.incidents.drill import Drill
from oncall_assets.incidents.policy.escalation import Held, Telling
from oncall_assets.incidents.policy.recipients import name_of
from oncall_assets.notify.message import instant, length, printable

_URGENCY = {"any_time": "told at any time", "business_hours": "left to business hours"}


def drill_lines(handbook: Handbook, drill: Drill, reach: Reach) -> None:
    """Print what would open, then a row for each person told or thing held back, and what stands in the way."""
    from oncall_assets.cli.tables import print_drill

    for line in _opening(handbook, drill):
        click.echo(line)
    print_drill(_rows(handbook, drill, reach), ZoneInfo(handbook.team.timezone))
    for doubt in reach.doubts:
        click.echo(printable(f"Here {doubt}."))
    click.echo("This was a drill: nobody was told, and nothing was written.")


def drill_as_json(drill: Drill, reach: Reach) -> dict[str, Any]:
    """The incident, and its timeline: each telling with its people and their channels; instants in UTC."""
    standing, fault = drill.standing, drill.fault
    return {
        "target": fault.target,
        "partition": fault.partition,
        "at": fault.at.isoformat(),
        "pipeline": standing.pipeline,
        "severity": drill.grade.severity,
        "urgency": drill.grade.urgency,
        "why": list(drill.grade.why),
        "clock_from": standing.clock_from.isoformat(),
        "respond_by": standing.respond_by.isoformat(),
        "resolve_by": standing.resolve_by.isoformat(),
        "issues": list(drill.issues),
        "affected": [one.model_dump() for one in fault.affected],
        "investors": fault.investors,
        "runbook": drill.runbook,
        "steps": list(drill.steps),
        "timeline": [{"at": at.isoformat()} | _event(what, drill, reach) for at, what in drill.told],
        "doubts": list(reach.doubts),
    }


def _opening(handbook: Handbook, drill: Drill) -> list[str]:
    fault, standing, zone = drill.fault, drill.standing, handbook.team.timezone
    what = f"{fault.check} failed on {fault.asset}" if fault.check else f"the run failed at {fault.asset}"
    where = f" ({fault.partition})" if fault.partition else ""
    targets = handbook.team.severities[standing.severity]
    investors = "figures for investors are hit" if fault.investors else "no figure for investors is hit"
    rows = [
        ("opens", f"a {standing.severity} incident of {standing.pipeline or 'no pipeline'}"),
        ("urgency", _URGENCY[standing.urgency]),
        *(("because", why) for why in drill.grade.why),
        ("answer by", f"{instant(standing.respond_by, zone)}, within {length(targets.respond)}"),
        ("resolve by", f"{instant(standing.resolve_by, zone)}, within {length(targets.resolve)}"),
        ("issue", ", ".join(drill.issues)),
        ("hits", ", ".join(_marked(one.asset, one.investors) for one in fault.affected) or "nothing downstream"),
        ("investors", investors),
        ("runbook", drill.runbook or "none"),
        *(("step", step) for step in drill.steps),
    ]
    return [printable(f"If {what}{where} at {instant(fault.at, zone)}:"), *labelled(rows)]


def _rows(handbook: Handbook, drill: Drill, reach: Reach) -> list[tuple[str, str, str]]:
    """When, in the team's zone and after how long; who, and when for them; why, and over what."""
    zone, rows = ZoneInfo(handbook.team.timezone), []
    for at, what in drill.told:
        after = f"after {length(at - drill.fault.at)}" if at > drill.fault.at else "at once"
        when = f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}\n{after}"
        if isinstance(what, Held):
            rows.append((when, f"({what.reason})", what.why))
            continue
        for person in what.people:
            routes = ", ".join(map(_route, reach.routes(person, drill.standing.severity)))
            rows.append((when, _person(at, person, handbook), f"{what.why}\nover {routes}"))
    return rows


def _person(at: datetime, person: str, handbook: Handbook) -> str:
    """The name, with the wall time where an engineer lives if it is another one than the team's."""
    name, engineer = name_of(person, handbook), handbook.team.engineers.get(person)
    if engineer is None or engineer.timezone == handbook.team.timezone:
        return name
    return f"{name}\n{at.astimezone(ZoneInfo(engineer.timezone)):%a %H:%M} {engineer.timezone}"


def _event(what: Telling | Held, drill: Drill, reach: Reach) -> dict[str, Any]:
    if isinstance(what, Held):
        until = what.until.isoformat() if what.until else None
        return {"held": what.reason.value, "until": until, "why": what.why}
    people = [
        {"who": who, "routes": [_route_as_json(route) for route in reach.routes(who, drill.standing.severity)]}
        for who in what.people
    ]
    return {"told": people, "step": what.step, "reason": what.reason.value, "why": what.why}


def _route(route: Route) -> str:
    words = " ".join(filter(None, (route.channel, route.address)))
    return words if route.usable else f"{words} (cannot be used here)"


def _route_as_json(route: Route) -> dict[str, Any]:
    return {"channel": route.channel, "address": route.address or None, "usable": route.usable}


def _marked(asset: str, investors: bool) -> str:
    return f"{asset} (INVESTOR FIGURES)" if investors else asset
