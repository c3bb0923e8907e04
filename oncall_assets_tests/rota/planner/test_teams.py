"""The five teams planned, and what the first two demand of turns and holidays, asked of the final shifts.

The independent checker asks it rule by rule; beside it stand the demands that are plain to see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from oncall_assets.rota import Quarter, Shift, shifts
from oncall_assets.rota.audit import audit, switched_on
from oncall_assets.rota.fairness import FAIR, measure
from oncall_assets.rota.planner.balance import carried_over
from oncall_assets.rota.planner.owners import final_shifts, rotation_owners
from oncall_assets_tests.rota.demands import example, with_lines
from oncall_assets_tests.rota.planner.two_years import Planned, fair, near, plan, two_years

TEAMS = (
    "eight-pipelines",
    "regional-holidays",
    "secondary-covers-holidays",
    "two-week-rotation",
    "annual-holiday-table",
)
# What of the stages a small effort proves; how far turns are apart takes a larger one.
PROVEN = ("broken rules", "changes", "major holidays", "load")


@pytest.mark.parametrize("name", TEAMS)
def test_two_years_of_a_team_are_planned_fairly_and_no_rule_is_broken(name: str) -> None:
    made = fair(name)
    assert [] == made.findings()
    assert () == made.solution.broken
    stages = {stage.name: stage.proven for stage in made.solution.stages}
    assert [] == [stage for stage in PROVEN if not stages.get(stage, True)]
    window = (made.start, made.end, carried_over(made.book, made.start))
    assert FAIR >= measure(made.book.team, made.served, *window).spread
    assert FAIR < measure(made.book.team, shifts(made.book, made.start, made.end), *window).spread


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("eight-pipelines", {"one_major_off"}),
        ("regional-holidays", {"holiday_excuse", "shared_season"}),
        ("secondary-covers-holidays", {"holiday_excuse", "shared_holiday"}),
        ("two-week-rotation", set[str]()),
        ("annual-holiday-table", {"apart", "table"}),
    ],
)
def test_each_team_is_asked_what_it_demands(name: str, rules: set[str]) -> None:
    always = {"coverage", "two_people", "away", "frozen"}
    assert always | rules == set(switched_on(example(name).team))


def test_t0_2_near_the_rotation_four_pairs_take_turns_by_the_week_but_where_t0_3_needs_another() -> None:
    made = near("eight-pipelines")
    order = [("alice", "bob"), ("bob", "carol"), ("carol", "dave"), ("dave", "alice")]
    weeks = [made.owners[at] for at in sorted(made.owners)]
    assert 104 == len(weeks)
    assert 2 == sum(pair != order[number % 4] for number, pair in enumerate(weeks))


CHRISTMAS_2026, NEW_YEAR_2027 = "2026-12-25T12:00-05:00", "2027-01-01T12:00-05:00"
CHRISTMAS_2027, NEW_YEAR_2028 = "2027-12-25T12:00-05:00", "2028-01-01T12:00-05:00"
HOLIDAYS = (CHRISTMAS_2026, NEW_YEAR_2027, CHRISTMAS_2027, NEW_YEAR_2028)


@pytest.mark.parametrize("planned", [fair, near], ids=["fair", "near the rotation"])
def test_t0_3_everybody_has_one_of_any_two_major_holidays_in_a_row_off(planned: Callable[[str], Planned]) -> None:
    made = planned("eight-pipelines")
    # No holiday of these years meets a hand-off, so that one pair has all of it, in any of the team's zones.
    pairs = [{*made.at(day)} for day in HOLIDAYS]
    everybody = {"alice", "bob", "carol", "dave"}
    assert all(everybody - one == other for one, other in pairwise(pairs))


def test_t0_3_is_repaired_with_the_fewest_changes() -> None:
    # Dave serves on all four holidays. Any two in a row are a run, so that pairs have to alternate: two people,
    # then the others. With Bob in Dave's place at both Christmases, or at both New Years, they do: two changes.
    made = near("eight-pipelines")
    (stage,) = (one for one in made.solution.stages if one.name == "changes")
    assert (2, 2, True) == (stage.value, stage.bound, stage.proven)
    changed = made.changed()
    assert {("dave", "bob")} == set(changed.values())
    days = [f"{at:%m-%d}" for at, _ in changed]
    assert days in (["12-21", "12-20"], ["12-28", "12-27"])


def test_t0_3_no_single_change_would_do() -> None:
    # Only the weeks of the four holidays matter; every other person in every one of their duties.
    book = example("eight-pipelines")
    start, end = two_years(book)
    rotation = rotation_owners(book, start, end)
    tried = 0
    for day in HOLIDAYS:
        at = max(block for block in rotation if block <= datetime.fromisoformat(day))
        for role in (0, 1):
            for who in {"alice", "bob", "carol", "dave"} - {*rotation[at]}:
                pair = (who, rotation[at][1]) if role == 0 else (rotation[at][0], who)
                owners = {**rotation, at: pair}
                found = audit(book, final_shifts(book, owners, start, end), start, end, owners=owners)
                assert [one for one in found if one.rule == "one_major_off"]
                tried += 1
    assert 4 * 2 * 2 == tried


def test_t1_2_near_the_rotation_a_b_c_and_d_take_turns_by_the_week_but_for_one_day() -> None:
    # In winter 2027 stand-ins leave C with five days and B with two: one day from C to B, and it is shared.
    made = near("regional-holidays")
    assert [("c", "b")] == [*made.changed().values()]
    ((at, role),) = made.changed()
    assert (date(2027, 12, 20) <= at.date() <= date(2028, 1, 2), "primary") == (True, role)
    assert [] == made.findings()


AWAY = """
away:
  - {who: b, from: 2026-07-27, to: 2026-08-09, why: vacation}
  - {who: c, from: 2026-08-05, to: 2026-08-05, why: a day off}
  - {who: d, from: 2026-12-23, to: 2026-12-27, why: family}
