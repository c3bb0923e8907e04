"""Shifts on the days when clocks change, walked by what a clock on the wall shows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall_assets.rota import Rota
from oncall_assets_tests.rota.teams import away, handbook, team
from oncall_assets_tests.rota.test_turns import EDGES

NAMES = ["ann", "ben", "cat"]


@pytest.mark.parametrize(("zone", "day"), EDGES)
@pytest.mark.parametrize("hour", ["00:00", "01:45", "02:30", "09:00"])
def test_a_shift_changes_when_a_clock_on_the_wall_first_shows_its_hour(zone: str, day: date, hour: str) -> None:
    # Turns of a day; whose turn it is on the day of the change is away from 02:15 to the end of that local day.
    start, vacation = day - timedelta(days=1), away("ben", day, day, from_hour="02:15")
    people = {name: {"timezone": zone} for name in NAMES}
    rota = Rota(handbook(team(zone, "1 day", hour, start, NAMES, people, away=[vacation])))
    clock = ZoneInfo(zone)
    midnight = datetime.combine(day, time(), clock).astimezone(UTC)
    instant, latest = midnight - timedelta(hours=1), datetime.combine(start, time())
    while instant < midnight + timedelta(hours=27):
        shown = instant.astimezone(clock).replace(tzinfo=None)
        latest = max(latest, shown)
        turn = (latest - datetime.combine(start, time.fromisoformat(hour))) // timedelta(days=1)
        ben_away = datetime.combine(day, time(2, 15)) <= latest < datetime.combine(day + timedelta(days=1), time())
        in_order = [NAMES[(turn + step) % 3] for step in range(3)]

        shift = rota.on_call(instant)

        there = [name for name in in_order if not (ben_away and name == "ben")]
        assert there[:2] == [shift.primary, shift.secondary], (
            f"{instant:%Y-%m-%d %H:%M:%S} UTC, {shown} on the wall"
        )
        instant += timedelta(seconds=30)
