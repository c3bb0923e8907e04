"""The planner's benchmark in small: random teams repeat themselves, and a run tells what it measured."""

from __future__ import annotations

from datetime import timedelta

import pytest

from benchmarks.planner.__main__ import SIZES, main
from benchmarks.planner.report import report
from benchmarks.planner.run import PLANNER, RIVALS, Run, Size, plan
from benchmarks.planner.teams import random_team
from oncall_assets.rota.away import Calendar
from oncall_assets.rota.planner.stages import Stage


@pytest.fixture(scope="module")
def run() -> Run:
    return plan(Size(4, 4), 1, effort=0.1)


def test_a_team_repeats_itself_and_another_seed_is_another_team() -> None:
    assert random_team(8, 26, 1)[0].team == random_team(8, 26, 1)[0].team
    assert random_team(8, 26, 1)[0].team != random_team(8, 26, 2)[0].team


@pytest.mark.parametrize(("people", "weeks", "most"), [(4, 52, 1), (8, 26, 2), (50, 52, 10)])
def test_people_take_vacations_and_a_quarter_of_the_team_at_most_is_gone(
    people: int, weeks: int, most: int
) -> None:
    handbook, start, end = random_team(people, weeks, 3)
    calendar, turn = Calendar(handbook.team), timedelta(weeks=1)
    assert weeks * turn == end - start
    gone = [
        sum(
            bool(calendar.firm(who, start + week * turn, start + (week + 1) * turn))
            for who in handbook.team.engineers
        )
        for week in range(weeks)
    ]
    assert most == max(gone)
    assert people * weeks / 52 <= len(handbook.team.away) <= 2.5 * people * weeks / 52 + 1


def test_every_method_is_measured_and_audited_and_none_is_fairer_than_the_planner(run: Run) -> None:
    assert [*RIVALS, PLANNER] == [*run.spreads] == [*run.broken]
    assert run.broken[PLANNER] == min(run.broken.values())
    kept = [run.spreads[name] for name, times in run.broken.items() if times == run.broken[PLANNER]]
    assert run.spreads[PLANNER] <= min(kept) + 10


def test_the_report_has_medians_the_worst_and_how_often_it_was_proved() -> None:
    size = Size(8, 52)
    methods = [*RIVALS, PLANNER]
    runs = [
        Run(size, seed, dict.fromkeys(methods, spread), dict.fromkeys(methods, seed), 2.0 * seed, load)
        for seed, spread, load in (
            (1, 9.0, Stage("load", 0, 0, True, "points")),
            (2, 10.0, Stage("load", 0, 0, True, "points")),
            (5, 94.0, Stage("load", 84, 12, False, "points")),
        )
    ]
    lines = report(runs, 60).splitlines()
    assert "| 8 × 52 | 10 (94) | 10 (94) | 10 (94) | 10.0 (94.0) | 4.0 (10.0) | 2 of 3, gap 72 |" in lines
    assert "| 8 × 52 | 2 (5) | 2 (5) | 2 (5) | 2 (5) |" in lines


def test_what_is_no_size_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "50x52" in SIZES
    monkeypatch.setattr("sys.argv", ["benchmark", "--sizes", "8by52"])
    with pytest.raises(SystemExit):
        main()
    assert "'8by52' is no size; expected one such as 8x52" in capsys.readouterr().err
