"""Where the ledger is, that it is not made by whoever only looks, and which databases are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_assets.handbook.home import ledger_url as configured_url
from oncall_assets.incidents.ledger.database import missing_file
from oncall_assets.incidents.ledger.ledger import Ledger, LedgerError


def test_the_ledger_is_in_the_state_folder_or_where_the_variable_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ONCALL_DATABASE_URL", raising=False)
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "new"))
    assert f"sqlite:///{tmp_path / 'new' / 'ledger.sqlite'}" == configured_url()
    with Ledger(configured_url()) as ledger:
        assert 0 == ledger.waiting()
    monkeypatch.setenv("ONCALL_DATABASE_URL", "sqlite:///elsewhere")
    assert "sqlite:///elsewhere" == configured_url()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://ann:secret@host/db", "neither SQLite nor PostgreSQL; expected sqlite:///<path> or postgresql:"),
        ("secret", "ONCALL_DATABASE_URL is no URL; expected sqlite:///<path> or postgresql:"),
        ("postgresql://ann:secret@127.0.0.1:1/db", "cannot be opened: .*refused.*; correct ONCALL_DATABASE_URL"),
        ("postgresql+psycopg://ann:secret@host/db", "neither SQLite nor PostgreSQL; expected sqlite:///<path>"),
        (
            "sqlite:////proc/no/such/ledger.sqlite",
            "/proc/no/such cannot be made: No such file .*; correct ONCALL_HOME",
        ),
        ("sqlite:////proc/version", "cannot be opened: .*; correct ONCALL_DATABASE_URL"),
        ("postgresql://127.0.0.1:1/db?user=ann&password=secret", "refused.*; correct ONCALL_DATABASE_URL"),
        ("mysql://host/db?password=secret", "neither SQLite nor PostgreSQL"),
        ("sqlite://", "is in memory and ends with the process; expected sqlite:///<path>"),
        ("sqlite:///:memory:", "is in memory and ends with the process; expected sqlite:///<path>"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_without_its_password(url: str, problem: str) -> None:
    with pytest.raises(LedgerError, match=problem) as caught:
        Ledger(url)
    assert "secret" not in str(caught.value)


def test_a_ledger_that_is_not_there_is_known_without_making_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'ledger.sqlite'}"
    assert tmp_path / "new" / "ledger.sqlite" == missing_file(url)
    assert [] == list(tmp_path.iterdir())
    with Ledger(url):
        assert missing_file(url) is None
    assert missing_file("postgresql://ann@127.0.0.1:1/db") is None
    with pytest.raises(LedgerError, match="is no URL"):
        missing_file("nonsense")
