"""How bad an incident is and how soon it matters, by what the runbooks say for this very moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.escalation import Urgency
from oncall_assets.handbook.runbook import Rise
from oncall_assets.handbook.team import WORST_FIRST, Severity
from oncall_assets.notify.message import length
from oncall_assets.rota.turns import wall_instant

# Nobody has said how bad it is, so it is neither slept through nor the end of the world.
_UNKNOWN: Severity = "major"
_MOST_URGENT_FIRST: tuple[Urgency, ...] = ("any_time", "business_hours")
_WORDS: dict[Urgency, str] = {"any_time": "urgent at any time", "business_hours": "left to business hours"}


@dataclass(frozen=True, slots=True)
class Grade:
    """`why` has a sentence for each of the runbooks' rises that made it worse than it is on other days."""

    severity: Severity
    urgency: Urgency
    why: tuple[str, ...]


def grade(
    handbook: Handbook,
    pipelines: Iterable[str],
    tagged: Iterable[Severity],
    given: Severity | None,
    investors: bool,
    now: datetime,
) -> Grade:
    """The worst of what the `pipelines` and the tags of their assets say and what is `given`, major if none does.

    It waits for business hours only if all pipelines say so; those the handbook does not know say nothing. Then
    their `rises` apply, which never make it better; `investors`: figures for them are computed from what failed.
    """
    known = [name for name in dict.fromkeys(pipelines) if name in handbook.team.pipelines]
    said = [*(handbook.severity(name) for name in known), *tagged, *([given] if given else [])]
    usual = Grade(
        min(said, key=WORST_FIRST.index, default=_UNKNOWN),
        min((handbook.urgency(name) for name in known), key=_MOST_URGENT_FIRST.index, default="any_time"),
        (),
    )
    left = _month_end(now, ZoneInfo(handbook.team.timezone)) - now
    worse = usual
    for name in known:
        for rise in handbook.rises(name):
            if rise.when == "investors" and investors:
                because = "figures for investors come from it"
            elif rise.when == "month_end" and rise.within is not None and left <= rise.within:
                because = f"the month ends in {length(left)}"
            else:
                continue
            worse = _risen(worse, usual, rise, f"{because}, which makes {name}")
    return worse


def _risen(grade: Grade, usual: Grade, rise: Rise, because: str) -> Grade:
    """The grade after a rise that holds; it is given as a reason if it is worse than the `usual` grade."""
    severity, urgency = rise.severity or usual.severity, rise.urgency or usual.urgency
    words: list[str] = [severity] if WORST_FIRST.index(severity) < WORST_FIRST.index(usual.severity) else []
    if _MOST_URGENT_FIRST.index(urgency) < _MOST_URGENT_FIRST.index(usual.urgency):
        words.append(_WORDS[urgency])
    return Grade(
        min(grade.severity, severity, key=WORST_FIRST.index),
        min(grade.urgency, urgency, key=_MOST_URGENT_FIRST.index),
        (*grade.why, f"{because} {' and '.join(words)}") if words else grade.why,
    )


def _month_end(now: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the month that `now` lies in ends in that zone."""
    local = now.astimezone(zone)
    following = date(local.year + local.month // 12, local.month % 12 + 1, 1)
    return wall_instant(following, time(), zone)
