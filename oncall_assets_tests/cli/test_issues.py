"""`oncall issues`: what the runbooks fear, what detects it, and when a real ledger last had it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from oncall_assets.cli import main
from oncall_assets.handbook.home import ledger_url, state_folder
from oncall_assets.incidents.ledger.fired import last_fired, there_is_a_ledger
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.policy.decide import Reason, decide
from oncall_assets.incidents.signals.kinds import CheckNotRun, FailedStep, Signal, Trouble
from oncall_assets_tests.cli.company import oncall
from oncall_assets_tests.cli.night import HOUR, now
from oncall_assets_tests.cli.test_who import SLOW
from oncall_assets_tests.incidents.conftest import new_database
from oncall_assets_tests.incidents.ledger.entries import CLOCKS, DAY, GRADE, case, failed, run_failed, write

ROOT = Path(__file__).parents[2]

RUNBOOK = """\
---
purpose: Tells what is earned.
metrics: [{name: profit, means: what is left, calculation: revenue - cost}]
frequency: daily
sources: [revenue_records]
sla: [by 06:00]
severity: critical
deadlines: [{asset: aggregate_profit, by: "06:00"}]
issues:
  short: {what: Rows are missing | lost <b>.}
  doubled: {what: Rows stand twice.}
  broken: {what: The run fails., detected_by: [run failed, check could not run]}
  late: {what: It is not there., detected_by: asset late}
  silent: {what: Nothing is sent., detected_by: source silent}
  full: {what: The disk is full., detected_by: storage short}
  wrong: {what: Somebody lies., by_hand: Ask them.}
checks:
  - {name: complete, asset: revenue_records, expect: {completeness: {at_least: 0.9}}, guards: [short], step: 1,
     blocking: true}
  - {name: once, asset: profit, expect: {unique: {columns: [id]}}, guards: [short, doubled], step: 1}
  - {name: paid, asset: aggregate_profit, expect: {agrees_with: {column: cost, other: expense_records}},
     guards: [doubled], step: 1}
  - {name: calm, asset: profit, expect: {schema: {}}, guards: [doubled], step: 1, severity: warn}
---
## Procedure
1. Look at the run.
"""


@pytest.fixture
def fearful(book: Path) -> Path:
    """The team's handbook with a runbook of profit."""
    (book / "profit.md").write_text(RUNBOOK)
    return book