"""


@pytest.fixture(scope="module")
def regional(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """The second half of 2026 with vacations in it."""
    book = with_lines(tmp_path_factory.mktemp("regional"), "regional-holidays", AWAY)
    return plan(book, Quarter(2026, 3).start(book.team), Quarter(2027, 1).start(book.team))


def test_t1_3_nobody_serves_on_vacation_or_on_a_holiday_of_their_region_as_long_as_two_are_free(
    regional: Planned,
) -> None:
    assert [] == regional.findings()
    away = {"b": (date(2026, 7, 27), date(2026, 8, 9)), "d": (date(2026, 12, 23), date(2026, 12, 27))}
    for who, (first, last) in away.items():
        zone = ZoneInfo(regional.book.team.engineers[who].timezone)
        start = datetime(first.year, first.month, first.day, tzinfo=zone)
        end = datetime(last.year, last.month, last.day, tzinfo=zone) + timedelta(days=1)
        during = [one for one in regional.served if one.start < end and start < one.end]
        assert all(who not in (one.primary, one.secondary) for one in during)


@pytest.mark.parametrize("year", [2026, 2027])
def test_t1_5_the_days_of_a_season_are_split_among_the_engineers(year: int) -> None:
    made = fair("regional-holidays")
    days = [datetime(year, 12, 20, 14, tzinfo=UTC) + timedelta(days=number) for number in range(14)]
    assert set(days) <= set(made.owners)
    primaries = Counter(_longest(made.served, day) for day in days)
    assert [3, 3, 4, 4] == sorted(primaries.values())


def _longest(served: tuple[Shift, ...], day: datetime) -> str:
    hours: Counter[str] = Counter()
    for one in served:
        length = min(one.end, day + timedelta(days=1)) - max(one.start, day)
        hours[one.primary] += max(int(length.total_seconds()), 0)
    return hours.most_common(1)[0][0]
