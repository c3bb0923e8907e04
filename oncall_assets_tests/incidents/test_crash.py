"""Nothing is lost when the pager is killed, and nobody is told twice when two run by mistake."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import dagster as dg
import pytest

from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.tick import Round
from oncall_assets.notify.blockkit import fallback
from oncall_assets.notify.console import Console
from oncall_assets_tests.incidents.company import report
from oncall_assets_tests.incidents.conftest import Watch, opened
from oncall_assets_tests.slack_server import SlackServer

Rows = Callable[[str, str], list[tuple[object, ...]]]
# Nobody knows them, so that nothing makes one the cause of another.
ASSETS = ("bonds", "rents", "taxes")


@contextmanager
def _tick(home: Path, ledger: str, slack: str, cursor: str, dies: str = "no") -> Iterator[subprocess.Popen[str]]:
    """A process that is ready to tick as soon as it gets a line."""
    script = [sys.executable, "-m", "oncall_assets_tests.incidents.one_tick"]
    arguments = [str(home), str(home.parent / "handbook"), ledger, slack, cursor, dies]
    process = subprocess.Popen(
        [*script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert "ready\n" == process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def _failures(instance: dg.DagsterInstance) -> None:
    for asset in ASSETS:
        report(instance, asset, "complete")


@pytest.mark.parametrize(
    ("ledger_url", "dies"),
    [("sqlite", "deciding"), ("sqlite", "telling"), ("sqlite", "asking"), ("postgresql", "asking")],
    indirect=["ledger_url"],
)
def test_a_kill_at_any_step_loses_no_page(
    on_disk: dg.DagsterInstance,
    dagster_home: Path,
    tmp_path: Path,
    ledger_url: str,
    slack: SlackServer,
    rows: Rows,
    dies: str,
) -> None:
    with opened(on_disk, ledger_url, tmp_path, "slack") as watch:
        first = watch.tick()
        _failures(on_disk)
        with _tick(dagster_home, ledger_url, slack.url, first.cursor, dies) as process:
            if dies == "asking":
                # The request has arrived, and no answer ever will.
                slack.on_request = lambda: os.kill(process.pid, signal.SIGKILL)
            _go(process)
            assert -signal.SIGKILL == process.wait(timeout=50)
        assert [(0 if dies == "deciding" else 3,)] == rows(ledger_url, "SELECT count(*) FROM decisions")
        assert [] == rows(ledger_url, "SELECT id FROM outbox WHERE state <> 'pending'")
        slack.on_request = lambda: None
        watch.tick()
        # The page whose fate is unknown is anybody's once the dead process's claim is over.
        watch.tick(after=timedelta(seconds=31))
        watch.tick(after=timedelta(seconds=31))
        assert {f"complete failed on {asset}" for asset in ASSETS} == {page.title for page in watch.post.pages}
        assert 3 == len(watch.post.pages)
        assert [(3,)] == rows(ledger_url, "SELECT count(*) FROM incidents")
        assert [(3,)] == rows(ledger_url, "SELECT count(*) FROM outbox WHERE state = 'sent'")


class Meeting(Ledger):
    """A ledger whose readers wait for each other before any of them decides."""

    barrier = Barrier(2)

    def unknown(self, signal_ids: Iterable[str]) -> set[str]:
        found = super().unknown(signal_ids)
        self.barrier.wait()
        return found


def rounds_of(old: Round, ledger: Ledger, watch: Watch) -> Round:
    """The same round on a ledger of its own."""
    console = Console(watch.console.append)
    courier = Courier(ledger, [watch.post], console, old.desk.handbook.team.limits)
    return replace(old, ledger=ledger, courier=courier, teller=Teller(ledger, [watch.post], console))


def test_two_ticks_that_read_the_same_faults_decide_them_once(
    on_disk: dg.DagsterInstance, tmp_path: Path, ledger_url: str, rows: Rows
) -> None:
    with opened(on_disk, ledger_url, tmp_path) as watch:
        first = watch.tick()
        _failures(on_disk)
        old = watch.round

        def tick(_: int) -> int:
            with Meeting(ledger_url) as ledger:
                return len(rounds_of(old, ledger, watch).tick(first.cursor, watch.now).opened)

        with ThreadPoolExecutor(2) as pool:
            assert [0, 3] == sorted(pool.map(tick, range(2)))
        assert 3 == len(watch.post.pages)
    assert [(3,)] == rows(ledger_url, "SELECT count(*) FROM decisions")


def test_two_pagers_at_once_tell_each_fault_once(
    on_disk: dg.DagsterInstance,
    dagster_home: Path,
    tmp_path: Path,
    ledger_url: str,
    slack: SlackServer,
    rows: Rows,
) -> None:
    with opened(on_disk, ledger_url, tmp_path, "slack") as watch:
        watch.tick()
        for _ in range(4):
            _failures(on_disk)
        with _tick(dagster_home, ledger_url, slack.url, watch.cursor or "") as process:
            _go(process)
            watch.tick()
            assert 0 == process.wait(timeout=50)
        told = [message["text"] for message in slack.messages] + [fallback(page) for page in watch.post.pages]
    assert (3, 3) == (len(told), len(set(told)))
    counted = "SELECT reason, count(*) FROM decisions GROUP BY reason ORDER BY reason"
    assert [("opened", 3), ("repeated", 9)] == rows(ledger_url, counted)
    assert [(3,)] * 3 == rows(ledger_url, "SELECT repeats FROM incidents")
