"""A company whose day is computed and published, before a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets_tests.reports.outgoing import CENTS, Company, channel, team_of
from oncall_assets_tests.smtp_server import SmtpServer, smtp_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SmtpServer]:
    with smtp_server(tmp_path, "none") as running:
        yield running


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: SmtpServer) -> Iterator[Company]:
    """The day is computed and published; nothing is sent yet."""
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "home"))
    for variable in ("ONCALL_DATABASE_URL", "REPORTING_DATABASE_URL", "ONCALL_SMTP_USER", "ONCALL_SMTP_PASSWORD"):
        monkeypatch.delenv(variable, raising=False)
    with dg.DagsterInstance.ephemeral() as instance:
        made = Company(team_of(tmp_path / "book", channel(server.port)), instance)
        made.compute()
        yield made
    # Who may read Dagster's log may not see what investors are told.
    assert not [saying for saying in made.sayings if str(CENTS) in saying or f"{CENTS / 100:,.2f}" in saying]
