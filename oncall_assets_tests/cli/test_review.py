"""`oncall review` prints a quarter of the ledger as Markdown, or writes it to a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncall_assets_tests.cli.company import oncall
from oncall_assets_tests.cli.night import HOUR, night, now

IN_SPRING = datetime(2026, 5, 5, 2, 0, tzinfo=UTC)


def test_a_quarter_is_printed(book: Path) -> None:
    with night() as tonight:
        number = tonight.opens("orders", IN_SPRING)
        tonight.tells(number, "alice", IN_SPRING, "1.4 everyone")
        tonight.ledger.acknowledge(number, "bob", IN_SPRING + HOUR)
        tonight.ledger.resolve(number, "bob", "landed again", IN_SPRING + 2 * HOUR)
        tonight.ledger.note("carol", "quiet otherwise", IN_SPRING + 3 * HOUR)
        tonight.opens("usage", now())
    text = oncall(book, "review", "--quarter", "2026Q2").stdout
    lines = text.splitlines()
    assert "# Incidents of 2026Q2" == lines[0]
    assert "1 incident: 1 critical." in lines
    assert "| critical | 1 h | 1 | 1 h | 1 h | 1 of 1, 100 % |" in lines
    assert "| #1 | critical | complete failed on orders | went to everyone |" in lines
    assert ["- 2026-05-05 #1, bob: landed again", "- 2026-05-05 carol: quiet otherwise"] == lines[-2:]
    assert text.endswith("otherwise\n")


def test_a_quarter_is_written_to_a_file(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "review.md"
    result = oncall(book, "review", "--quarter", "2026Q2", "--out", str(out))
    assert f"{out}\n" == result.stdout
    assert out.read_text() == oncall(book, "review", "--quarter", "2026Q2").stdout
    assert [out] == list(out.parent.iterdir())


@pytest.mark.parametrize(
    ("quarter", "expected"),
    [
        ("2026Q5", "'2026Q5' is no quarter; expected one such as 2027Q1"),
        ("0999Q1", "0999Q1 is out of range; expected a year from 1970 to 2199"),
    ],
)
def test_what_is_no_quarter_is_refused(book: Path, quarter: str, expected: str) -> None:
    result = oncall(book, "review", "--quarter", quarter)
    assert (2, "") == (result.exit_code, result.stdout)
    assert expected in result.stderr


def test_a_place_that_cannot_be_written_is_one_line(book: Path) -> None:
    out = book / "team.yaml" / "new" / "review.md"
    result = oncall(book, "review", "--quarter", "2026Q2", "--out", str(out))
    assert (1, "") == (result.exit_code, result.stdout)
    assert f"{out} cannot be written: Not a directory; name another place with --out\n" == result.stderr
