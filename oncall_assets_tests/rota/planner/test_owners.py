"""Plans run through the layers of the resolver: what a plan does not decide stays, and what it does says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.handbook.team import Team
from oncall_assets.rota import shifts
from oncall_assets.rota.fairness import Fairness, measure
from oncall_assets.rota.holidays import major_holidays
from oncall_assets.rota.planner.blocks import blocks, pool
from oncall_assets.rota.planner.owners import final_shifts, rotation_owners
from oncall_assets.rota.planner.problem import pose
from oncall_assets_tests.rota.generated import RULES, bare_teams
from oncall_assets_tests.rota.planner.problems import clipped, people, small, weeks
from oncall_assets_tests.rota.teams import away, handbook, utc

FOUR = ["ann", "ben", "cat", "dan"]
SEASON = {"seasons": [{"from": "12-20", "to": "01-02"}]}
SWAP = {"kind": "swap", "turn": date(2027, 1, 18), "give": "cat", "take": "ann", "requested": date(2027, 1, 4)}

windows = st.tuples(st.datetimes(datetime(2026, 2, 1), datetime(2027, 12, 1)), st.integers(1, 45))  # noqa: DTZ001 - bounds take no zone


@settings(max_examples=40, deadline=None)
@given(bare_teams(RULES), windows)
def test_the_rotation_as_a_plan_is_the_rota(of: Team, window: tuple[datetime, int]) -> None:
    book, (start, end) = handbook(of), _span(window)
    planned = final_shifts(book, rotation_owners(book, start, end), start, end)
    assert people(clipped(shifts(book, start, end), start, end)) == people(planned)


@settings(max_examples=25, deadline=None)
@given(bare_teams(RULES), windows, st.integers(0, 1_000_000))
def test_what_owners_bring_is_what_their_final_shifts_weigh(
    of: Team, window: tuple[datetime, int], seed: int
) -> None:
    listed = of.holidays.model_copy(update={"major": ["Thanksgiving", "Christmas Day", "New Year's Day"]})
    book, (start, end) = handbook(of.model_copy(update={"holidays": listed})), _span(window)
    problem, random = pose(book, start, end), Random(seed)
    owners = {
        block.start: (pair[0], pair[1])
        for block, who in zip(problem.blocks, problem.candidates, strict=True)
        for pair in [random.sample(who, 2)]
    }
    served = final_shifts(book, owners, start, end)
    found = measure(book.team, served, start, end, problem.balance.carried)
    deviations = problem.deviations(problem.outcomes(owners))
    assert {load.who: pytest.approx(load.deviation, abs=1e-6) for load in found.loads} == deviations
    for block in problem.blocks[:4]:
        outcome = problem.outcome(block, *owners[block.start])
        alone = measure(book.team, served, block.start, block.end)
        assert tuple(sorted(_majors(alone))) == outcome.majors


def _majors(found: Fairness) -> set[tuple[str, date]]:
    return {
        (load.who, major_holidays([name], year)[name])
        for load in found.loads
        for year, names in load.major.items()
        for name in names
    }


def _span(window: tuple[datetime, int]) -> tuple[datetime, datetime]:
    start = window[0].replace(second=0, microsecond=0, tzinfo=UTC)
    return start, start + timedelta(days=window[1])


def test_a_planned_turn_says_so_first_and_whose_it_is() -> None:
    book = small(FOUR, away=[away("ben", date(2027, 1, 6), date(2027, 1, 6))])
    start, end = weeks(book, 0, 1)
    found = final_shifts(book, {start: ("cat", "ben")}, start, end)
    assert [("cat", "ben"), ("cat", "dan"), ("cat", "ben")] == [(one.primary, one.secondary) for one in found]
    text = (
        "planned for cat with ben: turn 1 of the rotation, from Mon 2027-01-04 09:00 to Mon 2027-01-11 09:00 "
        "America/New_York"
    )
    assert {("plan", text)} == {(one.reasons[0].layer, one.reasons[0].text) for one in found}
    assert "vacation" == found[1].reasons[1].layer


def test_days_of_a_season_are_blocks_of_their_own_and_are_planned_by_day() -> None:
    book = small(FOUR, start=date(2026, 12, 7), holidays=SEASON)
    start, end = weeks(book, 1, 4)
    found = blocks(book, start, end)
    season = [block for block in found if block.season == date(2026, 12, 20)]
    assert (14, 2) == (len(season), len(found) - len(season))
    assert [(1, None), (3, None)] == [(block.turn, block.season) for block in found if block.season is None]
    planned = final_shifts(book, {season[1].start: ("dan", "ann")}, start, end)
    text = "planned for dan with ann: day 2 of the season from 2026-12-20, in which turns last a day"
    assert [("plan", text)] == [
        (one.reasons[0].layer, one.reasons[0].text) for one in planned if one.start == season[1].start
    ]


def test_a_swapped_turn_is_no_block_and_stays_with_who_agreed() -> None:
    book = small(FOUR, changes=[SWAP])
    start, end = weeks(book, 0, 4)
    assert [0, 1, 3] == [block.turn for block in blocks(book, start, end)]
    owners = {block.start: ("ben", "dan") for block in blocks(book, start, end)}
    found = final_shifts(book, {**owners, utc("2027-01-18T14:00"): ("dan", "ben")}, start, end)
    assert [("ben", "dan"), ("ben", "dan"), ("ann", "dan"), ("ben", "dan")] == [
        (one.primary, one.secondary) for one in found
    ]


def test_what_is_published_is_no_block_and_stays() -> None:
    bare = small(FOUR)
    start, end = weeks(bare, 0, 4)
    told = clipped(shifts(bare, start, start + timedelta(days=10)), start, start + timedelta(days=10))
    book = handbook(bare.team, {"2027Q1": (utc("2026-12-01T12:00"), told)})
    # The second turn is published for three days only: what is left of it is nobody's to plan either.
    assert [2, 3] == [block.turn for block in blocks(book, start, end)]
    planned = {one.start: ("dan", "ann") for one in blocks(book, start, end)}
    found = people(final_shifts(book, planned, start, end))
    assert people(clipped(shifts(book, start, end), start, end))[:2] == found[:2]
    assert [("ann", "ben"), ("ben", "cat"), ("dan", "ann")] == [one[2:] for one in found]


def test_only_whole_blocks_are_planned() -> None:
    book = small(FOUR)
    start, end = weeks(book, 0, 4)
    inside = blocks(book, start + timedelta(hours=1), end - timedelta(hours=1))
    assert [(0, 1), (1, 2)] == [(block.number, block.turn) for block in inside]


def test_owners_are_those_in_order_who_are_there_and_whoever_joined_since() -> None:
    gone = {"ben": {"left": date(2026, 12, 31)}, "eve": {"joined": date(2027, 1, 20)}, "fay": {}}
    late = {"gus": {"joined": date(2028, 1, 1)}}
    book = small(FOUR, people={**gone, **late}, volunteers=["fay"])
    assert ("ann", "cat", "dan", "eve") == pool(book.team, *weeks(book, 0, 4))


def test_volunteers_own_turns_only_where_nobody_else_is_left() -> None:
    people = {"ben": {"left": date(2026, 12, 31)}, "fay": {}}
    book = small(["ann", "ben"], people=people, volunteers=["fay"])
    assert ("ann", "fay") == pool(book.team, *weeks(book, 0, 4))
    assert ("ann", "ben") == pool(book.team, *weeks(book, -9, -4))
