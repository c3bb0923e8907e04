"""What happens while the pager ticks is told by the same tick, where it has a thread of its own to wait in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.handbook import load_handbook
from oncall_assets.incidents.delivery.courier import Delivered
from oncall_assets.incidents.pager import build_pager
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.tick import Tick
from oncall_assets_tests.incidents.company import report
from oncall_assets_tests.incidents.test_pager import Daemon
from oncall_assets_tests.slack_server import SlackServer

# Long enough for another look, however slow the machine.
LINGER = timedelta(seconds=4)


def test_two_rounds_as_one_have_all_that_both_did_and_end_as_the_later_did() -> None:
    opened, escalated = Counter([Reason.OPENED]), Counter([Reason.ESCALATED, Reason.OPENED])
    told, held = Counter([Reason.TOLD]), Counter([Reason.SILENCED])
    first = Tick("1", (1,), opened, held, Delivered(2, 5, ("slack: down",)), ("slack: down",))
    second = Tick("2", (2, 3), escalated, told, Delivered(1, 4, ()), ("no disk",))
    both = second.after(first)
    assert ("2", (1, 2, 3)) == (both.cursor, both.opened)
    assert ({Reason.OPENED: 2, Reason.ESCALATED: 1}, told) == (both.reasons, both.held)
    assert (3, 4) == (both.delivered.sent, both.delivered.waiting)
    assert ("slack: down", "no disk") == both.troubles


@pytest.fixture
def threaded(dagster_home: Path) -> Iterator[dg.DagsterInstance]:
    """An instance whose sensors run in threads of their own, as `dagster dev` has them."""
    settings = "telemetry: {enabled: false}\nsensors: {use_threads: true, num_workers: 2}\n"
    (dagster_home / "dagster.yaml").write_text(settings)
    with dg.DagsterInstance.from_config(str(dagster_home)) as running:
        yield running


def watching(instance: dg.DagsterInstance, folder: Path, linger: timedelta) -> Daemon:
    """A pager that has made its first tick, and from then on lingers."""
    book = load_handbook(folder, frozenset())
    first = Daemon(instance, build_pager(book, linger=timedelta(0)))
    first.tick()
    return Daemon(instance, build_pager(book, linger=linger), first.cursor)


def two_in_a_row(instance: dg.DagsterInstance, slack: SlackServer) -> None:
    """A check fails, and while that is told another one does, and an asset is computed."""
    left = ["second"]

    def meanwhile() -> None:
        if left:
            report(instance, "orders", left.pop())
            instance.report_runless_asset_event(dg.AssetMaterialization("profit"))

    slack.on_request = meanwhile
    report(instance, "bonds", "first")


def test_a_fault_of_the_meantime_is_told_by_the_same_tick_and_both_are_in_its_line(
    threaded: dg.DagsterInstance, slack: SlackServer, slack_folder: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    daemon = watching(threaded, slack_folder, LINGER)
    two_in_a_row(threaded, slack)
    # Each look says that it cannot see the disk, and so can be counted.
    monkeypatch.setenv("ONCALL_DATABASE_URL", f"sqlite:///{slack_folder.parent / 'state' / 'ledger.sqlite'}")
    monkeypatch.setenv("ONCALL_HOME", f"/{'x' * 1000}")
    capsys.readouterr()
    assert "2 opened; open: 1 all who are due were told; 4 messages sent, 0 waiting" == daemon.tick()
    assert 2 == len(slack.messages)
    # One more look for what came, and no more for an event that concerns nobody.
    assert 2 == capsys.readouterr().err.count("could not look for 'storage short'")
    assert "2 all who are due were told; 0 messages sent, 0 waiting" in daemon.tick()


def test_without_a_thread_of_its_own_it_looks_once_and_holds_up_no_other_sensor(
    on_disk: dg.DagsterInstance, slack: SlackServer, slack_folder: Path
) -> None:
    daemon = watching(on_disk, slack_folder, timedelta(hours=1))
    two_in_a_row(on_disk, slack)
    assert "1 opened; 2 messages sent, 0 waiting" == daemon.tick()
    assert "1 opened; open: 1 all who are due were told; 2 messages sent, 0 waiting" == daemon.tick()
