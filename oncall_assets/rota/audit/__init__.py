"""The independent checker of plans: it reads final shifts by plain code, and nothing of what made them.

A `scene` holds the facts; `people`, `majors`, `sharing` and `agreed` ask it rule by rule, each for its `finding`s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.published import PublishedShift
from oncall_assets.handbook.team import Team
from oncall_assets.rota.audit.agreed import budget as within_budget
from oncall_assets.rota.audit.agreed import changes, frozen
from oncall_assets.rota.audit.finding import Finding
from oncall_assets.rota.audit.majors import one_major_off, table
from oncall_assets.rota.audit.people import away, coverage, holiday_excuse, two_people
from oncall_assets.rota.audit.scene import Pair, Scene
from oncall_assets.rota.audit.sharing import apart, shared_holiday, shared_season
from oncall_assets.rota.shift import Shift

__all__ = ["Finding", "audit", "changes", "switched_on"]

_JUDGES = (
    coverage,
    two_people,
    away,
    holiday_excuse,
    apart,
    table,
    one_major_off,
    shared_season,
    shared_holiday,
    frozen,
)


def switched_on(team: Team, budget: int | None = None) -> tuple[str, ...]:
    """The rules that a plan of the team is judged by, by the names that findings use, in the order of judging."""
    rules = team.holidays
    off = {
        "holiday_excuse": rules.rule == "primary_covers",
        "apart": team.planning.apart == "free",
        "table": not rules.table,
        "one_major_off": not rules.guarantee_one_major_off,
        "shared_season": not rules.seasons,
        "shared_holiday": not rules.share_multi_day or rules.rule == "primary_covers",
        "budget": budget is None,
    }
    return tuple(rule for rule in (*(judge.__name__ for judge in _JUDGES), "budget") if not off.get(rule))


def audit(
    handbook: Handbook,
    shifts: Iterable[Shift | PublishedShift],
    start: datetime,
    end: datetime,
    *,
    owners: Mapping[datetime, Pair] | None = None,
    earlier: Mapping[datetime, Pair] | None = None,
    budget: int | None = None,
) -> tuple[Finding, ...]:
    """Every way in which the final `shifts` of `[start, end)` UTC break a rule of the handbook, in order.

    `owners` and `earlier` name the pair of each block by its start; `budget` is how many duties may differ between
    the two. Where no owner is named, whoever serves longest counts as one.
    """
    scene = Scene(handbook, shifts, start, end, owners)
    found = [finding for judge in _JUDGES for finding in judge(scene)]
    return tuple(sorted({*found, *within_budget(scene, earlier, budget)}))
