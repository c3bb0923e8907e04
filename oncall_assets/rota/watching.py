"""When the watches of the runbooks come, so that who launches them and who waits for them agree on the instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.recurring import falls_on
from oncall_assets.handbook.runbook import Runbook
from oncall_assets.handbook.watching import PlannedWatch
from oncall_assets.rota.turns import wall_instant


@dataclass(frozen=True, slots=True)
class RunbookWatch:
    """A watch with the runbook it stands in; `key` is the value of the tag by which its runs are known."""

    runbook: Runbook
    planned: PlannedWatch

    @property
    def key(self) -> str:
        return f"{self.runbook.pipeline}.{self.planned.name}"


def watches(handbook: Handbook) -> Iterator[RunbookWatch]:
    """Every watch of every runbook."""
    for runbook in handbook.runbooks.values():
        for planned in runbook.front.watch:
            yield RunbookWatch(runbook, planned)


def watch_instant(handbook: Handbook, planned: PlannedWatch, on: date) -> datetime | None:
    """When the watch comes on this date of the team's zone, in UTC; None if it does not.

    In a missing hour it is the first valid instant after it, in a repeated hour the first of both.
    """
    if not falls_on(planned.on, on, handbook.team.business_hours.days):
        return None
    return wall_instant(on, time.fromisoformat(planned.at), ZoneInfo(handbook.team.timezone))


def watches_at(handbook: Handbook, instant: datetime) -> list[RunbookWatch]:
    """The watches that come at this instant."""
    on = instant.astimezone(ZoneInfo(handbook.team.timezone)).date()
    return [one for one in watches(handbook) if watch_instant(handbook, one.planned, on) == instant]
