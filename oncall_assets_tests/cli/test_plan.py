"""Plans made from a terminal, of few weeks and with little effort: what is printed, and what is stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oncall_assets.rota.planfile import read_plan
from oncall_assets_tests.cli.company import handbook, oncall
from oncall_assets_tests.cli.rotas import cells

SIX_WEEKS = ("plan", "--weeks", "6", "--from", "2190-01-24", "--effort", "0.1")
# Two turns in a row need four people, and in carol's two weeks there are three.
TOO_MUCH = """\
planning: {apart: any_role}
away: [{who: carol, from: 2190-02-01, to: 2190-02-14, why: vacation}]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def tables(output: str) -> list[list[list[str]]]:
    """The rows of every table."""
    found, lines = [], output.splitlines()
    for number, line in enumerate(lines):
        if line.strip().startswith("─"):
            found.append(cells("\n".join([*lines[number:], ""])))
    return found


def test_a_plan_is_stored_with_its_certificate_and_printed(tmp_path: Path, home: Path) -> None:
    book = handbook(tmp_path / "book")
    result = oncall(book, *SIX_WEEKS)
    assert 0 == result.exit_code, result.output
    path = home / "plans" / "2190-01-24-6-weeks.yaml"
    assert f"{path}: the plan." == result.stdout.splitlines()[-1]
    assert result.stdout.startswith("OR-Tools CP-SAT ")
    plan = read_plan(path)
    # From the first hand-off on or after the Sunday.
    assert ("2190-01-25", 6) == (f"{plan.start:%Y-%m-%d}", len(plan.owners))
    stages, rules, spreads, loads = tables(result.stdout)
    assert ["broken rules", "rules", "0", "0", "yes"] == stages[0]
    assert [["0"]] * len(rules) == [row[1:] for row in rules]
    assert [
        f"{plan.certificate.spread:.1f}",
        *(f"{spread:.1f}" for spread in plan.certificate.rivals.values()),
    ] == [row[1] for row in spreads]
    assert ["plain rotation", "longest idle first", "least loaded first"] == [*plan.certificate.rivals]
    assert ["alice", "bob", "carol", "david"] == [row[0] for row in loads] == sorted(plan.certificate.carried)
    deviations = plan.certificate.deviations.values()
    assert pytest.approx(plan.certificate.spread, abs=1e-5) == max(deviations) - min(deviations)
    checked = oncall(book, "plan", "--check", str(path))
    assert checked.stdout.endswith("; the plan holds.\n")


def test_the_same_plan_is_made_again_to_the_byte_but_for_when(tmp_path: Path, home: Path) -> None:
    book = handbook(tmp_path / "book")
    texts = []
    for name in ("one.yaml", "other.yaml"):
        assert 0 == oncall(book, *SIX_WEEKS, "--out", str(tmp_path / name)).exit_code
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        texts.append([line for line in lines if not line.startswith("made: ")])
    assert texts[0] == texts[1]
    assert not (home / "plans").exists()


@pytest.mark.usefixtures("home")
def test_near_an_earlier_plan_changes_are_counted_and_listed(tmp_path: Path) -> None:
    book = handbook(tmp_path / "book")
    path = tmp_path / "plan.yaml"
    asked = (*SIX_WEEKS, "--earlier", "rotation", "--changes", "3", "--out", str(path))
    result = oncall(book, *asked)
    assert 0 == result.exit_code, result.output
    changed = read_plan(path).certificate.changed
    assert 1 <= len(changed) <= 3
    assert f"{len(changed)} changes of 3 allowed against the earlier plan." in result.stdout.splitlines()
    first = changed[0]
    line = f"{first.start:%Y-%m-%d}: {first.after} instead of {first.before} as {first.role}."
    assert line in result.stdout.splitlines()
    # From that plan on, nothing has to change.
    again = json.loads(oncall(book, *SIX_WEEKS, "--earlier", str(path), "--json").stdout)
    assert [] == again["certificate"]["changed"]


