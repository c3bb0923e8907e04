"""Who cannot serve when: vacations, public holidays where they excuse, and days before and after membership."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from oncall_assets.handbook.team import Team
from oncall_assets.handbook.tree import Loc
from oncall_assets.rota.holidays import DAY, HolidayDay, holiday_days, local_day
from oncall_assets.rota.shift import Layer, Reason
from oncall_assets.rota.turns import wall_instant

Kind = Literal["vacation", "holiday", "not_joined", "left"]

# Far from the ends of time, so that any zone can show them.
EVER = datetime(1000, 1, 1, tzinfo=UTC)
NEVER = datetime(9000, 1, 1, tzinfo=UTC)

_LAYERS: dict[Kind, Layer] = {
    "vacation": "vacation",
    "holiday": "holiday",
    "not_joined": "membership",
    "left": "membership",
}


@dataclass(frozen=True, slots=True, order=True)
class Absence:
    """`who` is away in `[start, end)` UTC; membership is open to one side, from `EVER` or until `NEVER`.

    `place` is where `team.yaml` says so, if it does.
    """

    start: datetime
    end: datetime
    who: str
    kind: Kind
    why: str
    place: Loc = field(default=(), compare=False)

    @property
    def excused(self) -> bool:
        """Whether it is an excuse that falls away when too few would be left."""
        return self.kind == "holiday"

    @property
    def reason(self) -> Reason:
        text = {"vacation": "is away: ", "holiday": "is off: "}.get(self.kind, "") + self.why
        return Reason(_LAYERS[self.kind], f"{self.who} {text}")


class Calendar:
    """The absences of one team, looked up by person."""

    def __init__(self, team: Team) -> None:
        self._team = team
        self._holidays = team.holidays.rule != "primary_covers"

    def firm(self, who: str, start: datetime, end: datetime) -> list[Absence]:
        """Vacation and membership of `who` that overlap `[start, end)`."""
        return [one for one in self._firm.get(who, ()) if one.start < end and start < one.end]

    def holidays(self, who: str, start: datetime, end: datetime) -> list[Absence]:
        """Public holidays of `who` that overlap `[start, end)`; none where the rule excuses nobody."""
        region = self._team.engineers[who].region
        return [
            Absence(day.start, day.end, who, "holiday", f"{day.name} in {region}")
            for day in self.holiday_days(who, start, end)
        ]

    def holiday_days(self, who: str, start: datetime, end: datetime) -> list[HolidayDay]:
        """As `holidays`, with their runs."""
        if not self._holidays:
            return []
        engineer, bridged = self._team.engineers[who], self._team.holidays.share_multi_day
        # A local day begins up to a day before or after the UTC day of the same date.
        years = range((start - DAY).year, (end + DAY).year + 1)
        return [
            day
            for year in years
            for day in holiday_days(engineer.region, engineer.timezone, year, bridged)
            if day.start < end and start < day.end
        ]

    @cached_property
    def _firm(self) -> dict[str, list[Absence]]:
        found: dict[str, list[Absence]] = {}
        for one in sorted([*_memberships(self._team), *_vacations(self._team)]):
            found.setdefault(one.who, []).append(one)
        return found


def absences(team: Team, start: datetime, end: datetime) -> list[Absence]:
    """Everybody's absences that overlap `[start, end)`, in order; public holidays where the rule excuses."""
    calendar = Calendar(team)
    return sorted(
        one
        for who in team.engineers
        for one in (*calendar.firm(who, start, end), *calendar.holidays(who, start, end))
    )


def _vacations(team: Team) -> Iterator[Absence]:
    for number, entry in enumerate(team.away):
        zone = ZoneInfo(team.engineers[entry.who].timezone)
        start = wall_instant(entry.first, time.fromisoformat(entry.from_hour or "00:00"), zone)
        if entry.to_hour:
            end = wall_instant(entry.last, time.fromisoformat(entry.to_hour), zone)
        else:
            _, end = local_day(entry.last, zone)
        why = f"{entry.why}, {entry.first} to {entry.last}"
        yield Absence(start, end, entry.who, "vacation", why, ("away", number))


def _memberships(team: Team) -> Iterator[Absence]:
    for who, engineer in team.engineers.items():
        zone = ZoneInfo(engineer.timezone)
        if engineer.joined:
            start, _ = local_day(engineer.joined, zone)
            yield Absence(
                EVER, start, who, "not_joined", f"joins on {engineer.joined}", ("engineers", who, "joined")
            )
        if engineer.left:
            _, end = local_day(engineer.left, zone)
            yield Absence(end, NEVER, who, "left", f"left on {engineer.left}", ("engineers", who, "left"))
