"""`oncall silence`, `silences` and `unsilence`: quiet for a reason, and always with an end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from oncall_assets.incidents.ledger.planned import planned
from oncall_assets_tests.cli.company import oncall
from oncall_assets_tests.cli.night import HOUR, night, now

NEW_YORK = ZoneInfo("America/New_York")
FOR = ("--for", "2h", "--because", "the vendor migrates", "--by", "carol")
CHECK = """---
purpose: Tells what is earned.
metrics: [{name: profit, means: what is left, calculation: revenue - cost}]
frequency: daily
sla: [by 06:00]
severity: critical
issues: {short: {what: rows are missing}}
checks: [{name: complete, asset: profit, expect: {unique: {columns: [id]}}, guards: [short], step: 1}]
---
## Procedure
1. Look.
"""


@pytest.fixture(autouse=True)
def check(book: Path) -> None:
    (book / "profit.md").write_text(CHECK)


def listed(book: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(oncall(book, "silences", "--json").stdout)
    return found


def test_a_silence_says_what_it_covers_and_when_it_ends(book: Path) -> None:
    before = now()
    result = oncall(book, "silence", "--asset", "profit", *FOR)
    assert (0, "") == (result.exit_code, result.stderr)
    (one,) = listed(book)
    starts, ends = (datetime.fromisoformat(one[end]) for end in ("starts", "ends"))
    assert 2 * HOUR == ends - starts
    assert before <= starts <= now() + timedelta(seconds=1)
    assert ("profit", None, None) == (one["asset"], one["pipeline"], one["check"])
    assert ("carol", "the vendor migrates") == (one["by"], one["because"])
    span = [f"{at.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M}" for at in (starts, ends)]
    lines = result.stdout.splitlines()
    assert (
        f"Silence 1, as Carol White (carol): asset profit from {span[0]} until {span[1]} America/New_York."
        == lines[0]
    )
    assert "`oncall unsilence 1`" in lines[1]


@pytest.mark.parametrize(
    ("names", "covers"),
    [
        (("--pipeline", "profit"), "pipeline profit from"),
        (("--check", "profit:complete"), "check profit:complete from"),
    ],
)
def test_a_pipeline_or_a_check_is_silenced_likewise(book: Path, names: tuple[str, str], covers: str) -> None:
    result = oncall(book, "silence", *names, *FOR)
    assert (0, "") == (result.exit_code, result.stderr)
    assert covers in result.stdout
    assert names[1] == listed(book)[0][names[0].strip("-")]


def test_maintenance_is_planned_and_listed_before_it_begins(book: Path) -> None:
    begin = now() + timedelta(days=3)
    span = ("--from", begin.isoformat(), "--until", (begin + 3 * HOUR).isoformat())
    words = ("--because", "new disks", "--by", "bob")
    assert 0 == oncall(book, "silence", "--asset", "profit", *span, *words).exit_code
    (one,) = listed(book)
    assert begin == datetime.fromisoformat(one["starts"])
    assert begin + 3 * HOUR == datetime.fromisoformat(one["ends"])
    assert 0 == oncall(book, "silence", "--pipeline", "profit", *FOR).exit_code
    lines = [line.split("  ") for line in oncall(book, "silences").stdout.splitlines()]
    rows = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    # The first to begin stands first.
    assert ["2", "pipeline profit"] == rows[3][:2]
    assert ["1", "asset profit"] == rows[4][:2]
    assert ("ends in 1 h 59 min", "begins in 2 d 23 h") == (rows[3][3], rows[4][3])


def test_an_end_that_is_a_date_is_included(book: Path) -> None:
    begin, last = (now().astimezone(NEW_YORK).date() + timedelta(days=days) for days in (2, 4))
    arguments = ("--from", str(begin), "--until", str(last), "--because", "x", "--by", "bob")
    assert 0 == oncall(book, "silence", "--asset", "profit", *arguments).exit_code
    (one,) = listed(book)
    ends = datetime.fromisoformat(one["ends"]).astimezone(NEW_YORK)
    assert (last + timedelta(days=1), 0) == (ends.date(), ends.hour)


def test_a_silence_is_lifted_before_its_time(book: Path) -> None:
    oncall(book, "silence", "--asset", "profit", *FOR)
    assert "Silence 1 ended, as Bob Smith (bob).\n" == oncall(book, "unsilence", "1", "--by", "bob").stdout
    assert "Nothing is silenced.\n" == oncall(book, "silences").stdout
    again = oncall(book, "unsilence", "1", "--by", "bob")
    assert (1, "") == (again.exit_code, again.stdout)
    assert "silence 1 was lifted by bob" in again.stderr


def test_what_is_over_is_not_listed(book: Path) -> None:
    oncall(book, "silence", "--asset", "profit", *FOR)
    with night() as tonight:
        assert [1] == [one.id for one in planned(tonight.ledger, now() + HOUR)]
        assert [] == planned(tonight.ledger, now() + 3 * HOUR)


@pytest.mark.parametrize(
    ("names", "doubt"),
    [
        (("--asset", "proft"), "the handbook names no asset proft; did you mean profit?"),
        (("--asset", "zzz"), "the handbook names no asset zzz; look whether it is spelt as Dagster shows it"),
        (("--check", "profit:complet"), "no check profit:complet; did you mean profit:complete?"),
    ],
)
def test_a_name_that_the_handbook_does_not_have_is_kept_with_a_doubt(
    book: Path, names: tuple[str, str], doubt: str
) -> None:
    result = oncall(book, "silence", *names, *FOR)
    assert 0 == result.exit_code
    assert doubt in result.stderr
    assert 1 == len(listed(book))


def test_a_landed_table_is_known_as_an_asset(book: Path) -> None:
    assert "" == oncall(book, "silence", "--asset", "revenue_records", *FOR).stderr


_UNTIL = ("--until", "2026-01-01", "--because", "x")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (FOR, "expected one of --asset, --pipeline and --check"),
        (("--asset", "a", "--pipeline", "profit", *FOR), "expected one of --asset, --pipeline and --check"),
        (("--asset", "a", "--because", "x"), "expected an end, --for or --until, at most 14 d on"),
        (("--asset", "a", "--until", "2027-01-01", *FOR), "expected an end, --for or --until"),
        (("--asset", "a", "--for", "2h"), "Missing option '--because'"),
        (("--asset", "a", "--for", "2h", "--because", " "), "'--because': 0 characters; expected 1 to 2,000"),
        (
            ("--asset", "a", "--for", "soon", "--because", "x"),
            "'--for': 'soon' is not a duration; expected one such as",
        ),
        (("--asset", "a", "--for", "15 days", "--because", "x"), "'--for': it lasts 15 d; expected 14 d at most"),
        (("--asset", "a", *_UNTIL), "'--until': it ends before it begins; expected a later end"),
        (
            ("--asset", "a", "--from", "2025-12-31", *_UNTIL),
            "'--until': it is over already; expected an end to come",
        ),
        (("--pipeline", "proft", *FOR), "'--pipeline': 'proft' is no pipeline; expected profit"),
        (("--check", "complete", *FOR), "'--check': 'complete' is no check; expected ASSET:CHECK"),
        (("--check", ":x", *FOR), "':x' is no check"),
        (("--asset", "a", *FOR, "--by", "carrol"), "'carrol' is no engineer"),
    ],
)
def test_what_cannot_be_meant_is_refused(book: Path, arguments: tuple[str, ...], expected: str) -> None:
    result = oncall(book, "silence", *arguments)
    assert (2, "") == (result.exit_code, result.stdout)
    assert expected in result.stderr
    assert [] == listed(book)


def test_two_weeks_are_the_longest(book: Path) -> None:
    arguments = ("--asset", "profit", "--for", "2 weeks", "--because", "x", "--by", "bob")
    assert 0 == oncall(book, "silence", *arguments).exit_code
