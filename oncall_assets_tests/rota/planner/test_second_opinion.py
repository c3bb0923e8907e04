"""The optimum of the load by another solver and another model: HiGHS, with a variable for each pair of a block."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from oncall_assets.handbook import Handbook
from oncall_assets.rota.fairness import FAIR
from oncall_assets.rota.planner.problem import Problem, pose
from oncall_assets.rota.planner.solver import solve
from oncall_assets.rota.planner.worth import UNITS
from oncall_assets_tests.rota.planner.problems import FOUR, MIXED, THREE, small, weeks
from oncall_assets_tests.rota.teams import away

HIGHS = Path(__file__).with_name("highs.py")

BOOKS: dict[str, tuple[Handbook, int, int]] = {
    "few-weeks": (small(THREE), 0, 4),
    "carried": (small(FOUR, people=MIXED, holidays={"rule": "excused"}), 14, 19),
    "away": (small([*FOUR, "eve"], away=[away("ann", date(2027, 1, 10), date(2027, 1, 31))]), 0, 6),
    "joining": (small(FOUR, people={"eve": {"joined": date(2027, 1, 25)}, "ben": {"works": 0.6}}), 2, 8),
}


@pytest.mark.parametrize("name", BOOKS)
def test_highs_finds_the_same_least_spread(name: str) -> None:
    book, first, last = BOOKS[name]
    problem = pose(book, *weeks(book, first, last))
    load = next(stage for stage in solve(problem, effort=2).stages if stage.name == "load")
    assert load.proven
    done = subprocess.run(
        [sys.executable, str(HIGHS)], input=asked(problem), capture_output=True, text=True, check=True
    )
    assert max(float(done.stdout) - FAIR, 0.0) == pytest.approx(load.value, abs=0.11)


def asked(problem: Problem) -> str:
    balance, settled = problem.balance, dict(problem.settled.points)
    counted = [who for who in problem.handbook.team.engineers if balance.available[who] or settled.get(who)]
    return json.dumps(
        {
            "shares": {who: balance.share(who) for who in counted},
            "start": {who: settled.get(who, 0) / UNITS + balance.carried.get(who, 0.0) for who in counted},
            "total": sum(settled.values()) / UNITS,
            "blocks": [
                [
                    {who: units / UNITS for who, units in problem.outcome(block, one, other).points}
                    for one in people
                    for other in people
                    if one != other
                ]
                for block, people in zip(problem.blocks, problem.candidates, strict=True)
            ],
        }
    )