def test_the_curve_shows_what_more_changes_bring(tmp_path: Path, home: Path) -> None:
    book = handbook(tmp_path / "book")
    result = oncall(book, *SIX_WEEKS, "--earlier", "rotation", "--curve")
    assert 0 == result.exit_code, result.output
    (points,) = tables(result.stdout)
    assert ["0", "0"] == points[0][:2]
    spreads = [float(row[2]) for row in points]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] < spreads[0]
    assert not (home / "plans").exists()


def test_where_rules_cannot_all_hold_it_says_which_and_what_would_help(tmp_path: Path, home: Path) -> None:
    book = handbook(tmp_path / "book", TOO_MUCH)
    result = oncall(book, *SIX_WEEKS)
    assert 1 == result.exit_code, result.output
    path = home / "plans" / "2190-01-24-6-weeks.yaml"
    lines = result.stdout.splitlines()
    assert f"{path}: the plan with the fewest broken rules." == lines[-1]
    plan = read_plan(path)
    # Carol's two weeks and one before and after them: each hand-over has one person too few.
    broken = {rule.rule: rule.violations for rule in plan.certificate.rules}
    assert (3, 3) == (broken["apart"], plan.certificate.broken)
    assert ["broken rules", "rules", "3", "3", "yes"] == tables(result.stdout)[0][0]
    assert "In any plan one of these comes true:" in lines
    assert "  would help: carol moves their time off (vacation, 2190-02-01 to 2190-02-14)" in lines
    assert "  would help: one engineer more" in lines
    checked = oncall(book, "plan", "--check", str(path))
    assert (1, True) == (checked.exit_code, checked.stdout.endswith("; the plan does not hold: 3 findings.\n"))


def test_programs_get_the_certificate_and_why_rules_cannot_hold(tmp_path: Path, home: Path) -> None:
    book = handbook(tmp_path / "book", TOO_MUCH)
    found = json.loads(oncall(book, *SIX_WEEKS, "--json").stdout)
    assert str(home / "plans" / "2190-01-24-6-weeks.yaml") == found["file"]
    assert 3 == found["certificate"]["stages"][0]["value"]
    assert all(one["words"] and one["relaxations"] for one in found["conflicts"])


def test_a_file_that_cannot_be_written_is_said_before_any_planning(tmp_path: Path) -> None:
    book = handbook(tmp_path / "book")
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    result = oncall(book, *SIX_WEEKS, "--out", str(tmp_path / "file" / "plan.yaml"))
    assert (1, "") == (result.exit_code, result.stdout)
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"refused: {tmp_path / 'file' / 'plan.yaml'} cannot be written (")
    assert line.endswith("); name a file in a folder that can be")


def test_its_load_is_shown_before_and_after_it_is_published_and_is_the_certificates(
    tmp_path: Path, home: Path
) -> None:
    book, path, picture = handbook(tmp_path / "book"), tmp_path / "plan.yaml", tmp_path / "load.svg"
    asked = ("plan", "--quarter", "2190Q2", "--effort", "0.1", "--out", str(path))
    assert 0 == oncall(book, *asked).exit_code
    plan = read_plan(path)
    shown = oncall(book, "fairness", "--plan", str(path), "--picture", str(picture))
    assert (0, "") == (shown.exit_code, shown.stderr)
    assert f"Load in points, spread {plan.certificate.spread:.1f}" in picture.read_text(encoding="utf-8")
    published = oncall(book, "publish", "--quarter", "2190Q2", "--plan", str(path), "--out", str(home))
    assert 0 == published.exit_code, published.output
    window = ("--from", plan.start.isoformat(), "--to", plan.end.isoformat())
    assert shown.stdout == oncall(book, "fairness", *window, "--carried").stdout
    alone = json.loads(oncall(book, "fairness", *window, "--json").stdout)
    counted = json.loads(oncall(book, "fairness", *window, "--carried", "--json").stdout)
    assert pytest.approx(plan.certificate.spread, abs=1e-5) == counted["spread"]
    assert pytest.approx(plan.certificate.spread, abs=1e-5) != alone["spread"]
