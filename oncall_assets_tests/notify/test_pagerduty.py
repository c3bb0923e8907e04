"""PagerDuty, spoken to over a real socket by a server that checks each event as PagerDuty does."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.handbook.team import Severity
from oncall_assets.notify.channel import DeliveryError
from oncall_assets.notify.message import Message, marked
from oncall_assets.notify.pagerduty import PagerDuty
from oncall_assets_tests.notify.pages import ACKNOWLEDGED, FULL, HANDOFF, RESOLVED, STORM
from oncall_assets_tests.pagerduty_server import Answer, PagerDutyServer, faults, pagerduty_server
from oncall_assets_tests.smtp_server import certificate

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def server() -> Iterator[PagerDutyServer]:
    with pagerduty_server() as running:
        yield running


def channel(server: PagerDutyServer, key: str = KEY, timeout: float = 5) -> PagerDuty:
    return PagerDuty(f"{server.url}/", {"alice": key}, timeout=timeout, investor_figures=True)


def refused(pagerduty: PagerDuty, message: Message = FULL) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        pagerduty.send(message, "alice", None)
    return caught.value


def test_a_page_opens_an_alert_an_acknowledgement_answers_it_and_a_resolution_closes_it(
    server: PagerDutyServer,
) -> None:
    pagerduty = channel(server)
    states = []
    for message in (FULL, ACKNOWLEDGED, RESOLVED):
        pagerduty.send(message, "alice", None)
        states.append(dict(server.alerts))
    alert = (KEY, FULL.dedup)
    assert [{alert: "triggered"}, {alert: "acknowledged"}, {alert: "resolved"}] == states
    assert ["/v2/enqueue"] * 3 == server.paths


def test_the_event_tells_what_the_page_tells(server: PagerDutyServer) -> None:
    channel(server).send(marked(FULL, possible_repeat=True, late=timedelta(minutes=47)), "alice", None)
    (event,) = server.events
    payload = event["payload"]
    assert (
        "[possible repeat: an earlier try may have arrived] [late: written 47 min ago] Incident 12: completeness"
        " failed on aggregate_profit. 71 of 100 rows of the accounting filing are there."
    ) == payload["summary"]
    assert ("aggregate_profit", "2026-10-04T03:12:00+00:00") == (payload["component"], payload["timestamp"])
    details = payload["custom_details"]
    assert "71 of 100 rows of the accounting filing are there.\nfailed 41 more times since" == details["Finding"]
    assert "Alice Johnson: the primary on call" == details["For"]
    assert details["Answer"].endswith("oncall ack 12")
    assert "3. Land the missing file again." in details["Runbook"].splitlines()
    assert [{"href": link.url, "text": link.title} for link in FULL.links] == event["links"]


@pytest.mark.parametrize(
    ("severity", "theirs"), [("critical", "critical"), ("major", "error"), ("minor", "warning")]
)
def test_each_severity_has_one_of_theirs(server: PagerDutyServer, severity: Severity, theirs: str) -> None:
    channel(server).send(FULL.model_copy(update={"severity": severity}), "alice", None)
    assert [theirs] == [event["payload"]["severity"] for event in server.events]


def test_a_repeat_changes_nothing_so_no_delivery_is_in_doubt(server: PagerDutyServer) -> None:
    pagerduty = channel(server)
    pagerduty.send(FULL, "alice", None)
    pagerduty.send(FULL, "alice", None)
    assert {(KEY, FULL.dedup): "triggered"} == server.alerts


@pytest.mark.parametrize("answer", ["429", "500", "html", "cut", "hang up"])
def test_a_passing_trouble_is_temporary_and_not_in_doubt(server: PagerDutyServer, answer: Answer) -> None:
    server.answer = answer
    error = refused(channel(server))
    assert (False, False) == (error.permanent, error.in_doubt)
    assert 1 == len(server.events)


def test_silence_is_temporary_and_not_in_doubt(server: PagerDutyServer) -> None:
    server.answer = "never"
    error = refused(channel(server, timeout=0.2))
    assert (False, False) == (error.permanent, error.in_doubt)


def test_a_refused_connection_is_temporary() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = refused(PagerDuty(f"http://127.0.0.1:{port}", {"alice": KEY}))
    assert (False, False) == (error.permanent, error.in_doubt)


def test_pagerduty_is_spoken_to_only_where_its_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pagerduty_server(certificate(tmp_path)) as server:
        error = refused(channel(server))
        assert (True, False, []) == (error.permanent, error.in_doubt, server.events)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        channel(server).send(FULL, "alice", None)
        assert 1 == len(server.events)


def test_a_summary_is_as_long_as_it_may_be(server: PagerDutyServer) -> None:
    channel(server).send(FULL.model_copy(update={"finding": "word" * 999}), "alice", None)
    assert [1024] == [len(event["payload"]["summary"]) for event in server.events]


@pytest.mark.parametrize(
    ("header", "wait"),
    [("30", timedelta(seconds=30)), (None, None), ("soon", None), ("9" * 40, timedelta(hours=1)), ("-1", None)],
)
def test_it_is_left_alone_for_as_long_as_it_asks_one_hour_at_most(
    server: PagerDutyServer, header: str | None, wait: timedelta | None
) -> None:
    server.answer, server.retry_after = "429", header
    assert wait == refused(channel(server)).retry_after


@pytest.mark.parametrize("answer", ["400", "404", "redirect"])
def test_what_pagerduty_refuses_is_permanent(server: PagerDutyServer, answer: Answer) -> None:
    server.answer = answer
    assert refused(channel(server)).permanent
    assert ["/v2/enqueue"] == server.paths


@pytest.mark.parametrize("key", ["tooshort", KEY])
@pytest.mark.parametrize("answer", ["400", "429", "500"])
def test_the_routing_key_never_gets_into_an_error(server: PagerDutyServer, key: str, answer: Answer) -> None:
    server.answer = answer
    error = refused(channel(server, key))
    assert server.events[0]["routing_key"] == key
    assert key not in f"{error}{error!r}{error.__cause__!r}"


def test_only_incidents_ring_a_phone(server: PagerDutyServer) -> None:
    pagerduty = channel(server)
    taken = [pagerduty.takes(one) for one in (FULL, ACKNOWLEDGED, RESOLVED, HANDOFF, STORM)]
    assert [True, True, True, False, False] == taken
    assert refused(pagerduty, HANDOFF).permanent
    assert [] == server.events


def test_somebody_without_a_key_is_not_reached(server: PagerDutyServer) -> None:
    pagerduty = channel(server)
    assert (True, False) == (pagerduty.reaches("alice"), pagerduty.reaches("bob"))
    with pytest.raises(DeliveryError, match="bob has no PagerDuty routing key") as caught:
        pagerduty.send(FULL, "bob", None)
    assert caught.value.permanent


@given(st.text(max_size=3000), st.text(max_size=3000))
@settings(max_examples=100, deadline=None)
def test_no_text_makes_an_event_that_pagerduty_would_refuse(title: str, finding: str) -> None:
    with pagerduty_server() as server:
        page = FULL.model_copy(
            update={"title": title, "finding": finding, "sample": finding * 9, "what": f"x{title}"}
        )
        channel(server).send(page, "alice", None)
        assert [[]] == [faults(event) for event in server.events]
        assert len(str(server.events)) < 100_000
