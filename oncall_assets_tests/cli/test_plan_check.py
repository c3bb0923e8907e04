"""A stored plan is checked and published by plain code: no solver is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from oncall_assets.cli.loading import read
from oncall_assets.rota import Quarter
from oncall_assets.rota.planfile import write_plan
from oncall_assets.rota.publish import bounds
from oncall_assets_tests.cli.company import handbook, oncall
from oncall_assets_tests.cli.rotas import cells, serve
from oncall_assets_tests.rota.planned import planned

QUARTER = Quarter.parse("2190Q1")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return handbook(tmp_path / "book")


@pytest.fixture
def stored(book: Path, tmp_path: Path) -> Path:
    """A plan of the quarter in which two turns change places."""
    team = read(book)
    start, end = bounds(team, QUARTER)
    plain = planned(team, start, end).pairs
    second = start + timedelta(weeks=1)
    swapped = {start: plain[second], second: plain[start]}
    return write_plan(tmp_path / "plan.yaml", planned(team, start, end, swapped))


def test_a_plan_that_holds_is_said_to(book: Path, stored: Path) -> None:
    result = oncall(book, "plan", "--check", str(stored))
    assert 0 == result.exit_code, result.output
    (line,) = result.stdout.splitlines()
    assert line.startswith(f"{stored}: 13 shifts (America/New_York), spread ")
    assert line.endswith(" points; the plan holds.")
    found = json.loads(oncall(book, "plan", "--check", str(stored), "--json").stdout)
    assert ([], [], False) == (found["findings"], found["doubts"], found["handbook_changed"])


def test_one_that_does_not_hold_any_more_names_the_rule_who_and_when(book: Path, stored: Path) -> None:
    first = bounds(read(book), QUARTER)[0]
    who = serve(book, f"{first + timedelta(days=9):%Y-%m-%dT%H:%M}")[0]
    day = f"{first + timedelta(days=3):%Y-%m-%d}"
    handbook(book, f"away: [{{who: {who}, from: {day}, to: {day}, why: vacation}}]\n")
    result = oncall(book, "plan", "--check", str(stored))
    assert 1 == result.exit_code
    assert "The handbook has changed since the plan was made on 2026-10-01." == result.stdout.splitlines()[0]
    ((rule, name, what),) = cells(result.stdout)
    assert ("nobody is on duty while away", who) == (rule, name)
    assert what.endswith(f"although {who} is away: vacation, {day} to {day}")
    assert result.stdout.splitlines()[-1].endswith("; the plan does not hold: 1 finding.")
    found = json.loads(oncall(book, "plan", "--check", str(stored), "--json").stdout)
    assert ["away"] == [one["rule"] for one in found["findings"]]

    shown = oncall(book, "fairness", "--plan", str(stored))
    assert f"{stored} does not hold any more; see why with `oncall plan --check {stored}`\n" == shown.stderr

    refused = oncall(book, "publish", "--quarter", str(QUARTER), "--plan", str(stored))
    assert (1, "") == (refused.exit_code, refused.stdout)
    assert refused.stderr.startswith(f"refused: the plan breaks a rule: {who} is on duty from ")


def test_a_plan_is_published_and_then_it_is_the_rota(book: Path, stored: Path, tmp_path: Path) -> None:
    at = f"{bounds(read(book), QUARTER)[0] + timedelta(days=3):%Y-%m-%dT%H:%M}"
    before = serve(book, at)
    done = oncall(
        book, "publish", "--quarter", str(QUARTER), "--plan", str(stored), "--out", str(tmp_path / "out")
    )
    assert 0 == done.exit_code, done.output
    assert before != serve(book, at)
    assert 0 == oncall(book, "plan", "--check", str(stored)).exit_code


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("plan",), "expected --quarter, or --weeks with --from, or --check"),
        (
            ("plan", "--quarter", "2190Q1", "--weeks", "4"),
            "expected --quarter, or --weeks with --from, or --check",
        ),
        (("plan", "--weeks", "4"), "expected --quarter, or --weeks with --from, or --check"),
        (("plan", "--quarter", "2190"), "'2190' is no quarter; expected one such as 2027Q1"),
        (("plan", "--quarter", "9999Q1"), "9999Q1 is out of range; expected a year from 1970 to 2199"),
        (
            ("plan", "--quarter", "2190Q1", "--changes", "3"),
            "--changes and --curve need --earlier; expected a plan",
        ),
        (
            ("plan", "--quarter", "2190Q1", "--curve"),
            "--changes and --curve need --earlier; expected a plan's file",
        ),
        (("plan", "--check", "plan.yaml", "--quarter", "2190Q1"), "--check makes no plan; expected it alone"),
        (
            ("fairness", "--plan", "plan.yaml", "--year", "2190"),
            "--plan has a window of its own; expected it without",
        ),
        (("publish", "--quarter", "2190Q1", "--again", "--plan", "plan.yaml"), "expected it without --plan"),
    ],
)
def test_bad_input_is_one_clear_error(book: Path, arguments: tuple[str, ...], expected: str) -> None:
    result = oncall(book, *arguments)
    assert (2, "") == (result.exit_code, result.stdout)
    assert expected in result.stderr.splitlines()[-1]


def test_a_window_that_has_begun_is_not_planned(book: Path) -> None:
    result = oncall(book, "plan", "--quarter", "2026Q1")
    assert (1, "") == (result.exit_code, result.stdout)
    began = "refused: 2026Q1 began on Mon 2026-01-05 09:00 America/New_York"
    assert f"{began}; plan from a later hand-off, by --weeks and --from" == result.stderr.strip()


def test_a_quarter_that_is_published_is_not_planned(book: Path, tmp_path: Path) -> None:
    assert 0 == oncall(book, "publish", "--quarter", "2190Q1", "--out", str(tmp_path / "out")).exit_code
    result = oncall(book, "plan", "--quarter", "2190Q1")
    assert (1, "") == (result.exit_code, result.stdout)
    assert "refused: 2190Q1 is published or agreed on, every turn of it; plan a later one" == result.stderr.strip()


@pytest.mark.parametrize("command", ["check", "publish", "earlier"])
def test_a_file_that_is_no_plan_is_said_with_its_line(book: Path, tmp_path: Path, command: str) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("version: 1\nstart: tomorrow\n", encoding="utf-8")
    options = {
        "check": ("plan", "--check", str(path)),
        "publish": ("publish", "--quarter", "2190Q1", "--plan", str(path)),
        "earlier": ("plan", "--quarter", "2190Q1", "--earlier", str(path)),
    }
    result = oncall(book, *options[command])
    assert (1, "") == (result.exit_code, result.stdout)
    assert f"{path}:2:1: start: 'tomorrow' is no instant; expected one such as" in result.stderr


def test_an_earlier_plan_of_another_time_is_refused(book: Path, stored: Path) -> None:
    result = oncall(book, "plan", "--quarter", "2191Q1", "--earlier", str(stored))
    assert (1, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith(f"refused: {stored} is a plan from ")
    assert "and shares no time with this one; name another one" in result.stderr


def test_whoever_asks_who_is_on_call_waits_for_no_solver(book: Path) -> None:
    script = (
        "import sys; from click.testing import CliRunner; from oncall_assets.cli import main; "
        f"CliRunner().invoke(main, ['--handbook', {str(book)!r}, 'who'], catch_exceptions=False); "
        "heavy = ('ortools', 'planner', 'rota.audit'); "
        "print([name for name in sys.modules if any(one in name for one in heavy)])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
