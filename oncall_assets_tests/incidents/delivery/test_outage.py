"""An hour without chat, a killed process, two daemons at once: all arrives, and once where nothing fails."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from slack_sdk import WebClient

from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.delivery.slack_resource import SlackAt
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.notify.console import Console
from oncall_assets.notify.slack import Slack
from oncall_assets_tests.incidents.delivery.posting import NOW, PATIENCE, UNLIMITED, Post, courier, page, put
from oncall_assets_tests.slack_server import SlackServer, slack_server

ROUND = timedelta(seconds=15)
HOUR = 240
REPEAT = "possible repeat"


def _client(server: SlackServer) -> WebClient:
    return SlackAt(token="xoxb-test", base_url=server.url).get_client()


def _told(server: SlackServer) -> list[int]:
    """The incidents that Slack was told of, in order."""
    found = (re.search(r"[Ii]ncident (\d+)", message["text"]) for message in server.messages)
    return [int(one[1]) for one in found if one]


def _marked(server: SlackServer, mark: str) -> list[int]:
    marked = [mark in str(message) for message in server.messages]
    return [number for number, is_marked in zip(_told(server), marked, strict=True) if is_marked]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        yield opened


@pytest.mark.parametrize("outage", ["500", "503", "429", "hang up", "cut", "refused"])
def test_after_an_hour_without_chat_all_arrive_once_oldest_first_and_the_late_ones_marked(
    ledger: Ledger, slack: SlackServer, outage: str
) -> None:
    client = _client(slack)
    there = client.base_url
    if outage == "refused":
        with slack_server() as gone:
            nowhere = gone.url
        client.base_url = nowhere
    elif outage == "503":
        slack.answer = "service_unavailable"
    else:
        slack.answer = outage
    carrier = Courier(ledger, [Slack(client, {"ann": "U01ANN", "ben": "U02BEN"})], Post("console"), UNLIMITED)
    for number in range(HOUR):
        now = NOW + number * ROUND
        if number % 20 == 0:
            put(ledger, "slack", page(1 + number // 20, "ben" if number % 40 else "ann"), at=now)
        assert 0 == carrier.round(now, PATIENCE).sent
    # Not a request each round: the channel rests for longer and longer, or as long as Slack asks.
    assert outage == "429" or len(slack.messages) < 50
    slack.messages.clear()
    slack.answer, client.base_url = "ok", there
    for number in range(HOUR, HOUR + 21):
        carrier.round(NOW + number * ROUND, PATIENCE)
    assert list(range(1, 13)) == _told(slack)
    late = _marked(slack, "late: written ")
    assert list(range(1, 10)) == late[:9]
    assert ([], 0) == ([number for number in late if number > 11], ledger.waiting())
    doubtful = _marked(slack, REPEAT)
    assert ([1] if outage in {"500", "hang up", "cut"} else []) == doubtful[:1]


def test_an_outage_that_outlives_the_process_loses_nothing(ledger: Ledger, slack: SlackServer) -> None:
    put(ledger, "slack", *(page(number) for number in range(1, 6)))
    slack.answer = "service_unavailable"
    for number in range(HOUR):
        carrier = Courier(ledger, [Slack(_client(slack), {"ann": "U01ANN"})], Post("console"), UNLIMITED)
        carrier.round(NOW + number * ROUND, PATIENCE)
        carrier.close()
    slack.messages.clear()
    slack.answer = "ok"
    for number in range(HOUR, HOUR + 21):
        carrier = Courier(ledger, [Slack(_client(slack), {"ann": "U01ANN"})], Post("console"), UNLIMITED)
        carrier.round(NOW + number * ROUND, PATIENCE)
    assert [1, 2, 3, 4, 5] == _told(slack) == _marked(slack, "late: written 1 h")
    assert [] == _marked(slack, REPEAT)


def test_slack_refusing_its_token_leaves_the_page_to_the_console(ledger: Ledger, slack: SlackServer) -> None:
    printed: list[str] = []
    slack.answer = "invalid_auth"
    put(ledger, "slack", page(1))
    carrier = Courier(ledger, [Slack(_client(slack), {"ann": "U01ANN"})], Console(printed.append), UNLIMITED)
    delivered = carrier.round(NOW, PATIENCE)
    trouble = "slack to ann, incident 1: Slack answered 200: invalid_auth; goes to console instead"
    assert (1, 0, (trouble,)) == (delivered.sent, delivered.waiting, delivered.troubles)
    assert "INCIDENT 1" in printed[0]
    assert ["slack"] == [one.channel for one in ledger.refusals(NOW)]


def test_two_couriers_at_once_send_no_letter_twice(ledger_url: str) -> None:
    post = Post()
    both = Barrier(2)

    def run(_: int) -> int:
        with Ledger(ledger_url) as ledger:
            carrier = courier(ledger, post, Post("console"))
            both.wait(20)
            sent = carrier.round(NOW, timedelta(seconds=60)).sent
            carrier.close()
            return sent

    with Ledger(ledger_url) as ledger:
        put(ledger, "post", *(page(number) for number in range(1, 201)))
        with ThreadPoolExecutor(2) as pool:
            sent = list(pool.map(run, range(2)))
        assert (200, 0) == (sum(sent), ledger.waiting())
    assert dict.fromkeys(range(1, 201), 1) == Counter(post.numbers)
    assert [] == [message.marks for message in post.taken if message.marks]


def test_a_kill_in_the_middle_of_a_send_repeats_that_letter_alone_and_says_so(
    ledger_url: str, slack: SlackServer
) -> None:
    with Ledger(ledger_url) as ledger:
        put(ledger, "slack", *(page(number) for number in range(1, 5)))
        script = [
            sys.executable,
            "-m",
            "oncall_assets_tests.incidents.delivery.one_courier",
            ledger_url,
            slack.url,
        ]
        slack.on_request = lambda: os.kill(process.pid, signal.SIGKILL) if len(slack.messages) == 2 else None
        process = subprocess.Popen(script, cwd=Path(__file__).parents[3])
        assert -signal.SIGKILL == process.wait(timeout=50)
        slack.on_request = lambda: None
        carrier = Courier(ledger, [Slack(_client(slack), {"ann": "U01ANN"})], Post("console"), UNLIMITED)
        # While the dead process's claim holds, its letter is nobody else's.
        assert 2 == carrier.round(NOW + timedelta(seconds=1), PATIENCE).sent
        assert 1 == carrier.round(NOW + timedelta(seconds=60), PATIENCE).sent
        assert 0 == carrier.round(NOW + timedelta(seconds=120), PATIENCE).sent
    assert [1, 2, 3, 4, 2] == _told(slack)
    assert [2] == _marked(slack, REPEAT)
    assert REPEAT in str(slack.messages[-1])
