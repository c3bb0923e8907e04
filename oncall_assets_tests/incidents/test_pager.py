"""The sensor itself, evaluated as Dagster's daemon does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from oncall_assets.handbook import labels, load_handbook
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.pager import build_pager
from oncall_assets.incidents.signals.log import CursorError
from oncall_assets_tests.incidents.company import ASSETS, report
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
def daemon(instance: dg.DagsterInstance, slack_folder: Path) -> Daemon:
    return Daemon(instance, build_pager(load_handbook(slack_folder, frozenset()), minimum_interval_seconds=1))


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
    assert "nothing new; 0 messages sent, 0 waiting" == daemon.tick()
    report(daemon.instance, "orders", "complete")
    assert "1 opened; 2 messages sent, 0 waiting" == daemon.tick()
    assert "nothing new; open: 1 all who are due were told; 0 messages sent, 0 waiting" == daemon.tick()
    (message,) = slack.messages
    assert ["Bearer xoxb-secret"] == slack.tokens
    assert "complete failed on orders" in message["text"]
    printed = capsys.readouterr().err
    assert "INCIDENT 1  MINOR  complete failed on orders" in printed
    assert "https://dagster.example/assets/orders?view=checks&checkDetail=complete" in printed
    assert "xoxb-secret" not in printed


@pytest.mark.parametrize("shown", [False, True])
def test_what_was_found_in_figures_for_investors_is_in_chat_and_log_only_where_the_team_says_so(
    instance: dg.DagsterInstance,
    slack_folder: Path,
    slack: SlackServer,
    capsys: pytest.CaptureFixture[str],
    shown: bool,
) -> None:
    team = slack_folder / "team.yaml"
    if shown:
        allowed = team.read_text().replace("console: {}", "console: {investor_figures: true}")
        team.write_text(allowed.replace("slack: {base", "slack: {investor_figures: true, base"))
    daemon = Daemon(instance, build_pager(load_handbook(slack_folder, frozenset())))
    daemon.tick()
    report(instance, "profit", "complete", metadata={labels.FINDING: "12.34 USD is missing."})
    daemon.tick()
    told = slack.messages[0]["text"], json.dumps(slack.messages[0]["blocks"]), capsys.readouterr().err
    assert [shown] * 3 == ["12.34 USD" in text for text in told]
    assert [True] * 3 == ["complete failed on profit" in text for text in told]


def test_without_its_token_slack_is_not_used_and_the_log_says_so(
    daemon: Daemon, slack: SlackServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.tick()
    monkeypatch.delenv(TOKEN)
    capsys.readouterr()
    report(daemon.instance, "orders", "complete")
    assert "1 opened; 1 messages sent, 0 waiting" == daemon.tick()
    assert [] == slack.messages
    assert 1 == capsys.readouterr().err.count(f"{TOKEN} is not set, so Slack is not used")


def test_what_could_not_be_sent_is_in_the_log(
    daemon: Daemon, slack: SlackServer, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.tick()
    slack.answer = "500"
    report(daemon.instance, "orders", "complete")
    assert "1 opened; 1 messages sent, 1 waiting" == daemon.tick()
    assert "slack to " in capsys.readouterr().err


def test_a_broken_cursor_fails_the_tick_and_keeps_the_cursor(daemon: Daemon) -> None:
    daemon.cursor = "yesterday"
    with pytest.raises(CursorError, match="'yesterday' is not the pager's cursor"):
        daemon.tick()
    assert "yesterday" == daemon.cursor


def edited(folder: Path, old: str, new: str) -> None:
    """As a person edits team.yaml while Dagster runs."""
    team = folder / "team.yaml"
    text = team.read_text()
    assert old in text
    team.write_text(text.replace(old, new))


def swapped(folder: Path) -> None:
    """Ann and Ben change places for all time."""
    edited(folder, "order: [[ann, ben], [ben, ann]]", "order: [[ben, ann], [ann, ben]]")


def told(message: dict[str, Any]) -> str:
    return str(message["channel"])


def test_an_edit_of_the_handbook_counts_from_the_next_tick(
    daemon: Daemon, slack: SlackServer, tmp_path: Path
) -> None:
    daemon.tick()
    report(daemon.instance, "orders", "before")
    daemon.tick()
    swapped(tmp_path / "handbook")
    report(daemon.instance, "orders", "after")
    daemon.tick()
    assert {"U01ANN", "U01BEN"} == {told(message) for message in slack.messages}


def test_a_broken_edit_leaves_the_sound_handbook_in_force_and_is_said_until_it_is_mended(
    daemon: Daemon, slack: SlackServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.tick()
    team = tmp_path / "handbook" / "team.yaml"
    sound = team.read_text()
    team.write_text(sound.replace("[[ann, ben]", "[[ann, nobody]"))
    report(daemon.instance, "orders", "complete")
    for _ in range(2):
        daemon.tick()
    assert 1 == len(slack.messages)
    assert 2 == capsys.readouterr().err.count("rotation.order[0][1]: 'nobody' is no engineer")
    team.write_text(sound)
    daemon.tick()
    assert "is no engineer" not in capsys.readouterr().err


def test_an_edit_that_the_rota_refuses_does_not_count_either(
    daemon: Daemon, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.tick()
    with (tmp_path / "handbook" / "team.yaml").open("a") as team:
        team.write("changes: [{kind: swap, turn: 2026-01-05, give: nobody, take: ben, requested: 2025-12-01}]\n")
    daemon.tick()
    assert "the one read before stays in force" in capsys.readouterr().err


def test_a_channel_that_an_edit_takes_away_carries_nothing_more(
    daemon: Daemon, slack: SlackServer, slack_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.tick()
    edited(slack_folder, "{console: {}, slack", "{slack")
    report(daemon.instance, "orders", "complete")
    assert "1 opened; 1 messages sent, 0 waiting" == daemon.tick()
    assert 1 == len(slack.messages)
    assert "INCIDENT 1" not in capsys.readouterr().err


def test_the_limits_are_those_of_the_edit(daemon: Daemon, slack: SlackServer, slack_folder: Path) -> None:
    daemon.tick()
    edited(slack_folder, "\nchannels:", "\nlimits: {messages: 2, within: 10m}\nchannels:")
    for number in range(4):
        report(daemon.instance, f"bond_{number}", "complete")
    daemon.tick()
    # One by itself, and a digest of the others.
    assert 2 == len(slack.messages)


def test_a_token_that_comes_later_is_used_from_then_on(
    daemon: Daemon, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN)
    daemon.tick()
    monkeypatch.setenv(TOKEN, "xoxb-late")
    report(daemon.instance, "orders", "complete")
    assert "1 opened; 2 messages sent, 0 waiting" == daemon.tick()
    assert ["Bearer xoxb-late"] == slack.tokens


def test_another_ledger_is_used_from_the_tick_after_it_was_named(
    daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.tick()
    other = f"sqlite:///{tmp_path / 'other' / 'ledger.sqlite'}"
    monkeypatch.setenv("ONCALL_DATABASE_URL", other)
    report(daemon.instance, "orders", "complete")
    daemon.tick()
    with Ledger(other) as ledger:
        assert 1 == ledger.open_count()
    with Ledger(f"sqlite:///{tmp_path / 'state' / 'ledger.sqlite'}") as ledger:
        assert 0 == ledger.open_count()
