"""A prepared text goes to the stakeholders of the handbook, and a page to whoever else is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.handbook.audiences import Member, member_of
from oncall_assets.incidents.asked import Refused
from oncall_assets.notify.discreet import without_figures
from oncall_assets.notify.message import Notice, message_from
from oncall_assets_tests.incidents.actions.scene import NOTIFY, OPS, SECONDARY, by, doer, incident, story
from oncall_assets_tests.incidents.conftest import Watch
from oncall_assets_tests.smtp_server import SmtpServer, smtp_server

HOUR = timedelta(hours=1)
SENT = "2026-01-07 02:00 UTC"


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[SmtpServer]:
    with smtp_server(tmp_path, security="none") as server:
        yield server


@pytest.fixture
def watch(
    instance: dg.DagsterInstance,
    ledger_url: str,
    tmp_path: Path,
    mail: SmtpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Watch]:
    monkeypatch.delenv("ONCALL_SMTP_USER", raising=False)
    with incident(instance, ledger_url, tmp_path, mail.port) as made:
        mail.received.clear()
        yield made


def test_what_would_be_sent_is_told_word_for_word_and_nothing_is_sent(watch: Watch, mail: SmtpServer) -> None:
    stakeholders = "all@example.com (stakeholders), cfo@example.com (stakeholders)"
    assert (
        "#1, step 4 of profit: Re-run the day.",
        f"notify {stakeholders}, the metric owner of profit, Operations:",
        "  About profit, 2026-01-07",
        "  Profit of 2026-01-07 is late (incident 1, critical).",
        f"  Found: {watch.post.pages[0].finding} {{sic}}",
        "  From: Ann Archer, data",
        "  Incident: 1",
    ) == doer(watch).would(by("ann", NOTIFY), watch.now)
    watch.tick(HOUR / 4)
    assert [] == mail.received
    assert [] == story(watch, NOTIFY)


def test_the_prepared_text_reaches_each_recipient_by_mail_once_and_the_story_says_who_sent_it(
    watch: Watch, mail: SmtpServer
) -> None:
    said = doer(watch).do(by("ann", NOTIFY), watch.now)
    assert "The pager sends it at its next round." == said[-1]
    assert [] == mail.received
    watch.tick()
    watch.tick(HOUR / 4)
    assert [("all@example.com",), ("cfo@example.com",), ("f@example.com",), ("ops@example.com",)] == sorted(
        one.recipients for one in mail.received
    )
    first = mail.received[0].mail
    assert "About profit, 2026-01-07" == first["Subject"]
    body = first.get_body(("plain",))
    assert body is not None
    assert "Profit of 2026-01-07 is late (incident 1, critical)." in body.get_content()
    assert "From          Ann Archer, data" in body.get_content()
    ((who, text),) = story(watch, NOTIFY)
    assert "ann" == who
    assert text.startswith("notified all@example.com (stakeholders), cfo@example.com (stakeholders), the metric")
    assert "Profit of 2026-01-07 is late" in text
    reached = [(one.what, one.who) for one in watch.round.ledger.story(1) if one.text == "by email (step 4)"]
    assert {("notified", "audience.stakeholders.cfo@example.com"), ("notified", "ops")} <= set(reached)
    assert 4 == len(reached)


def test_a_prepared_text_that_quotes_a_finding_for_investors_has_another_one_for_chats(
    watch: Watch, mail: SmtpServer
) -> None:
    doer(watch).do(by("ann", NOTIFY), watch.now)
    notice = message_from(watch.round.ledger.pending(watch.now, "email")[0].message)
    assert isinstance(notice, Notice)
    assert ("", f"Found: {watch.post.pages[0].finding} {{sic}}") in notice.rows
    chat = without_figures(notice, "slack")
    assert isinstance(chat, Notice)
    assert ("", "Found: hidden here, as its figures go to investors {sic}") in chat.rows
    assert [row for row in notice.rows if "Found" not in row[1]] == [
        row for row in chat.rows if "Found" not in row[1]
    ]
    watch.tick()
    watch.tick(HOUR / 4)
    bodies = [part.get_content() for one in mail.received for part in one.mail.iter_parts()]
    assert [] == [body for body in bodies if "hidden here" in body]


def test_who_would_send_it_a_second_time_is_told_who_did_and_when(watch: Watch, mail: SmtpServer) -> None:
    doer(watch).do(by("ann", NOTIFY), watch.now)
    watch.tick()
    for act in (doer(watch).would, doer(watch).do):
        with pytest.raises(Refused, match=f"Ann Archer sent this at {SENT} already; ask for it with `again`"):
            act(by("ben", NOTIFY), watch.now + HOUR)
    doer(watch).do(by("ben", NOTIFY, again=True), watch.now + HOUR)
    watch.tick(HOUR / 4)
    assert 8 == len(mail.received)
    assert ["ann", "ben"] == [who for who, _ in story(watch, NOTIFY)]


def test_an_address_that_is_not_in_the_handbook_is_nobodys(watch: Watch) -> None:
    """Whatever stands in the ledger, only team.yaml has addresses."""
    (email,) = [channel for channel in watch.round.teller.channels if channel.name == "email"]
    team = watch.round.desk.handbook.team
    assert Member("stakeholders", "cfo@example.com") == member_of(team, "audience.stakeholders.cfo@example.com")
    assert email.reaches("audience.stakeholders.cfo@example.com")
    for key in ("audience.stakeholders.eve@example.org", "audience.investors.cfo@example.com", "cfo@example.com"):
        assert member_of(team, key) is None
        assert not email.reaches(key)


def test_the_secondary_owner_is_paged_now_and_not_a_second_time_by_the_escalation(watch: Watch) -> None:
    plan = doer(watch).would(by("ann", SECONDARY), watch.now)
    why = "Ann Archer asked for you, at step 2 of profit: Compare the filing."
    assert ("#1, step 2 of profit: Compare the filing.", f"page Cid Cole now: {why}") == plan
    doer(watch).do(by("ann", SECONDARY), watch.now)
    assert ["cid: escalated 1"] == watch.hears()
    page = watch.post.pages[-1]
    assert (why, "1.0 asked secondary") == (page.why, page.id.split("/")[1])
    assert [("ann", "asked for Cid Cole")] == story(watch, SECONDARY)
    told = [one for _ in range(4) for one in watch.hears(after=HOUR)]
    assert ["ben: escalated 1"] == [one for one in told if "escalated" in one]


def test_who_was_asked_for_is_not_asked_again_but_by_name(watch: Watch) -> None:
    doer(watch).do(by("ann", SECONDARY), watch.now)
    with pytest.raises(Refused, match=f"Cid Cole was paged already, asked for by Ann Archer at {SENT}"):
        doer(watch).do(by("ben", SECONDARY), watch.now)
    doer(watch).do(by("ben", SECONDARY, again=True), watch.now)
    assert ["cid: escalated 1", "cid: escalated 1"] == watch.hears()


def test_who_has_the_incident_is_nobody_to_escalate_to(watch: Watch) -> None:
    watch.round.ledger.acknowledge(1, "cid", watch.now)
    for who in ("ann", "cid"):
        with pytest.raises(Refused, match="there is nobody to escalate to: Cid Cole has it already"):
            doer(watch).do(by(who, SECONDARY, again=True), watch.now)


def test_who_was_told_by_the_escalation_is_not_told_anew(watch: Watch) -> None:
    watch.tick(4 * HOUR)
    with pytest.raises(Refused, match="Cid Cole was paged already; ask with `again`"):
        doer(watch).do(by("ann", SECONDARY), watch.now)


def test_another_team_is_paged_by_mail(watch: Watch, mail: SmtpServer) -> None:
    doer(watch).do(by("ben", OPS), watch.now)
    watch.tick()
    (received,) = [one for one in mail.received if one.recipients == ("ops@example.com",)]
    assert "[critical] Incident 1: complete failed on profit" == received.mail["Subject"]
    assert "Ben Baker asked for you" in received.mail.as_string()


def test_the_incident_stays_with_whoever_has_it(watch: Watch) -> None:
    watch.round.ledger.acknowledge(1, "ann", watch.now)
    doer(watch).do(by("ann", SECONDARY), watch.now)
    watch.tick()
    assert "ann" == watch.round.ledger.incident(1).acknowledged_by
