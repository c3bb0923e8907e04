"""`oncall drill` on what does not exist or does not load is one clear error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oncall_assets_tests.cli.drills import drill, team


@pytest.fixture(autouse=True)
def channels_and_runbooks(book: Path) -> None:
    team(book)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("--asset", "proft"),
            "'--asset': 'proft' is no asset; expected one of landed/usage, orders, profit, report",
        ),
        (("--asset", "proft"), "did you mean profit?"),
        (
            ("--check", "complete"),
            "'--check': 'complete' is no check of profit; expected one of complete_profit, usual",
        ),
        (("--asset", "landed/usage", "--check", "x"), "'x' is no check of landed/usage; expected one of (none is"),
        (("--severity", "grave"), "'grave' is not one of 'critical', 'major', 'minor'"),
        (("--at", "noonish"), "'noonish' is no instant"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(book: Path, arguments: tuple[str, ...], expected: str) -> None:
    result = drill(book, *arguments)
    assert (2, "") == (result.exit_code, result.stdout)
    assert expected in result.stderr


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "gone_away does not load: ModuleNotFoundError: No module named 'gone_away'"),
        ("raise RuntimeError('no luck\\nat all')", "broken does not load: RuntimeError: no luck"),
        ("raise RuntimeError", "broken does not load: RuntimeError"),
        ("x = 1", "broken has no `definitions`; expected a module with Dagster's Definitions under that name"),
        ("definitions = 1", "broken has no `definitions`"),
    ],
)
def test_definitions_that_do_not_load_are_one_line(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "broken", raising=False)
    if content is not None:
        (tmp_path / "broken.py").write_text(content)
    result = drill(book, "--definitions", "broken" if content is not None else "gone_away")
    assert (1, "") == (result.exit_code, result.stdout)
    (line,) = result.stderr.splitlines()
    assert line.startswith(expected)
    assert str(tmp_path) not in sys.path


def test_an_address_of_the_ledger_that_is_none_is_one_line_without_it(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_DATABASE_URL", "hunter2")
    result = drill(book)
    assert (1, "") == (result.exit_code, result.stdout)
    (line,) = result.stderr.splitlines()
    assert line.startswith("ONCALL_DATABASE_URL is no URL; expected")


def test_a_handbook_that_speaks_of_other_assets_is_refused_at_its_line(book: Path) -> None:
    team = book / "team.yaml"
    team.write_text(team.read_text().replace('key:"report"', 'key:"reprt"'))
    result = drill(book)
    assert (1, "") == (result.exit_code, result.stdout)
    assert "pipelines.report.assets: 'reprt' is no asset" in result.stderr


def test_our_own_definitions_are_loaded_with_the_handbook_that_was_named(tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "examples" / "two-week-rotation"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ONCALL_")}
    arguments = ["--handbook", str(folder), "drill", "--asset", "daily_growth", "--json"]
    code = f"from oncall_assets.cli import main; main({arguments!r})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environment,
    )
    assert 0 == done.returncode, done.stderr
    assert str(folder / "daily_growth.md") == json.loads(done.stdout)["runbook"]
    assert ["book"] == [path.name for path in tmp_path.iterdir()]
