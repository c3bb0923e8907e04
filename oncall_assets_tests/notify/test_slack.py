"""Slack, spoken to over a real socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient

from oncall_assets.notify.channel import DeliveryError
from oncall_assets.notify.message import Page
from oncall_assets.notify.slack import Slack, blocks, escape, fallback
from oncall_assets_tests.notify.pages import FULL
from oncall_assets_tests.slack_server import SlackServer, slack_server

MEMBERS = {"alice": "U01ALICE"}


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with slack_server() as running:
        yield running


def _slack(url: str, timeout: float = 5) -> Slack:
    # The client takes fractions of a second, whatever its annotation says.
    return Slack(WebClient("xoxb-test", base_url=url, timeout=timeout, retry_handlers=[]), MEMBERS)  # type: ignore[arg-type]


def _texts(page: Page) -> list[str]:
    parts = blocks(page)
    return [(part.get("text") or part["elements"][0])["text"] for part in parts]


def test_a_page_goes_to_the_engineers_member_id(server: SlackServer) -> None:
    _slack(server.url).send(FULL, "alice")
    (message,) = server.messages
    assert ["/api/chat.postMessage"] == server.paths
    assert ["Bearer xoxb-test"] == server.tokens
    assert "U01ALICE" == message["channel"]
    assert fallback(FULL) == message["text"]
    assert blocks(FULL) == message["blocks"]


def test_the_message_tells_what_the_page_tells() -> None:
    whole = "\n".join(_texts(FULL))
    for part in (
        "CRITICAL · completeness failed on aggregate_profit", "71 of 100 rows", "at least 0.99", "0.71", "r-17",
        "Alice Johnson (turn 40", "*Secondary* Bob Smith", "investor_report (INVESTOR FIGURES)",
        "Bob Smith, Alice",
        "3. Land the missing file again.", "<http://127.0.0.1:3000/runs/5f0c|Run>", "within 4 h", "Incident 12",
        "2026-10-03",
    ):  # fmt: skip
        assert part in whole


@pytest.mark.parametrize("answer", ["429", "500", "html", "cut", "hang up", "internal_error", "ratelimited"])
def test_a_passing_trouble_is_temporary(server: SlackServer, answer: str) -> None:
    server.answer = answer
    with pytest.raises(DeliveryError) as caught:
        _slack(server.url).send(FULL, "alice")
    assert not caught.value.permanent
    assert 1 == len(server.messages)


def test_silence_is_temporary(server: SlackServer) -> None:
    server.answer = "never"
    with pytest.raises(DeliveryError) as caught:
        _slack(server.url, timeout=0.2).send(FULL, "alice")
    assert not caught.value.permanent


def test_a_refused_connection_is_temporary() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DeliveryError) as caught:
        _slack(f"http://127.0.0.1:{port}/api/").send(FULL, "alice")
    assert not caught.value.permanent


@pytest.mark.parametrize("answer", ["invalid_auth", "channel_not_found", "account_inactive", "invalid_blocks"])
def test_what_slack_refuses_is_permanent(server: SlackServer, answer: str) -> None:
    server.answer = answer
    with pytest.raises(DeliveryError, match=f"Slack answered 200: {answer}") as caught:
        _slack(server.url).send(FULL, "alice")
    assert caught.value.permanent


def test_an_engineer_without_a_member_id_is_not_reached(server: SlackServer) -> None:
    slack = _slack(server.url)
    assert not slack.reaches("bob")
    with pytest.raises(DeliveryError, match=r"bob has no Slack member id in team\.yaml") as caught:
        slack.send(FULL, "bob")
    assert caught.value.permanent
    assert [] == server.messages


def test_mentions_and_links_in_data_are_shown_and_not_followed() -> None:
    evil = "<!channel> <@U999> <http://evil.example|click> &lt;"
    page = FULL.model_copy(update={"finding": evil, "title": evil, "sample": f"```{evil}", "runbook": evil})
    wanted = "&lt;!channel&gt; &lt;@U999&gt; &lt;http://evil.example|click&gt; &amp;lt;"
    everything = json.dumps(blocks(page)) + fallback(page)
    assert "<!" not in everything
    assert "<@" not in everything
    assert "<http://evil" not in everything
    assert wanted in everything
    assert 2 == everything.count("```")


def test_no_part_is_longer_than_slack_takes() -> None:
    long = "<&>" * 4000
    page = FULL.model_copy(
        update={"finding": long, "title": long, "sample": long, "steps": (long,) * 9, "because": (long,),
                "what": long, "partition": long, "observed": long, "threshold": long, "owners": (long,) * 50,
                "not_computed": (long,) * 12, "key": long, "runbook": long}
    )  # fmt: skip
    header, *rest = _texts(page)
    assert len(header) <= 150
    assert all(len(text) <= 3000 for text in [*rest, fallback(page)])
    assert len(blocks(page)) <= 50


@given(st.text(max_size=60), st.integers(min_value=1, max_value=60))
def test_escaped_text_stays_within_its_limit_and_whole(text: str, limit: int) -> None:
    escaped = escape(text, limit)
    assert len(escaped) <= limit
    bare = escaped.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert set() == set(bare) & set("<>&")
