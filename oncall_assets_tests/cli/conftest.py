"""A small team with a state folder of its own, so that no test finds what another left in a ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_assets_tests.cli import company


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the handbook; the ledger is SQLite beside it, in `state`, and nobody has said who they are."""
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "state"))
    for variable in ("ONCALL_DATABASE_URL", "ONCALL_ME", "ONCALL_HANDBOOK", "ONCALL_SLACK_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    return company.handbook(tmp_path / "book")
