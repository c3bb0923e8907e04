"""Slack, spoken to over a real socket."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from slack_sdk import WebClient

from oncall_assets.notify.blockkit import blocks, fallback
from oncall_assets.notify.channel import DeliveryError
from oncall_assets.notify.message import Message
from oncall_assets.notify.slack import Slack
from oncall_assets_tests.notify.pages import ACKNOWLEDGED, FULL, HANDOFF, RESOLVED, STORM
from oncall_assets_tests.slack_server import SlackServer, slack_server
from oncall_assets_tests.smtp_server import certificate

TOKEN = "xoxb-s3cret"
ADDRESSES = {"alice": "U01ALICE", "infrastructure": "C07INFRA"}

ESCALATED = FULL.model_copy(update={"telling": "escalated", "id": "incident 12/1.2 everyone/alice"})


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with slack_server() as running:
        yield running


def _slack(url: str, timeout: float = 5) -> Slack:
    # The client takes fractions of a second, whatever its annotation says.
    client = WebClient(TOKEN, base_url=url, timeout=timeout, retry_handlers=[])  # type: ignore[arg-type]
    return Slack(client, ADDRESSES, investor_figures=True)


def refused(slack: Slack, message: Message = FULL, thread: str | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        slack.send(message, "alice", thread)
    return caught.value


def test_a_page_goes_to_the_engineers_member_id(server: SlackServer) -> None:
    receipt = _slack(server.url).send(FULL, "alice", None)
    (message,) = server.messages
    assert ["/api/chat.postMessage"] == server.paths
    assert [f"Bearer {TOKEN}"] == server.tokens
    assert ("U01ALICE", False) == (message["channel"], "thread_ts" in message)
    assert (fallback(FULL), blocks(FULL)) == (message["text"], message["blocks"])
    assert "D01ALICE:1790000000.000001" == receipt


def test_a_team_is_told_in_its_channel(server: SlackServer) -> None:
    receipt = _slack(server.url).send(FULL, "infrastructure", None)
    assert ["C07INFRA"] == [message["channel"] for message in server.messages]
    assert "C07INFRA:1790000000.000001" == receipt


@pytest.mark.parametrize("message", [FULL, ACKNOWLEDGED, RESOLVED, HANDOFF, STORM])
def test_every_kind_of_message_is_taken_and_arrives(server: SlackServer, message: Message) -> None:
    slack = _slack(server.url)
    assert slack.takes(message)
    slack.send(message, "alice", None)
    assert [blocks(message)] == [one["blocks"] for one in server.messages]


@pytest.mark.parametrize(
    ("message", "seen_outside"), [(ESCALATED, True), (RESOLVED, False), (ACKNOWLEDGED, False)]
)
def test_what_follows_is_a_reply_and_a_page_among_it_is_seen_outside_the_thread(
    server: SlackServer, message: Message, seen_outside: bool
) -> None:
    slack = _slack(server.url)
    slack.send(message, "alice", slack.send(FULL, "alice", None))
    reply = server.messages[1]
    assert ("D01ALICE", "1790000000.000001") == (reply["channel"], reply["thread_ts"])
    assert seen_outside == reply["reply_broadcast"]


@pytest.mark.parametrize(
    "error", ["thread_not_found", "message_not_found", "channel_not_found", "cannot_reply_to_message"]
)
def test_a_thread_that_is_gone_does_not_keep_a_message_from_the_person(server: SlackServer, error: str) -> None:
    slack = _slack(server.url)
    thread = slack.send(FULL, "alice", None)
    server.lost_threads.add("1790000000.000001")
    server.lost = error
    assert "D01ALICE:1790000000.000002" == slack.send(RESOLVED, "alice", thread)
    assert ["U01ALICE", "D01ALICE", "U01ALICE"] == [message["channel"] for message in server.messages]
    assert "thread_ts" not in server.messages[2]


def test_another_refusal_of_a_reply_is_not_tried_without_the_thread(server: SlackServer) -> None:
    server.lost_threads.add("1.0")
    server.lost = "invalid_auth"
    assert refused(_slack(server.url), RESOLVED, "D01ALICE:1.0").permanent
    assert 1 == len(server.messages)


def test_a_person_who_is_gone_too_is_refused_after_one_more_try(server: SlackServer) -> None:
    server.answer = "channel_not_found"
    assert refused(_slack(server.url), RESOLVED, "D01ALICE:1.0").permanent
    assert 2 == len(server.messages)


@pytest.mark.parametrize("answer", ["429", "503", "html", "ratelimited", "service_unavailable"])
def test_a_passing_trouble_is_temporary(server: SlackServer, answer: str) -> None:
    server.answer = answer
    error = refused(_slack(server.url))
    assert (False, False) == (error.permanent, error.in_doubt)
    assert 1 == len(server.messages)


@pytest.mark.parametrize("answer", ["cut", "hang up", "500", "internal_error", "fatal_error"])
def test_where_slack_may_have_the_message_it_is_in_doubt(server: SlackServer, answer: str) -> None:
    server.answer = answer
    error = refused(_slack(server.url))
    assert (False, True) == (error.permanent, error.in_doubt)
    assert 1 == len(server.messages)


def test_silence_is_temporary_and_in_doubt(server: SlackServer) -> None:
    server.answer = "never"
    error = refused(_slack(server.url, timeout=0.2))
    assert (False, True) == (error.permanent, error.in_doubt)


def test_a_refused_connection_is_temporary_and_not_in_doubt() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = refused(_slack(f"http://127.0.0.1:{port}/api/"))
    assert (False, False, None) == (error.permanent, error.in_doubt, error.retry_after)


def test_slack_is_spoken_to_only_where_its_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slack_server(certificate(tmp_path)) as server:
        error = refused(_slack(server.url))
        assert (True, False, []) == (error.permanent, error.in_doubt, server.messages)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        _slack(server.url).send(FULL, "alice", None)
        assert 1 == len(server.messages)


def test_a_name_that_nobody_knows_is_temporary_and_not_in_doubt() -> None:
    error = refused(_slack("http://slack.invalid/api/"))
    assert (False, False) == (error.permanent, error.in_doubt)


@pytest.mark.parametrize(("header", "wait"), [("30", timedelta(seconds=30)), ("soon", None), ("", None)])
def test_slack_is_left_alone_for_as_long_as_it_asks(
    server: SlackServer, header: str, wait: timedelta | None
) -> None:
    server.answer, server.retry_after = "429", header
    assert wait == refused(_slack(server.url)).retry_after


@pytest.mark.parametrize(
    "answer", ["invalid_auth", "channel_not_found", "account_inactive", "invalid_blocks", "thread_not_found"]
)
def test_what_slack_refuses_is_permanent(server: SlackServer, answer: str) -> None:
    server.answer = answer
    error = refused(_slack(server.url))
    assert (True, False) == (error.permanent, error.in_doubt)
    assert f"Slack answered 200: {answer}" == str(error)
    assert 1 == len(server.messages)


def test_an_address_where_slack_is_not_is_permanent(server: SlackServer) -> None:
    server.answer = "404"
    assert refused(_slack(server.url)).permanent


@pytest.mark.parametrize("answer", ["invalid_auth", "429", "500", "html", "cut", "hang up", "404"])
def test_the_token_never_gets_into_an_error_or_a_log(
    server: SlackServer, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer = answer
    with caplog.at_level(logging.DEBUG):
        error = refused(_slack(server.url))
    assert [f"Bearer {TOKEN}"] == server.tokens
    assert TOKEN not in f"{error}{error!r}{error.__cause__}{error.__cause__!r}{caplog.text}"


def test_an_engineer_without_a_member_id_is_not_reached(server: SlackServer) -> None:
    slack = _slack(server.url)
    assert not slack.reaches("bob")
    with pytest.raises(DeliveryError, match=r"bob has no Slack member id in team\.yaml") as caught:
        slack.send(FULL, "bob", None)
    assert caught.value.permanent
    assert [] == server.messages
