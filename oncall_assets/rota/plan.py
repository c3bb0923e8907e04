"""What a turn is before anybody is away: the base pair, seasons split by day, and the table of major holidays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from oncall_assets.handbook.rota import MonthDay, Season
from oncall_assets.handbook.team import Team
from oncall_assets.rota.holidays import DAY, local_day, major_holidays
from oncall_assets.rota.segment import Segment, changed
from oncall_assets.rota.shift import Reason
from oncall_assets.rota.turns import Turn, turn_at, wall_instant


class Plan:
    """The plan of one team, turn by turn; what it says of a turn depends on nothing but the turn."""

    def __init__(self, team: Team) -> None:
        self._rotation = team.rotation
        self._holidays = team.holidays
        self._zone = ZoneInfo(team.timezone)
        self._zone_name = team.timezone
        self._ring = team.rotation.ring
        self._hour = time.fromisoformat(team.rotation.hour)
        self._tables: dict[int, list[tuple[datetime, datetime, str, Reason]]] = {}

    def of(self, turn: Turn) -> list[Segment]:
        """The turn as planned, in order and without a gap."""
        return self.by_table(self.parts(turn))

    def parts(self, turn: Turn) -> list[Segment]:
        """What of the turn one pair owns at a time, the table aside: the turn itself, or days of a season."""
        reason = Reason("base", self._words(turn))
        segments = [Segment(turn.start, turn.end, turn.primary, turn.secondary, (reason,))]
        return self._split_by_day(turn, segments) if self._holidays.seasons else segments

    def season_from(self, at: datetime) -> date | None:
        """The first day of the season of which a day begins at the hand-off `at`; None outside any."""
        day = at.astimezone(self._zone).date()
        season = self._season_on(day)
        return _first_day(season, day) if season else None

    def given(self, turn: Turn, start: datetime, end: datetime, pair: tuple[str, str]) -> Segment:
        """The part `[start, end)` of the turn, owned by the pair `(primary, secondary)` of a plan."""
        first = self.season_from(start)
        if first is None:
            text = self._words(turn)
        else:
            day = (start.astimezone(self._zone).date() - first).days + 1
            text = f"day {day} of the season from {first}, in which turns last a day"
        return Segment(start, end, *pair, (Reason("plan", f"planned for {pair[0]} with {pair[1]}: {text}"),))

    def by_table(self, segments: list[Segment]) -> list[Segment]:
        """The segments, which are in order, with whom the table of major holidays names."""
        if not self._holidays.table:
            return segments
        first, last = segments[0].start, segments[-1].end
        for year in range((first - DAY).year, (last + DAY).year + 1):
            for start, end, who, reason in self._table_of(year):
                if start < last and first < end:
                    segments = changed(segments, start, end, _named(who, reason))
        return segments

    def _words(self, turn: Turn) -> str:
        first, last = turn.start.astimezone(self._zone), turn.end.astimezone(self._zone)
        return (
            f"turn {turn.index + 1} of the rotation, from {first:%a %Y-%m-%d %H:%M} to {last:%a %Y-%m-%d %H:%M} "
            f"{self._zone_name}{self._note(turn)}"
        )

    def _note(self, turn: Turn) -> str:
        notes = self._rotation.notes
        return f" ({notes[turn.index % len(notes)]})" if notes else ""

    def _split_by_day(self, turn: Turn, segments: list[Segment]) -> list[Segment]:
        first = self._rotation.start + turn.index * self._rotation.turn
        for number in range(self._rotation.turn.days):
            day = first + number * DAY
            season = self._season_on(day)
            if season:
                primary, secondary, reason = self._of_season(season, day)
                start, end = self._handoff(day), self._handoff(day + DAY)
                segments = changed(segments, start, end, _given(primary, secondary, reason))
        return segments

    def _of_season(self, season: Season, day: date) -> tuple[str, str, Reason]:
        """Who serves on a day of a season: the ring goes on by one a day, from whose turn it is on the first."""
        first = _first_day(season, day)
        turn = turn_at(self._rotation, self._zone, self._handoff(first))
        number = self._ring.index(turn.primary) + (day - first).days
        primary, secondary = (self._ring[(number + step) % len(self._ring)] for step in (0, 1))
        text = f"day {(day - first).days + 1} of the season from {first}, in which turns last a day: {primary}'s"
        return primary, secondary, Reason("season", text)

    def _season_on(self, day: date) -> Season | None:
        return next((one for one in self._holidays.seasons if _holds(one, day)), None)

    def _table_of(self, year: int) -> list[tuple[datetime, datetime, str, Reason]]:
        if year not in self._tables:
            found = []
            table = self._holidays.table
            for holiday, day in major_holidays(table, year).items():
                who = table_entry(table[holiday], year, self._ring)
                if who:
                    reason = Reason("table", f"the table of major holidays names {who} for {holiday} {year}")
                    found.append((*local_day(day, self._zone), who, reason))
            self._tables[year] = found
        return self._tables[year]

    def _handoff(self, day: date) -> datetime:
        return wall_instant(day, self._hour, self._zone)


def table_entry(years: dict[int, str], year: int, ring: tuple[str, ...]) -> str | None:
    """Whom the table names in `year`; after its last year it goes on by the step it took last, through `ring`.

    A table of one year goes on by one. None before its first year.
    """
    if year in years or year < min(years):
        return years.get(year)
    last = max(years)
    here = ring.index(years[last])
    step = here - ring.index(years[last - 1]) if last - 1 in years else 1
    return ring[(here + step * (year - last)) % len(ring)]


def _given(primary: str, secondary: str, reason: Reason) -> Callable[[Segment], Segment]:
    return lambda one: one.by(primary, secondary, reason)


def _named(who: str, reason: Reason) -> Callable[[Segment], Segment]:
    def change(one: Segment) -> Segment:
        behind = one.secondary if who == one.primary else one.primary
        return replace(one.by(who, behind, reason), named=who)

    return change


def _holds(season: Season, day: date) -> bool:
    here: MonthDay = (day.month, day.day)
    if season.first <= season.last:
        return season.first <= here <= season.last
    return here >= season.first or here <= season.last


def _first_day(season: Season, day: date) -> date:
    year = day.year if (day.month, day.day) >= season.first else day.year - 1
    try:
        return date(year, *season.first)
    except ValueError:
        # Only the 29th of February is missing in some years.
        return date(year, 3, 1)
