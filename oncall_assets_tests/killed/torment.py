"""Faults planted while a daemon is killed and its chat server misbehaves, and the account of what arrived.

`python -m oncall_assets_tests.killed.torment KILLS [SEED]` is the long version of `test_never_lost`.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from oncall_assets_tests.incidents.company import handbook, report
from oncall_assets_tests.killed.daemon import Daemon, wait_for
from oncall_assets_tests.slack_server import Answer, Received, SlackServer, slack_server

_ANSWERS: Sequence[Answer] = ("ok", "ok", "429", "500", "never", "cut")

# Slack has refused these for certain; whatever else it answered, the message may be on somebody's screen.
_REFUSED = ("429",)
_MARK = "possible repeat"


@dataclass
class Account:
    """What was planted, how often each fault arrived, and which of the repeats said nothing of being one."""

    planted: list[str] = field(default_factory=list)
    kills: int = 0
    arrived: dict[str, list[Received]] = field(default_factory=lambda: defaultdict(list))

    @property
    def lost(self) -> list[str]:
        return [name for name in self.planted if not self.arrived[name]]

    @property
    def unmarked(self) -> list[str]:
        """Faults that arrived more than once and not as a possible repeat."""
        return [name for name, all_of in self.arrived.items() if any(not _is_marked(one) for one in all_of[1:])]

    def __str__(self) -> str:
        again = sum(len(all_of) - 1 for all_of in self.arrived.values() if all_of)
        return (
            f"{self.kills} kills, {len(self.planted)} faults: {len(self.lost)} lost, {again} repeats, "
            f"{len(self.unmarked)} of them unmarked"
        )


def torment(folder: Path, ledger: str, slack: SlackServer, kills: int, daemons: int, seed: int) -> Account:
    """Kill `daemons` at once, `kills` times in all, at random instants; then let one work in peace.

    `folder` holds an empty Dagster home, `dagster`.
    """
    chance, home = random.Random(seed), folder / "dagster"
    watchers = [_daemon(folder, home, ledger, slack, number) for number in range(daemons)]
    account = Account()
    with dg.DagsterInstance.from_config(str(home)) as instance, _at_last_killed(watchers):
        _watching(instance, watchers[0])
        while account.kills < kills:
            slack.answer = chance.choice(_ANSWERS)
            for watcher in watchers:
                watcher.start()
            before = len(slack.received)
            _plant(instance, account, chance.randint(1, 3))
            # From the first sign of life on, every instant is as good as another.
            _wait_a_little(lambda: len(slack.received) > before, chance.uniform(2, 9))  # noqa: B023
            time.sleep(chance.uniform(0, 0.6))
            _plant(instance, account, 1)
            time.sleep(chance.uniform(0, 0.6))
            for watcher in watchers:
                watcher.kill()
                account.kills += 1
        slack.answer = "ok"
        watchers[0].start()
        wait_for("every fault", lambda: _all_arrived(account, slack), watchers[0].said, 240)
    return account


def _daemon(folder: Path, home: Path, ledger: str, slack: SlackServer, number: int) -> Daemon:
    book = folder / f"handbook {number}"
    handbook(book, f"{{slack: {{base_url: '{slack.url}'}}}}")
    with (book / "team.yaml").open("a") as team:
        # A digest would hide how often each fault arrives.
        team.write("limits: {messages: 100000, within: 1m}\n")
    made = Daemon(home, folder / f"state {number}", book, ledger)
    made.prepare()
    return made


def _watching(instance: dg.DagsterInstance, daemon: Daemon) -> None:
    """Until the pager has a cursor, what happens is history."""
    daemon.start()
    wait_for("the pager's first cursor", lambda: _cursor(instance), daemon.said)
    daemon.kill()


def _cursor(instance: dg.DagsterInstance) -> str | None:
    states = [state for state in instance.all_instigator_state() if state.instigator_name == "oncall_pager"]
    data = states[0].instigator_data if states else None
    return getattr(data, "cursor", None)


def _plant(instance: dg.DagsterInstance, account: Account, count: int) -> None:
    for _ in range(count):
        name = f"planted_{len(account.planted):04}"
        report(instance, name, "complete")
        account.planted.append(name)


def _wait_a_little(found: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not found():
        time.sleep(0.02)


def _all_arrived(account: Account, slack: SlackServer) -> bool:
    account.arrived = defaultdict(list)
    for one in list(slack.received):
        if one.answer not in _REFUSED:
            for name in account.planted:
                if f"failed on {name}" in str(one.message["text"]):
                    account.arrived[name].append(one)
    return not account.lost


def _is_marked(one: Received) -> bool:
    return _MARK in json.dumps(one.message)


@contextmanager
def _at_last_killed(watchers: Sequence[Daemon]) -> Iterator[None]:
    try:
        yield
    finally:
        for watcher in watchers:
            watcher.kill()


def main(kills: int, seed: int) -> None:
    """Prints the account."""
    folder = Path(tempfile.mkdtemp())
    (folder / "dagster").mkdir()
    with slack_server() as slack:
        print(torment(folder, f"sqlite:///{folder / 'ledger.sqlite'}", slack, kills, 1, seed))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