def listed(book: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    """What the command tells programs, by issue."""
    result = oncall(book, "issues", "--format", "json", *arguments)
    assert 0 == result.exit_code, result.output
    return {one["issue"]: one for one in json.loads(result.stdout)}


def fired(book: Path) -> dict[str, str]:
    """The detector that fired last for each issue that any detector ever fired for."""
    return {name: one["last_fired"]["detector"] for name, one in listed(book).items() if one["last_fired"]}


def night_of(*signals: Signal, upstream: str | None = None, pipeline: str | None = None) -> None:
    """The signals as a tick leaves them in the ledger; all is computed from `upstream`, if given."""
    ancestors = frozenset({upstream} if upstream else ())
    with Ledger(ledger_url()) as ledger, ledger.writing() as pen:
        decisions = decide(signals, pen.open_incidents(), {}, lambda _: ancestors)
        for decision in decisions:
            if decision.reason is Reason.OPENED:
                pen.open(decision, case(pipeline=pipeline), GRADE, CLOCKS, now())
        pen.record(decisions, now())


def trouble(kind: Any, at: datetime, *assets: str) -> Trouble:
    name = f"{kind} {assets}"
    return Trouble(
        id=name, at=at, run_id="", partition=None, kind=kind, target=name, assets=assets, title=kind, finding="So."
    )  # fmt: skip


def test_every_detector_of_an_issue_is_named_with_what_it_does(fearful: Path) -> None:
    issues = listed(fearful, "--without-ledger")
    complete = {"check": "revenue_records:complete", "rule": "completeness", "severity": "error", "blocking": True}
    once = {"check": "profit:once", "rule": "unique", "severity": "error", "blocking": False}
    assert {
        "issue": "short",
        "pipeline": "profit",
        "runbook": str(fearful / "profit.md"),
        "what": "Rows are missing | lost <b>.",
        "checks": [complete, once],
        "mechanisms": [],
        "by_hand": None,
    } == issues["short"]
    assert ["run failed", "check could not run"] == issues["broken"]["mechanisms"]
    assert ([], "Ask them.") == (issues["wrong"]["mechanisms"], issues["wrong"]["by_hand"])


def test_people_read_a_row_an_issue(fearful: Path) -> None:
    text = oncall(fearful, "issues", "--without-ledger").stdout
    assert "last fired" not in text
    assert "revenue_records:complete (completeness, holds back)" in text
    assert "profit:once (unique)" in text
    assert "profit:calm (schema, digest only)" in text
    assert "by hand: Ask them." in text


def test_markdown_keeps_the_table_whole_whatever_people_wrote(fearful: Path) -> None:
    lines = oncall(fearful, "issues", "--without-ledger", "--format", "markdown").stdout.splitlines()
    (short,) = [line for line in lines if line.startswith("| short |")]
    assert (
        "| short | profit | Rows are missing \\| lost &lt;b>. "
        "| revenue_records:complete (completeness, holds back)<br>profit:once (unique) |"
    ) == short
    assert "# What the runbooks of small-data fear, and what notices it" == lines[0]


def test_the_last_time_is_in_utc_and_in_words_with_the_incident(fearful: Path) -> None:
    at = now() - 26 * HOUR
    night_of(failed(1, "profit", check="once", at=at - HOUR), failed(2, "profit", check="once", at=at))
    text = oncall(fearful, "issues").stdout
    assert f"{at:%Y-%m-%d %H:%M} UTC, 1 d 2 h ago, incident 1 (profit:once)" in " ".join(text.split())
    last = {"at": at.isoformat(), "incident": 1, "detector": "profit:once"}
    assert [last, last] == [listed(fearful)[name]["last_fired"] for name in ("short", "doubled")]
    assert listed(fearful)["wrong"]["last_fired"] is None
    assert "never" in text


def test_of_two_detectors_the_later_one_counts(fearful: Path) -> None:
    early, late = now() - 3 * HOUR, now() - 2 * HOUR
    night_of(
        failed(1, "profit", check="once", at=late),
        failed(2, "revenue_records", check="complete", at=early, partition="2026-01-01"),
    )
    assert "profit:once" == fired(fearful)["short"]
    night_of(failed(3, "revenue_records", check="complete", at=now() - HOUR, partition="2026-01-02"))
    assert "revenue_records:complete" == fired(fearful)["short"]


def test_a_check_that_failed_within_anothers_incident_is_found(fearful: Path) -> None:
    night_of(
        failed(1, "revenue_records", check="complete", at=now() - 2 * HOUR),
        failed(2, "profit", check="once", at=now() - HOUR),
        upstream="revenue_records",
    )
    last = listed(fearful)["doubled"]["last_fired"]
    assert ("profit:once", 1) == (last["detector"], last["incident"])


def test_a_warning_is_told_to_nobody_and_so_never_fired(fearful: Path) -> None:
    night_of(failed(1, "profit", check="calm", severity="warn", at=now() - HOUR))
    assert {} == fired(fearful)


def test_a_failed_run_is_no_failed_check_and_the_other_way_round(fearful: Path) -> None:
    night_of(failed(1, "profit", check="once", at=now() - HOUR))
    assert {"short", "doubled"} == set(fired(fearful))
    night_of(run_failed(2, FailedStep(("profit",), ("profit",), "boom"), partition="2026-01-02"))
    assert "run failed" == fired(fearful)["broken"]


@pytest.mark.parametrize(
    "signal",
    [
        run_failed(1, FailedStep(("profit",), ("profit:once",), "boom")),
        CheckNotRun(id="n", at=now(), run_id="r", partition=DAY, asset="profit", check="once"),
    ],
    ids=["it raised", "it was left out"],
)
def test_a_check_that_could_not_run_is_not_one_that_failed(fearful: Path, signal: Signal) -> None:
    night_of(signal)
    assert {"broken": "check could not run"} == fired(fearful)


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        (trouble("asset late", now(), "aggregate_profit"), {"late": "asset late"}),
        (trouble("asset late", now(), "profit"), {"late": "asset late"}),
        (trouble("asset late", now(), "revenue_records"), {}),
        (trouble("asset late", now(), "growth"), {}),
        (trouble("source silent", now(), "revenue_records"), {"silent": "source silent"}),
        (trouble("source silent", now(), "aggregate_profit"), {}),
        (trouble("storage short", now()), {"full": "storage short"}),
        (trouble("channel refusing", now()), {}),
        (run_failed(1, FailedStep(("expense_records",), ("expense_records",), "boom")), {"broken": "run failed"}),
        (run_failed(1, FailedStep(("growth",), ("growth",), "boom")), {}),
        (run_failed(1, FailedStep((), ("job:tidy",), "boom")), {}),
    ],
)
def test_a_mechanism_counts_where_it_was_about_the_pipeline(
    fearful: Path, signal: Signal, expected: dict[str, str]
) -> None:
    night_of(signal)
    assert expected == fired(fearful)


