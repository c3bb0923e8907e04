"""Whatever is killed, every fault arrives; and what arrives twice says that it may."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_assets_tests.incidents.conftest import new_database
from oncall_assets_tests.killed.torment import torment
from oncall_assets_tests.slack_server import slack_server

KILLS = 20
pytestmark = pytest.mark.waits


def test_a_daemon_killed_twenty_times_beside_a_failing_chat_server_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "dagster").mkdir()
    with slack_server() as slack:
        account = torment(tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite'}", slack, KILLS, daemons=1, seed=1)
    assert ([], [], KILLS) == (account.lost, account.unmarked, account.kills)


def test_two_daemons_by_mistake_on_one_postgres_ledger_lose_nothing_either(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "dagster").mkdir()
    ledger = new_database(request.getfixturevalue("postgres_url"))
    with slack_server() as slack:
        account = torment(tmp_path, ledger, slack, KILLS, daemons=2, seed=2)
    assert ([], [], KILLS) == (account.lost, account.unmarked, account.kills)
