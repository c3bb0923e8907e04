"""The `oncall` command as a person runs it: what it prints, and how it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oncall_assets.cli import main
from oncall_assets.metrics.contracts import LANDED

ROOT = Path(__file__).parents[2]
DEFAULT = ROOT / "runbooks"
# Engineers, pipelines, assets that a pipeline selects, runbooks. A plan without a combined report leaves one out.
COUNTS = {
    "runbooks": (4, 10, 27, 6),
    "online-retail": (4, 9, 24, 4),
    "eight-pipelines": (4, 8, 22, 3),
    "regional-holidays": (4, 8, 22, 3),
    "secondary-covers-holidays": (4, 4, 25, 4),
    "two-week-rotation": (4, 5, 22, 5),
    "annual-holiday-table": (5, 5, 22, 3),
}
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/team.yaml"))


def oncall(*arguments: str, handbook: Path = DEFAULT) -> Result:
    return CliRunner().invoke(main, ["--handbook", str(handbook), *arguments], catch_exceptions=False)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "book"
    shutil.copytree(DEFAULT, folder)
    team = folder / "team.yaml"
    text = team.read_text()
    team.write_text(text.replace("timezone: America/New_York", "timezone: America/New_Yrok", 1) + "colour: blue\n")
    return folder


@pytest.mark.parametrize("folder", [DEFAULT, *EXAMPLES], ids=lambda folder: folder.name)
def test_a_sound_handbook_is_counted(folder: Path) -> None:
    result = oncall("check-handbook", handbook=folder)
    assert 0 == result.exit_code, result.output
    engineers, pipelines, assets, runbooks = COUNTS[folder.name]
    counted = f"{engineers} engineers, {pipelines} pipelines over {assets} assets, {runbooks} runbooks with "
    assert f"{folder}: no problems. {counted}" in result.stdout


def test_every_problem_of_a_handbook_is_printed_at_its_line(broken: Path) -> None:
    result = oncall("check-handbook", handbook=broken)
    last = len((broken / "team.yaml").read_text().splitlines())
    assert (1, "") == (result.exit_code, result.stdout)
    lines = result.stderr.splitlines()
    assert "2 problems; nothing was changed." == lines[-1]
    assert "'America/New_Yrok' is not a time zone" in lines[0]
    assert "did you mean America/New_York?" in lines[0]
    assert lines[1].startswith(f"{broken}/team.yaml:{last}:1: colour: ")


def test_a_handbook_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    result = oncall("check-handbook", handbook=tmp_path / "nowhere")
    assert 1 == result.exit_code
    assert f"{tmp_path}/nowhere:1:1: (folder): is no folder; create it, or name another" in result.stderr


def test_a_selection_of_an_unknown_asset_is_found_by_check_handbook(tmp_path: Path) -> None:
    shutil.copytree(DEFAULT, tmp_path / "book")
    team = tmp_path / "book" / "team.yaml"
    team.write_text(team.read_text().replace('key:"aggregate_profit"', 'key:"aggregate_proft"', 1))
    result = oncall("check-handbook", handbook=tmp_path / "book")
    assert 1 == result.exit_code
    assert "pipelines.aggregate_profit.assets: 'aggregate_proft' is no asset" in result.stderr


def test_who_names_the_pair_of_the_week_and_says_why() -> None:
    # 2026-01-05 is the first hand-off: turn 1 to the first pair, turn 2 to the second.
    first, second = (
        json.loads(oncall("who", "--at", at, "--json").stdout) for at in ("2026-01-05T09:00", "2026-01-12T09:00")
    )
    assert ("alice", "bob") == (first["primary"], first["secondary"])
    assert ("bob", "carol") == (second["primary"], second["secondary"])
    assert first["end"] == second["start"]


def test_who_speaks_to_people() -> None:
    text = oncall("who", "--at", "2026-01-05T08:59").stdout
    assert "primary    David Brown <" in text
    assert "until      Mon 2026-01-05 09:00 America/New_York" in text
    assert "because    turn 0 of the rotation" in text


def test_an_instant_that_is_none_is_refused() -> None:
    result = oncall("who", "--at", "noonish")
    assert 2 == result.exit_code
    assert "'noonish' is no instant; expected one such as 2026-12-25T03:00" in result.output


def test_sample_writes_all_seven_tables_for_every_day(tmp_path: Path) -> None:
    arguments = ("sample", "--accounts", "50", "--days", "3", "--seed", "5", "--out", str(tmp_path))
    result = oncall(*arguments, "--fault", "no-events@2026-09-02")
    assert 0 == result.exit_code, result.output
    files = {(path.parent.name, path.stem) for path in tmp_path.glob("*/*.parquet")}
    assert {(table, f"2026-09-0{day}") for table in LANDED for day in (1, 2, 3)} == files
    assert "no-events@2026-09-02" in result.stdout


def test_sample_refuses_a_fault_it_does_not_know(tmp_path: Path) -> None:
    result = oncall("sample", "--out", str(tmp_path), "--fault", "duplicate-event@2026-10-03")
    assert 2 == result.exit_code
    assert "duplicate-events" in result.output
    assert [] == list(tmp_path.iterdir())
