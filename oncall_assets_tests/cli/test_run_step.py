"""`oncall run-step`: what it would do is said before it is done, and done only on a yes."""

from __future__ import annotations

import sys
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from oncall_assets.cli import main
from oncall_assets_tests.cli.company import oncall
from oncall_assets_tests.cli.night import HOUR, listed, night, now

_RUNBOOK = """---
purpose: Tells what is earned.
metrics: [{name: profit, means: what is left, calculation: revenue - cost}]
frequency: daily
sla: [by 06:00]
severity: critical
issues: {broken: {what: the run fails, detected_by: run failed}}
actions:
  2: {backfill: {asset: orders, downstream: true}}
  3: {notify: {who: ops, text: "{pipeline} is late: {finding}"}}
  4: {escalate: {to: secondary}}
---
## Procedure
1. Look at the run.
2. Land the file again.
3. Tell operations.
4. Ask for help.
"""
DAY = "2026-11-18"


@pytest.fixture
def team(book: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a handbook whose runbook has actions, and incident 1 of its pipeline."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    (book / "profit.md").write_text(_RUNBOOK)
    with (book / "team.yaml").open("a") as file:
        file.write("teams: {ops: {name: Operations, slack: C01OPS}}\n")
    with night() as tonight:
        tonight.opens("orders", now() - HOUR, partition=DAY, runbook=str(book / "profit.md"))
    return book


@pytest.fixture
def dagster_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Dagster home of the test's own, named in the environment, and definitions to be loaded beside it."""
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    return home


def run_step(book: Path, *arguments: str, answer: str = "") -> Result:
    called = ["--handbook", str(book), "run-step", *arguments]
    return CliRunner().invoke(main, called, input=answer, catch_exceptions=False)


def story(book: Path, step: int) -> list[tuple[str, str]]:
    return [(one["who"], one["text"]) for one in listed(book)[0]["story"] if one["what"] == f"step {step}"]


def waiting(book: Path) -> list[str]:
    return [one["who"] for one in listed(book)[0]["story"] if one["what"] == "waiting"]


def test_without_a_step_it_lists_all_and_what_can_be_done_of_them(team: Path) -> None:
    assert [
        "1. Look at the run.",
        "2. Land the file again. (backfills orders and downstream: oncall run-step 1 2)",
        "3. Tell operations. (notifies ops: oncall run-step 1 3)",
        "4. Ask for help. (pages secondary: oncall run-step 1 4)",
    ] == run_step(team, "1").stdout.splitlines()


def test_a_runbook_without_actions_says_so(team: Path) -> None:
    without = "".join(
        line for line in _RUNBOOK.splitlines(keepends=True) if not line.startswith(("actions", "  "))
    )
    (team / "profit.md").write_text(without)
    assert "No step of profit has an action; all of them are done by hand." in run_step(team, "1").stdout


def test_it_says_what_it_would_do_and_asks_and_no_means_no(team: Path) -> None:
    for answer in ("n\n", ""):
        result = run_step(team, "1", "3", "--by", "carol", answer=answer)
        assert 1 == result.exit_code
        assert [
            "#1, step 3 of profit: Tell operations.",
            "notify Operations:",
            f"  About profit, {DAY}",
            "  profit is late: rows are missing",
            "  From: Carol White, small-data",
            "  Incident: 1",
        ] == result.stdout.splitlines()[:6]
        assert "Do it as Carol White (carol)? [y/N]: " in result.stdout
    assert ([], []) == (story(team, 3), waiting(team))


def test_on_a_yes_it_is_done_and_the_story_says_by_whom(team: Path) -> None:
    result = run_step(team, "1", "3", "--by", "carol", answer="y\n")
    assert 0 == result.exit_code
    assert result.stdout.endswith(
        "#1: notified Operations: profit is late: rows are missing.\nThe pager sends it at its next round.\n"
    )
    assert [("carol", "notified Operations: profit is late: rows are missing")] == story(team, 3)
    assert ["ops"] == waiting(team)
    assert "step 3" in oncall(team, "incidents", "1").stdout


def test_scripts_are_not_asked_and_done_twice_is_refused(team: Path) -> None:
    assert "Do it" not in run_step(team, "1", "3", "--by", "carol", "--yes").stdout
    again = run_step(team, "1", "3", "--by", "bob", "--yes")
    assert (1, "") == (again.exit_code, again.stdout)
    assert again.stderr.startswith("Carol White sent this at ")
    assert 0 == run_step(team, "1", "3", "--by", "bob", "--yes", "--again").exit_code
    assert ["carol", "bob"] == [who for who, _ in story(team, 3)]


def test_the_secondary_owners_are_asked_for(team: Path) -> None:
    result = run_step(team, "1", "4", "--by", "alice", "--yes")
    assert (
        "page Bob Smith, Carol White now: Alice Johnson asked for you, at step 4 of profit: Ask" in result.stdout
    )
    assert ["bob", "carol"] == waiting(team)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("1", "1"), "step 1 has no action, it is done by hand; of profit these have: 2, 3, 4"),
        (("1", "9"), "9 is no step of profit; its procedure has 4"),
        (("7", "3"), "there is no incident 7; `oncall incidents` lists those that are open"),
        (("7",), "there is no incident 7; `oncall incidents` lists those that are open"),
        (("1", "2"), "DAGSTER_HOME is not set; expected the folder of the instance that runs the backfill"),
    ],
)
def test_what_makes_no_sense_is_one_line(team: Path, arguments: tuple[str, ...], said: str) -> None:
    result = run_step(team, *arguments, "--yes")
    assert (1, "", f"{said}\n") == (result.exit_code, result.stdout, result.stderr)


def test_an_incident_that_is_over_is_left_alone(team: Path) -> None:
    oncall(team, "resolve", "1", "--by", "bob", "--because", "landed again")
    result = run_step(team, "1", "3", "--yes")
    assert (1, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("incident 1 was resolved by bob at ")


def test_nobody_of_that_name_is_refused(team: Path) -> None:
    result = run_step(team, "1", "3", "--by", "eve", "--yes")
    assert 2 == result.exit_code
    assert "'eve' is no engineer; expected one of alice, bob, carol, david" in result.stderr


def test_a_backfill_is_requested_of_the_instance_that_the_environment_names(
    team: Path, dagster_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "oncall_assets_tests.cli.daily_numbers"
    found = run_step(team, "1", "2", "--by", "bob", "--yes", "--definitions", module)
    assert 0 == found.exit_code, found.output
    assert module in sys.modules
    with dg.DagsterInstance.from_config(str(dagster_home)) as instance:
        (backfill,) = instance.get_backfills()
    assert backfill.asset_selection
    assert f"backfill {backfill.backfill_id}: http://127.0.0.1:3000/runs/b/{backfill.backfill_id}." in found.stdout
    assert found.stdout.endswith("No daemon runs backfills now: it stays requested until one does.\n")
    ((who, text),) = story(team, 2)
    assert "bob" == who
    assert text.startswith("requested a backfill of ")
    monkeypatch.setenv("ONCALL_DAGSTER_URL", "https://elsewhere.example")
    again = run_step(team, "1", "2", "--by", "bob", "--yes", "--definitions", module)
    assert again.stderr.startswith(f"bob requested backfill {backfill.backfill_id} at ")
