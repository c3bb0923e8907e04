"""Rules as the planner spells them out, beside the auditor that shares nothing with it, on plans of all kinds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from random import Random

import pytest

from oncall_assets.handbook import Handbook
from oncall_assets.rota import shifts
from oncall_assets.rota.audit import audit
from oncall_assets.rota.planner.climb import Allowed, climb
from oncall_assets.rota.planner.owners import final_shifts
from oncall_assets.rota.planner.problem import Problem, pose
from oncall_assets.rota.planner.rivals import greedy
from oncall_assets.rota.planner.score import broken, score
from oncall_assets.rota.planner.tally import Tally
from oncall_assets_tests.rota.planner.problems import FOUR, clipped, small, weeks
from oncall_assets_tests.rota.teams import away, handbook, utc

DECEMBER = date(2026, 11, 30)
WINTER = {"seasons": [{"from": "12-20", "to": "12-29"}]}
OFF = {"major": ["Christmas Day", "New Year's Day"], "guarantee_one_major_off": True}
ABROAD = {
    "ann": {"region": "IN", "timezone": "Asia/Kolkata"},
    "ben": {"region": "DE", "timezone": "Europe/Berlin"},
}
SWAP = {"kind": "swap", "turn": date(2026, 12, 7), "give": "cat", "take": "ann", "requested": date(2026, 11, 4)}

BOOKS: dict[str, Handbook] = {
    "same-role": small(FOUR, start=DECEMBER, planning={"apart": "same_role"}, holidays=WINTER),
    "any-role": small([*FOUR, "eve"], start=DECEMBER, planning={"apart": "any_role"}, changes=[SWAP]),
    "majors": small(FOUR, start=DECEMBER, holidays=OFF),
    "majors-excused": small(FOUR, start=DECEMBER, people=ABROAD, holidays={**OFF, **WINTER, "rule": "excused"}),
    "winter": small(FOUR, start=DECEMBER, people=ABROAD, holidays={**WINTER, "rule": "excused"}),
    "winter-away": small(
        FOUR, start=DECEMBER, holidays=WINTER, away=[away("ann", date(2026, 12, 24), date(2026, 12, 25))]
    ),
}


def drawn(problem: Problem, random: Random) -> dict[datetime, tuple[str, str]]:
    found = {}
    for block, who in zip(problem.blocks, problem.candidates, strict=True):
        primary, secondary = random.sample(who, 2)
        found[block.start] = primary, secondary
    return found


@pytest.mark.parametrize("name", BOOKS)
def test_what_is_broken_is_what_the_auditor_finds(name: str) -> None:
    book, random = BOOKS[name], Random(7)
    start, end = weeks(book, 1, 6)
    problem = pose(book, start, end)
    seen = set()
    for _ in range(25):
        owners = drawn(problem, random)
        found = audit(book, final_shifts(book, owners, start, end), start, end, owners=owners)
        planner = broken(problem, owners)
        by_person = {(one.rule, one.who, one.start, one.end) for one in planner if one.rule != "shared_season"}
        assert {
            (one.rule, one.who, one.start, one.end) for one in found if one.rule in ("apart", "one_major_off")
        } == by_person
        uneven = {one.rule for one in planner} & {"shared_season"}
        assert uneven == {one.rule for one in found if one.rule == "shared_season"}
        assert set() == {one.rule for one in found} - {one.rule for one in planner}
        seen |= {one.rule for one in planner}
    assert seen, "no plan broke anything"


def test_the_turn_before_the_window_counts_as_published() -> None:
    bare = small(FOUR, start=DECEMBER, planning={"apart": "same_role"})
    start, end = weeks(bare, 1, 2)
    before = clipped(shifts(bare, *weeks(bare, 0, 1)), *weeks(bare, 0, 1))
    book = handbook(bare.team, {"2026Q4": (utc("2026-11-01T12:00"), before)})
    for of in (bare, book):
        problem = pose(of, start, end)
        assert ["ann", "ben"] == [one.who for one in broken(problem, {start: ("ann", "ben")})]
        assert () == broken(problem, {start: ("cat", "dan")})


def test_a_run_of_major_holidays_may_begin_before_the_window_but_not_before_the_rotation() -> None:
    for first, expected in ((DECEMBER, ["dan"]), (date(2026, 12, 28), [])):
        book = small(FOUR, start=first, holidays=OFF)
        start, end = weeks(book, (date(2026, 12, 28) - first).days // 7, (date(2027, 1, 4) - first).days // 7)
        problem = pose(book, start, end)
        assert expected == [one.who for one in broken(problem, {start: ("dan", "ben")})]


@pytest.mark.parametrize("name", BOOKS)
def test_a_plan_counted_as_it_changes_is_counted_as_a_whole(name: str) -> None:
    book, random = BOOKS[name], Random(11)
    start, end = weeks(book, 1, 6)
    bare = pose(book, start, end)
    problem = pose(book, start, end, earlier=drawn(bare, random), budget=3)
    owners: Mapping[datetime, tuple[str, str]] = drawn(problem, random)
    tally = Tally(problem)
    for block in problem.blocks:
        tally.count(block.number, owners[block.start], 1)
    for _ in range(20):
        other = drawn(problem, random)
        for block in problem.blocks:
            tally.count(block.number, owners[block.start], -1)
            tally.count(block.number, other[block.start], 1)
        owners = other
        found = score(problem, owners)
        assert (found.changes, found.strain, found.majors) == (tally.changes, tally.strain, tally.holidays())
        # Of a rule with several groups each may count, but nothing is broken for one and whole for the other.
        assert bool(found.violations) == bool(tally.broken())


def test_a_climb_ends_fair_and_keeps_the_rules_that_a_greedy_plan_breaks() -> None:
    book = small([*FOUR, "eve"], planning={"apart": "same_role"}, holidays=OFF)
    problem = pose(book, *weeks(book, 0, 16))
    random = Random(3)
    begun = drawn(problem, random)
    found = score(problem, climb(problem, begun, Allowed(changes=100), 10_000, 7))
    assert score(problem, begun).violations > 0 == found.violations
    assert found.spread < 20 < score(problem, begun).spread
    eased = climb(problem, greedy(problem), Allowed(changes=100, eased=True), 10_000, 7)
    assert score(problem, eased).strain < found.strain
