"""The sensor itself, evaluated as Dagster's daemon does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.incidents.pager import build_pager
from oncall_assets.incidents.signals import CursorError
from oncall_assets_tests.incidents.company import ASSETS, handbook, report
from oncall_assets_tests.slack_server import SlackServer

TOKEN = "ONCALL_SLACK_TOKEN"


@dataclass
class Daemon:
    """Evaluates the pager, tick after tick, with the cursor that it returned."""

    instance: dg.DagsterInstance
    pager: dg.SensorDefinition
    cursor: str | None = None

    def tick(self) -> str:
        """What the tick said it did."""
        repository = dg.Definitions(assets=ASSETS, sensors=[self.pager]).get_repository_def()
        context = dg.build_sensor_context(self.instance, cursor=self.cursor, repository_def=repository)
        result = self.pager.evaluate_tick(context)
        assert [] == result.run_requests
        self.cursor = result.cursor
        return str(result.skip_message)


@pytest.fixture
def daemon(
    instance: dg.DagsterInstance, slack: SlackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Daemon:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("ONCALL_DATABASE_URL", raising=False)
    monkeypatch.setenv("ONCALL_DAGSTER_URL", "https://dagster.example/")
    monkeypatch.setenv(TOKEN, "xoxb-secret")
    channels = f"{{console: {{}}, slack: {{base_url: '{slack.url}'}}}}"
    return Daemon(instance, build_pager(handbook(tmp_path / "handbook", channels), minimum_interval_seconds=1))


def test_the_pager_is_on_by_default_and_needs_no_job(daemon: Daemon) -> None:
    pager = daemon.pager
    assert ("oncall_pager", dg.DefaultSensorStatus.RUNNING, 1) == (
        pager.name,
        pager.default_status,
        pager.minimum_interval_seconds,
    )
    assert [] == pager.targets


def test_a_fault_is_told_over_slack_and_in_the_log(
    daemon: Daemon, slack: SlackServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "0 signals; 0 pages sent, 0 waiting" == daemon.tick()
    report(daemon.instance, "orders", "complete")
    assert "1 signals (1 opened); 2 pages sent, 0 waiting" == daemon.tick()
    assert "0 signals; 0 pages sent, 0 waiting" == daemon.tick()
    (message,) = slack.messages
    assert ["Bearer xoxb-secret"] == slack.tokens
    assert "complete failed on orders" in message["text"]
    printed = capsys.readouterr().err
    assert "INCIDENT 1  MINOR  complete failed on orders" in printed
    assert "https://dagster.example/assets/orders?view=checks&checkDetail=complete" in printed
    assert "xoxb-secret" not in printed


def test_without_its_token_slack_is_not_used_and_the_log_says_so(
    daemon: Daemon, slack: SlackServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.tick()
    monkeypatch.delenv(TOKEN)
    capsys.readouterr()
    report(daemon.instance, "orders", "complete")
    assert "1 signals (1 opened); 1 pages sent, 0 waiting" == daemon.tick()
    assert [] == slack.messages
    assert 1 == capsys.readouterr().err.count(f"{TOKEN} is not set, so Slack is not used")


def test_what_could_not_be_sent_is_in_the_log(
    daemon: Daemon, slack: SlackServer, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.tick()
    slack.answer = "500"
    report(daemon.instance, "orders", "complete")
    assert "1 signals (1 opened); 1 pages sent, 1 waiting" == daemon.tick()
    assert "slack to " in capsys.readouterr().err


def test_a_broken_cursor_fails_the_tick_and_keeps_the_cursor(daemon: Daemon) -> None:
    daemon.cursor = "yesterday"
    with pytest.raises(CursorError, match="'yesterday' is not the pager's cursor"):
        daemon.tick()
    assert "yesterday" == daemon.cursor
