"""`oncall note` keeps a word for the next engineer on call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oncall_assets.handbook.home import ledger_url
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets_tests.cli.test_commands import oncall


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path))
    monkeypatch.delenv("ONCALL_DATABASE_URL", raising=False)


def kept() -> list[str]:
    with Ledger(ledger_url()) as ledger:
        return [text for _, text in ledger.notes(datetime.now(UTC) - timedelta(minutes=5))]


def test_a_note_is_kept_with_its_author() -> None:
    result = oncall("note", "  the export is slow  ", "--by", "carol")
    assert "Kept, from Carol White; it is told at the next hand-off.\n" == result.stdout
    assert ["carol: the export is slow"] == kept()


def test_a_note_is_of_whoever_is_on_call_unless_it_says_so() -> None:
    oncall("note", "quiet week")
    (note,) = kept()
    assert note.partition(":")[0] in {"alice", "bob", "carol", "david"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("note", "x", "--by", "carrol"), "'carrol' is no engineer"),
        (("note", "   "), "0 characters; expected 1 to 2,000"),
        (("note", "x" * 2001), "2,001 characters; expected 1 to 2,000"),
    ],
)
def test_a_note_that_cannot_be_kept_is_refused(arguments: tuple[str, ...], expected: str) -> None:
    result = oncall(*arguments)
    assert 2 == result.exit_code
    assert expected in result.output
    assert [] == kept()
