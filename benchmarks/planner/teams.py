"""Teams that nobody chose: people over four countries, with the vacations that people take."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from oncall_assets.handbook import Handbook
from oncall_assets_tests.rota.teams import handbook, team

HOMES: Final = (
    ("US-NY", "America/New_York"),
    ("GB-ENG", "Europe/London"),
    ("IN", "Asia/Kolkata"),
    ("DE-BE", "Europe/Berlin"),
)
# A Monday, so that the year of turns begins with the calendar's.
FIRST: Final = date(2027, 1, 4)
MAJOR: Final = ("New Year's Day", "Independence Day", "Thanksgiving", "Christmas Day")
_WEEK: Final = timedelta(weeks=1)
# Each of them two vacations a year, of one week or two.
_VACATIONS_OF_A_YEAR: Final = 2


def random_team(people: int, weeks: int, seed: int) -> tuple[Handbook, datetime, datetime]:
    """A team of `people` who take turns of a week, and the window of `weeks`, as UTC instants of hand-offs.

    Everybody takes two vacations a year of one or two weeks, from Saturday to Sunday; never more than a quarter of
    the team, or one person, at a time. Public holidays excuse, nobody has a role twice in a row, and everybody has
    one major holiday off.
    """
    draw = random.Random(f"{people} {weeks} {seed}")
    names = [f"e{number:02d}" for number in range(people)]
    homes = {who: draw.choice(HOMES) for who in names}
    of = team(
        zone="UTC",
        start=FIRST,
        order=names,
        people={who: {"region": region, "timezone": zone} for who, (region, zone) in homes.items()},
        holidays={"rule": "excused", "major": list(MAJOR), "guarantee_one_major_off": True},
        planning={"apart": "same_role"},
        away=_vacations(draw, names, weeks),
    )
    start = datetime(FIRST.year, FIRST.month, FIRST.day, 9, tzinfo=UTC)
    return handbook(of), start, start + weeks * _WEEK


def _vacations(draw: random.Random, names: list[str], weeks: int) -> list[dict[str, Any]]:
    most, gone = max(1, len(names) // 4), [0] * (weeks + 2)
    found = []
    for who in names:
        for _ in range(round(_VACATIONS_OF_A_YEAR * weeks / 52 + draw.random() - 0.5)):
            week, length = draw.randrange(weeks), draw.choice((1, 2))
            # The Saturday it begins on lies in the turn before.
            turns = range(max(week - 1, 0), week + length)
            if all(gone[number] < most for number in turns):
                for number in turns:
                    gone[number] += 1
                first = FIRST + week * _WEEK - timedelta(days=2)
                found.append({"who": who, "from": first, "to": first + length * _WEEK + timedelta(days=1)})
    return found
