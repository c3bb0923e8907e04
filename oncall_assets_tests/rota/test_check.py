"""A rota that cannot hold is refused wherever a handbook is put to use."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from oncall_assets.cli import main
from oncall_assets.handbook import HandbookError, load_handbook
from oncall_assets.layer import with_on_call
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.rota.check import check_rota
from oncall_assets_tests.handbook.test_bad_handbooks import put_together
from oncall_assets_tests.rota.teams import away, handbook, team

CHRISTMAS = (date(2026, 12, 20), date(2027, 1, 3))


def test_the_command_and_the_layer_refuse_it_before_anybody_counts_on_it(tmp_path: Path) -> None:
    expected = put_together("nobody-left", tmp_path / "nobody-left")

    said = CliRunner().invoke(main, ["--handbook", str(tmp_path / "nobody-left"), "who"])
    with pytest.raises(HandbookError) as refusal:
        with_on_call(dg.Definitions(), load_handbook(tmp_path / "nobody-left", frozenset(LANDED)))

    assert 1 == said.exit_code
    assert expected in said.output.replace(str(tmp_path / "nobody-left"), "nobody-left")
    assert expected == str(refusal.value).replace(str(tmp_path / "nobody-left"), "nobody-left")


def test_a_volunteer_closes_a_gap() -> None:
    gone = [away("ann", *CHRISTMAS), away("ben", *CHRISTMAS)]
    without = team(order=["ann", "ben", "cat"], away=gone, people={"dan": {}})

    check_rota(handbook(team(order=["ann", "ben", "cat"], away=gone, people={"dan": {}}, volunteers=["dan"])))
    with pytest.raises(HandbookError, match="only cat is left"):
        check_rota(handbook(without))


def test_a_holiday_of_all_is_no_gap() -> None:
    check_rota(handbook(team(order=["ann", "ben"], holidays={"rule": "excused"})))


def test_absences_of_one_person_that_overlap_count_once() -> None:
    gone = [away("ann", *CHRISTMAS), away("ann", *CHRISTMAS)]

    check_rota(handbook(team(order=["ann", "ben", "cat"], away=gone)))


def test_who_has_yet_to_join_when_turns_begin_is_told(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[1] / "handbooks" / "good", tmp_path / "book")
    path = tmp_path / "book" / "team.yaml"
    path.write_text(
        path.read_text().replace("    region: GB-ENG\n", "    region: GB-ENG\n    joined: 2026-02-01\n")
    )

    with pytest.raises(HandbookError) as refusal:
        check_rota(load_handbook(tmp_path / "book", frozenset(LANDED)))

    (problem,) = refusal.value.problems
    assert "engineers.bob.joined" == problem.field
    assert problem.message.startswith(
        "from 2026-01-05 09:00 to 2026-02-01 00:00 (Europe/London) only alice is left: "
    )


def test_a_gap_before_the_first_turn_is_none() -> None:
    check_rota(handbook(team(order=["ann", "ben"], people={"ann": {"joined": date(2026, 1, 5)}})))
