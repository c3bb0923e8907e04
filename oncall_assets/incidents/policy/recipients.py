"""Whom a step of the escalation means at an instant, as people come, leave and hand over."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.audiences import member_of
from oncall_assets.handbook.escalation import (
    EVERYONE,
    METRIC_OWNER,
    ON_CALL_PRIMARY,
    ON_CALL_SECONDARY,
    OWNERS,
    metric_owner_key,
)
from oncall_assets.rota import Rota, Shift


def shift_at(rota: Rota, now: datetime) -> Shift | None:
    """Who is on call; None where the rota has a gap."""
    try:
        return rota.on_call(now)
    except LookupError:
        return None


def recipients(tell: str, pipeline: str | None, handbook: Handbook, rota: Rota, now: datetime) -> tuple[str, ...]:
    """The keys of those whom `tell` names, of the handbook's `pipeline`, who can be told; nobody twice."""
    team = handbook.team
    promise = team.pipelines.get(pipeline) if pipeline is not None else None
    found: tuple[str, ...]
    if tell in (ON_CALL_PRIMARY, ON_CALL_SECONDARY):
        shift = shift_at(rota, now)
        found = () if shift is None else (shift.primary if tell == ON_CALL_PRIMARY else shift.secondary,)
    elif tell == OWNERS:
        found = (promise.primary, *promise.secondary) if promise else ()
    elif tell == METRIC_OWNER:
        found = (metric_owner_key(pipeline),) if pipeline is not None else ()
    elif tell == EVERYONE:
        return everyone(handbook, now)
    else:
        found = (tell,)
    return tuple(dict.fromkeys(who for who in found if can_be_told(who, handbook, now)))


def everyone(handbook: Handbook, now: datetime) -> tuple[str, ...]:
    """All engineers who have joined and not left; all there are, if that is nobody."""
    engineers = handbook.team.engineers
    return tuple(who for who in engineers if can_be_told(who, handbook, now)) or tuple(engineers)


def can_be_told(who: str, handbook: Handbook, now: datetime) -> bool:
    """Whether `who` is an engineer who has joined and not left, a team, a metric owner's key or an audience's."""
    team = handbook.team
    engineer = team.engineers.get(who)
    if engineer is None:
        return who in team.teams or team.metric_owner(who) is not None or member_of(team, who) is not None
    today = now.astimezone(ZoneInfo(engineer.timezone)).date()
    return (engineer.joined or today) <= today <= (engineer.left or today)


def name_of(who: str | None, handbook: Handbook) -> str:
    """The name of an engineer or a team, and words for a metric owner; anybody else as they are written."""
    if who is None:
        return "somebody"
    if handbook.team.metric_owner(who) is not None:
        return f"the metric owner of {who.partition('.')[2]}"
    if member := member_of(handbook.team, who):
        return f"{member.address} ({member.audience})"
    known = handbook.team.engineers.get(who) or handbook.team.teams.get(who)
    return known.name if known else who
