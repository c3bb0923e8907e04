"""Who may not be on duty at all: nobody twice at once, nobody who is away, nobody on an excusing holiday."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from oncall_assets.rota.audit.finding import Finding
from oncall_assets.rota.audit.majors import named_by_table
from oncall_assets.rota.audit.scene import Scene, Served, forced
from oncall_assets.rota.audit.sharing import day_taken_by
from oncall_assets.rota.shift import ROLES


def coverage(scene: Scene) -> Iterator[Finding]:
    """The window is covered without a gap or an overlap, by engineers of the team."""
    at = scene.start
    for one in scene.given:
        if one.start > at:
            yield Finding("coverage", "", at, one.start, f"from {scene.when(at)} nobody is on duty")
        elif one.start < at and one.start > scene.start:
            last = min(at, one.end)
            yield Finding("coverage", "", one.start, last, f"from {scene.when(one.start)} two shifts overlap")
        for who in sorted({one.primary, one.secondary} - set(scene.team.engineers)):
            yield Finding("coverage", who, one.start, one.end, f"{who} is no engineer of team.yaml")
        at = max(at, one.end)
    if at < scene.end:
        yield Finding("coverage", "", at, scene.end, f"from {scene.when(at)} nobody is on duty")


def two_people(scene: Scene) -> Iterator[Finding]:
    """Primary and secondary are two people."""
    for one in scene.served:
        if one.primary == one.secondary:
            text = f"{one.primary} is primary and secondary at once from {scene.when(one.start)}"
            yield Finding("two_people", one.primary, one.start, one.end, text)


def away(scene: Scene) -> Iterator[Finding]:
    """Nobody is on duty on vacation, before they joined or after they left, but by an override with `force`."""
    by_force = [one for one in scene.changes if forced(one)]
    for one in scene.served:
        for who in sorted({one.primary, one.secondary}):
            for gone in scene.calendar.firm(who, one.start, one.end):
                start, end = max(gone.start, one.start), min(gone.end, one.end)
                edges = {edge for force in by_force for edge in (force.start, force.end) if start < edge < end}
                for first, last in pairwise(sorted({start, end} | edges)):
                    if not any(force.start <= first and last <= force.end for force in by_force):
                        text = f"{who} is on duty from {scene.when(first)} although {gone.reason.text}"
                        told = ", as published: agree on a swap or an override"
                        yield Finding("away", who, first, last, text + told * scene.is_published(first, last))


def holiday_excuse(scene: Scene) -> Iterator[Finding]:
    """Nobody is on duty on a holiday that excuses them, unless fewer than two would be free without them.

    Where the secondary covers holidays, theirs are no excuse for the secondary of the turn; whoever the table
    names for a major holiday is not excused from it either. What was agreed or published is as people agreed.
    """
    if scene.team.holidays.rule == "primary_covers":
        return
    for one in scene.served:
        pair = (one.primary, one.secondary)
        if any(scene.calendar.holiday_days(who, one.start, one.end) for who in pair):
            for start, end in _cut(scene, one):
                if not scene.agreed_in(start, end):
                    yield from _unexcused(scene, Served(start, end, *pair))


def _unexcused(scene: Scene, one: Served) -> Iterator[Finding]:
    """Of a stretch in which nobody's holiday begins or ends."""
    working = [who for who in (one.primary, one.secondary) if _on_holiday(scene, who, one.start, one.end)]
    named = named_by_table(scene, one.start, one.end)
    not_excused = {named}
    if scene.team.holidays.rule == "secondary_covers":
        not_excused |= {_second_to(scene, named, one.start), day_taken_by(scene, one.start)}
    excused = [who for who in working if who not in not_excused]
    free = [
        who
        for who in dict.fromkeys((*scene.team.rotation.ring, *scene.team.volunteers, one.primary, one.secondary))
        if not scene.firmly_away(who, one.start, one.end) and not _on_holiday(scene, who, one.start, one.end)
    ]
    if len(excused) > max(0, 2 - len(free)):
        for who in excused:
            holiday = scene.calendar.holiday_days(who, one.start, one.end)[0].name
            text = (
                f"{who} is on duty on {holiday}, {scene.when(one.start)}, although {' and '.join(free)} are free"
            )
            yield Finding("holiday_excuse", who, one.start, one.end, text)


def _second_to(scene: Scene, named: str | None, at: datetime) -> str | None:
    """The secondary of the turn; if the table names that one, or somebody else, the primary backs them up."""
    block = next((one for one in scene.blocks if one.start <= at < one.end), None)
    if block is None:
        return None
    primary, secondary = (scene.owner(block, role) for role in ROLES)
    return secondary if named in (None, primary) else primary


def _on_holiday(scene: Scene, who: str, start: datetime, end: datetime) -> bool:
    return bool(scene.calendar.holiday_days(who, start, end))


def _cut(scene: Scene, one: Served) -> Iterator[tuple[datetime, datetime]]:
    """The shift in pieces in which nobody comes or goes, and nothing that was agreed begins or ends."""
    edges = {one.start, one.end}
    for who in scene.pool:
        edges |= {
            edge for day in scene.calendar.holiday_days(who, one.start, one.end) for edge in (day.start, day.end)
        }
        edges |= {edge for gone in scene.calendar.firm(who, one.start, one.end) for edge in (gone.start, gone.end)}
    edges |= {edge for change in scene.changes for edge in (change.start, change.end)}
    edges |= {edge for span in scene.published for edge in span}
    return pairwise(sorted(edge for edge in edges if one.start <= edge <= one.end))
