"""Quarters from hand-off to hand-off, because people plan by quarters and serve by turns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from oncall_assets.handbook.team import Team
from oncall_assets.rota.turns import turn_at, turn_number

_LISTED = 80


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Quarter `number` (1 to 4) of `year`: the turns whose local start lies in it (DESIGN, rota rule 2)."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """`2027Q1` as a quarter. Raises ValueError with what is expected."""
        if not re.fullmatch(r"[0-9]{4}Q[1-4]", text):
            raise ValueError(f"{text!r} is no quarter; expected one such as 2027Q1")
        return cls(int(text[:4]), int(text[5]))

    @classmethod
    def of(cls, team: Team, at: datetime) -> Quarter:
        """The quarter of the turn that runs at the instant `at`."""
        zone = ZoneInfo(team.timezone)
        turn = turn_at(team.rotation, zone, at)
        return cls.on(team.rotation.start + turn.index * team.rotation.turn)

    @classmethod
    def on(cls, day: date) -> Quarter:
        """The quarter in which the day lies in the calendar, whatever the turns."""
        return cls(day.year, (day.month + 2) // 3)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def first_day(self) -> date:
        """The first day in the calendar, whatever the turns."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def previous(self) -> Quarter:
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    @property
    def next(self) -> Quarter:
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)

    def start(self, team: Team) -> datetime:
        """The UTC instant of the hand-off to the quarter's first turn."""
        rotation = team.rotation
        # Rounded up: the first turn that starts on the first day or later.
        index = -((rotation.start - self.first_day) // rotation.turn)
        return turn_number(rotation, ZoneInfo(team.timezone), index).start

    def end(self, team: Team) -> datetime:
        """The UTC instant of the hand-off to the next quarter's first turn."""
        return self.next.start(team)


def planned_quarters(team: Team) -> list[Quarter]:
    """Twenty years of quarters from the rotation's first on, for what has to list them."""
    found = [Quarter.on(team.rotation.start)]
    while len(found) < _LISTED:
        found.append(found[-1].next)
    return found