def test_an_incident_that_is_said_to_be_the_pipelines_counts_but_not_what_joined_it(fearful: Path) -> None:
    night_of(trouble("asset late", now(), "margins"), pipeline="profit")
    assert {"late": "asset late"} == fired(fearful)
    joined = run_failed(1, FailedStep(("rates",), ("rates",), "boom"), partition=None)
    night_of(joined, upstream="margins")
    assert {"late": "asset late"} == fired(fearful)


def test_one_runbook_can_be_asked_for() -> None:
    assert {"daily_growth"} == {
        one["pipeline"] for one in listed(ROOT / "runbooks", "--pipeline", "daily_growth").values()
    }


def test_without_a_ledger_it_says_so_and_makes_none(fearful: Path) -> None:
    result = oncall(fearful, "issues")
    assert 0 == result.exit_code
    assert (
        "There is no ledger yet: the pager has recorded nothing here, so nothing was ever found.\n"
        == result.stderr
    )
    assert "never" in result.stdout
    assert not state_folder().exists()
    assert "" == oncall(fearful, "issues", "--without-ledger").stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--pipeline", "profits"), "'profits' has no runbook; expected profit"),
        (("--format", "yaml"), "'yaml' is not one of 'table', 'markdown', 'json'."),
    ],
)
def test_bad_input_is_one_clear_error(fearful: Path, arguments: tuple[str, ...], expected: str) -> None:
    result = oncall(fearful, "issues", *arguments)
    assert (2, "") == (result.exit_code, result.stdout)
    assert expected in result.stderr.splitlines()[-1]


def test_a_ledger_that_cannot_be_used_ends_with_one_line(fearful: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_DATABASE_URL", "mysql://nobody@nowhere/ledger")
    result = oncall(fearful, "issues")
    assert (1, "", 1) == (result.exit_code, result.stdout, len(result.stderr.splitlines()))
    assert "neither SQLite nor PostgreSQL" in result.stderr


def test_a_ledger_on_postgresql_answers_alike_and_is_not_made(postgres_url: str) -> None:
    url = new_database(postgres_url)
    assert not there_is_a_ledger(url)
    assert not there_is_a_ledger(url)
    at = now() - HOUR
    with Ledger(url) as ledger:
        write(
            ledger,
            failed(1, "profit", check="once", at=at),
            failed(2, "profit", check="once", at=at + timedelta(minutes=5)),
            run_failed(3, FailedStep(("profit",), ("profit:once",), "boom"), partition="2026-01-02"),
            trouble("storage short", at),
        )
        found = last_fired(ledger)
    assert there_is_a_ledger(url)
    assert [
        ("check", "profit:once", ("profit",), "profit", at + timedelta(minutes=5), 1),
        ("storage short", "storage short ()", (), "profit", at, 2),
        ("check could not run", "profit:once", ("profit",), "profit", found[2].at, 1),
    ] == [(one.by, one.target, one.assets, one.pipeline, one.at, one.incident) for one in found]


def test_it_imports_no_dagster(fearful: Path) -> None:
    night_of(failed(1, "profit", check="once", at=now() - HOUR))
    code = (
        "import sys; from oncall_assets.cli import main; "
        f"main(['--handbook', {str(fearful)!r}, 'issues'], standalone_mode=False); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    slow = [name for name in SLOW if name not in {"sqlalchemy", "rich"}]
    assert [] == [name for name in done.stdout.splitlines()[-1].split() if name.startswith(tuple(slow))]


def test_the_page_of_the_default_runbooks_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change that is meant: oncall issues --format markdown --without-ledger > docs/issues.md."""
    monkeypatch.chdir(ROOT)
    arguments = ["--handbook", "runbooks", "issues", "--format", "markdown", "--without-ledger"]
    printed = CliRunner().invoke(main, arguments, catch_exceptions=False).stdout
    assert printed == (ROOT / "docs" / "issues.md").read_text(encoding="utf-8")
