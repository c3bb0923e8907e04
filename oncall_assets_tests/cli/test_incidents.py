"""`oncall incidents`, `ack` and `resolve` on a ledger as the pager leaves it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from oncall_assets.notify.message import Affected
from oncall_assets_tests.cli.company import oncall
from oncall_assets_tests.cli.night import HOUR, Night, listed, night, now
from oncall_assets_tests.cli.test_who import SLOW


def rows(text: str) -> list[list[str]]:
    """The cells of a printed table, below its heads."""
    lines = [line.split("  ") for line in text.splitlines()]
    return [[cell.strip() for cell in cells if cell.strip()] for cells in lines]


def test_nothing_is_open_in_a_new_ledger(book: Path) -> None:
    assert "Nothing is open.\n" == oncall(book, "incidents").stdout
    assert "There is no incident.\n" == oncall(book, "incidents", "--all").stdout
    assert [] == listed(book)


def test_what_is_open_is_listed_with_who_has_it_who_was_told_and_what_is_late(book: Path) -> None:
    with night() as tonight:
        one = tonight.opens("orders", now() - 3 * HOUR, issues=("profit.short",))
        tonight.opens("profit", now() - 3 * HOUR, upstream="orders")
        tonight.tells(one, "alice", now() - 3 * HOUR)
        tonight.tells(one, "bob", now() - 2 * HOUR, "1.2 on_call.secondary")
        two = tonight.opens("usage", now() - 5 * HOUR, "minor", partition=None)
        tonight.ledger.acknowledge(two, "carol", now() - HOUR)
        tonight.ledger.resolve(tonight.opens("feed", now() - HOUR), "carol", "a test", now())
    text = oncall(book, "incidents").stdout
    assert "complete failed on orders (2026-11-20), and 1 more for the same cause" in text
    assert "no answer, due by" in text
    assert "(2 h late)" in text
    assert "told alice, bob" in text
    assert "carol has it, to resolve by" in text
    assert "told nobody yet" in text
    assert "feed" not in text
    assert [["#", "severity", "what", "since", "state"]] == [cells for cells in rows(text) if cells[:1] == ["#"]]
    # The oldest first.
    assert [2, 1] == [found["number"] for found in listed(book)]


def test_all_lists_those_that_are_over_and_since_those_opened_since(book: Path) -> None:
    with night() as tonight:
        tonight.ledger.resolve(tonight.opens("feed", now() - timedelta(days=9)), "carol", "a test", now())
        tonight.opens("orders", now() - HOUR)
    assert [2] == [one["number"] for one in listed(book)]
    assert [1, 2] == [one["number"] for one in listed(book, "--all")]
    day = (now() - timedelta(days=2)).date().isoformat()
    assert [2] == [one["number"] for one in listed(book, "--since", day)]
    day = (now() - timedelta(days=11)).date().isoformat()
    assert [1, 2] == [one["number"] for one in listed(book, "--since", day)]
    assert "over since" in oncall(book, "incidents", "--all").stdout
    assert "by carol" in oncall(book, "incidents", "--all").stdout


def test_programs_get_the_record_whom_was_told_and_the_story(book: Path) -> None:
    with night() as tonight:
        tonight.tells(tonight.opens("orders", now() - HOUR), "alice", now() - HOUR)
    (one,) = listed(book)
    assert ("complete failed on orders", "critical", "profit") == (one["title"], one["severity"], one["pipeline"])
    assert [("orders:complete", "2026-11-20", True)] == [
        (fault["target"], fault["partition"], fault["cause"]) for fault in one["faults"]
    ]
    assert ["alice"] == one["told"]
    assert ["opened", "told"] == [event["what"] for event in one["story"]]
    assert one["respond_by"].endswith("+00:00")
    whole = json.loads(oncall(book, "incidents", "1", "--json").stdout)
    assert one["title"] == whole["title"]
    assert "rows are missing" == whole["case"]["finding"]


def _an_incident(tonight: Night) -> int:
    number = tonight.opens(
        "orders",
        now() - 2 * HOUR,
        finding="70 of 100 rows are there.",
        observed="0.7",
        threshold="at least 0.995",
        owners=("Alice Johnson",),
        runbook="runbooks/profit.md",
        steps=("2. Compare the filing.",),
        affected=(Affected(asset="report", investors=True),),
        issues=("profit.short",),
    )
    tonight.opens("orders", now() - HOUR, partition="2026-11-21")
    tonight.tells(number, "alice", now() - 2 * HOUR)
    return number


def test_one_incident_tells_its_essentials_its_faults_and_its_story(book: Path) -> None:
    with night() as tonight:
        _an_incident(tonight)
    lines = oncall(book, "incidents", "1").stdout.splitlines()
    assert "#1 critical: complete failed on orders (2026-11-20, 2026-11-21)" == lines[0]
    for line in (
        "told       alice",
        "pipeline   profit of Alice Johnson",
        "found      70 of 100 rows are there.",
        "observed   0.7",
        "expected   at least 0.995",
        "again      it failed 1 time more",
        "issue      profit.short",
        "hits       report (INVESTOR FIGURES)",
        "runbook    runbooks/profit.md",
        "step       2. Compare the filing.",
    ):
        assert line in lines
    cells = rows("\n".join(lines))
    assert ["orders:complete", "2026-11-20"] in [row[:2] for row in cells]
    assert ["orders:complete", "2026-11-21"] in [row[:2] for row in cells]
    assert ["told", "alice", "by slack (1.1 on_call.primary)"] in [row[1:] for row in cells]


def test_what_is_over_tells_who_ended_it_and_which_faults_were_consequences(book: Path) -> None:
    with night() as tonight:
        number = tonight.opens("orders", now() - HOUR)
        tonight.opens("profit", now() - HOUR, upstream="orders")
        tonight.ledger.resolve(number, "bob", "the file was late", now())
    text = oncall(book, "incidents", "1").stdout
    assert "by bob" in text.splitlines()[1]
    assert "the cause, over since" in text
    assert "a consequence, over since" in text
    assert "the file was late" in text


def test_what_is_late_to_be_resolved_says_that_rather_than_that_nobody_answered_in_time(book: Path) -> None:
    with night() as tonight:
        tonight.opens("orders", now() - 5 * HOUR)
    state = oncall(book, "incidents", "1").stdout.splitlines()[1]
    assert state.startswith("state      no answer, to resolve by ")
    assert state.endswith("(1 h late)")


def test_only_what_still_fails_is_named(book: Path) -> None:
    with night() as tonight:
        tonight.opens("orders", now() - 2 * HOUR)
        tonight.opens("profit", now() - 2 * HOUR, upstream="orders")
        tonight.opens("orders", now() - HOUR, partition="2026-11-21")
        tonight.passes("orders", now(), "2026-11-20")
        tonight.passes("profit", now(), "2026-11-20")
    assert (
        "#1 critical: complete failed on orders (2026-11-21)"
        == oncall(book, "incidents", "1").stdout.splitlines()[0]
    )


def test_an_incident_that_waits_for_business_hours_says_until_when(book: Path) -> None:
    with night() as tonight:
        tonight.opens("orders", now() - HOUR, "minor", waits=30 * HOUR)
    assert "waits for business hours, from" in oncall(book, "incidents").stdout
    assert "urgency    business hours" in oncall(book, "incidents", "1").stdout


def test_a_database_that_does_not_answer_is_one_line_without_its_password(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:1/ledger")
    result = oncall(book, "incidents")
    assert (1, "") == (result.exit_code, result.stdout)
    (line,) = result.stderr.splitlines()
    assert "cannot be opened" in line
    assert "hunter2" not in line


@pytest.mark.parametrize("arguments", [("incidents",), ("ack",), ("unsilence",)])
def test_a_number_beyond_all_bounds_is_one_line(book: Path, arguments: tuple[str, ...]) -> None:
    result = oncall(book, *arguments, "99999999999999999999")
    assert (1, "") == (result.exit_code, result.stdout)
    (line,) = result.stderr.splitlines()
    assert line.startswith("there is no ")


def test_a_database_that_fails_later_is_one_line_too(book: Path) -> None:
    with night() as tonight:
        tonight.opens("orders", now() - HOUR)
    with closing(sqlite3.connect(book.parent / "state" / "ledger.sqlite")) as connection:
        connection.execute("DROP TABLE faults")
    result = oncall(book, "incidents")
    assert (1, "") == (result.exit_code, result.stdout)
    assert "the ledger's database cannot be used: no such table: faults\n" == result.stderr


def test_a_title_cannot_move_the_cursor_of_whoever_lists_it(book: Path) -> None:
    with night() as tonight:
        tonight.opens("orders", now() - HOUR, title="late\x1b[2J [b]orders[/b]")
    assert "late [2J [b]orders[/b]" in oncall(book, "incidents").stdout
    assert "late [2J [b]orders[/b]" in oncall(book, "incidents", "1").stdout


@pytest.mark.parametrize(
    "arguments", [("incidents",), ("incidents", "1"), ("ack", "1"), ("note", "x", "--incident", "1")]
)
def test_what_is_asked_at_night_imports_no_dagster(book: Path, arguments: tuple[str, ...]) -> None:
    with night() as tonight:
        tonight.opens("orders", now() - HOUR)
    code = (
        "import sys; from oncall_assets.cli import main; "
        f"main({['--handbook', str(book), *arguments]!r}, standalone_mode=False); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    slow = [name for name in SLOW if name not in {"sqlalchemy", "rich"}]
    assert [] == [name for name in done.stdout.splitlines()[-1].split() if name.startswith(tuple(slow))]
