"""Whom the watchdog tells, over what, and what it makes of a channel's refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from oncall_assets.handbook import load_handbook
from oncall_assets.incidents.audits.alarm import Alarm
from oncall_assets.incidents.audits.memory import Known, Told
from oncall_assets.incidents.audits.words import Words
from oncall_assets.notify.channel import DeliveryError
from oncall_assets.notify.message import Message, Page
from oncall_assets.rota import Rota
from oncall_assets_tests.incidents.audits.world import NOW
from oncall_assets_tests.incidents.company import handbook

CHANNELS = "{slack: {base_url: 'http://127.0.0.1:9/'}, email: {host: mail.example.com, sender: o@example.com}}"


@dataclass
class Post:
    """A channel that keeps what it took, and raises `trouble` for those in `deaf`."""

    name: str
    deaf: frozenset[str] = frozenset()
    trouble: Exception = field(default_factory=lambda: DeliveryError("down", permanent=False))
    people: frozenset[str] = frozenset({"ann", "ben", "cat"})
    tried: list[str] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    threads: list[str | None] = field(default_factory=list)

    def reaches(self, person: str) -> bool:
        return person in self.people

    def takes(self, message: Message) -> bool:  # noqa: ARG002 - takes everything
        return True

    def send(self, message: Message, person: str, thread: str | None) -> str | None:
        self.tried.append(person)
        if person in self.deaf:
            raise self.trouble
        self.sent.append(message)
        self.threads.append(thread)
        return f"{self.name} {person}"


@dataclass
class Desk:
    """An alarm over some posts, for a team of Ann (on call), Ben (second), Cat, and Dan, who left."""

    folder: Path
    printed: list[Page] = field(default_factory=list)

    def alarm(self, *posts: Post, via: str = "") -> Alarm:
        handbook(self.folder, CHANNELS)
        team = self.folder / "team.yaml"
        more = "".join(
            f"  {key}: {{name: {name}, email: {key}@example.com, region: IN, timezone: Asia/Kolkata{left}}}\n"
            for key, name, left in (("cat", "Cat Cole", ""), ("dan", "Dan Dow", ", left: 2026-01-06"))
        )
        text = team.read_text().replace("pipelines:\n", f"{more}pipelines:\n", 1)
        team.write_text(
            text.replace("critical: {respond: 1h, resolve: 4h", f"critical: {{respond: 1h, resolve: 4h{via}")
        )
        book = load_handbook(self.folder, frozenset())
        rota = Rota(book)
        return Alarm(book, rota, posts, Words(book, rota, "http://dagster.example"), self.printed.append)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "handbook")


def known(*told: Told) -> Known:
    paged = NOW - timedelta(hours=1) if told else None
    return Known(
        title="The web is down", detail="No answer.", since=NOW - timedelta(hours=1), paged_at=paged, told=told
    )


def test_the_primary_is_told_over_every_channel_that_reaches_them(desk: Desk) -> None:
    slack, email = Post("slack"), Post("email")
    outcome = desk.alarm(slack, email).page("web", known(), ("more",), False, NOW)
    assert (["ann"], ["ann"]) == (slack.tried, email.tried)
    expected = [Told(person="ann", channel=name, receipt=f"{name} ann") for name in ("slack", "email")]
    assert expected == outcome.told
    assert [] == outcome.troubles
    (page,) = desk.printed
    assert ("critical", 0, "opened", ("more",), ()) == (
        page.severity, page.incident, page.telling, page.others, page.marks,
    )  # fmt: skip
    assert page.dedup.startswith("watch web ")


def test_one_channel_that_works_is_enough(desk: Desk) -> None:
    slack, email = Post("slack", frozenset({"ann"})), Post("email")
    outcome = desk.alarm(slack, email).page("web", known(), (), False, NOW)
    assert [("ann", "email")] == [(one.person, one.channel) for one in outcome.told]
    assert ["slack did not reach ann: down"] == outcome.troubles


def test_a_channel_that_was_not_chosen_for_critical_pages_is_the_second_choice(desk: Desk) -> None:
    slack, email = Post("slack"), Post("email")
    desk.alarm(slack, email, via=", via: [email]").page("web", known(), (), False, NOW)
    assert ([], ["ann"]) == (slack.tried, email.tried)
    slack, email = Post("slack"), Post("email", frozenset({"ann"}))
    outcome = desk.alarm(slack, email, via=", via: [email]").page("web", known(), (), False, NOW)
    assert [("ann", "slack")] == [(one.person, one.channel) for one in outcome.told]


def test_who_is_not_reached_is_followed_by_the_secondary_and_then_by_everyone_who_has_not_left(desk: Desk) -> None:
    slack = Post("slack", frozenset({"ann"}))
    outcome = desk.alarm(slack).page("web", known(), (), False, NOW)
    assert (["ann", "ben"], ["ben"]) == (slack.tried, [one.person for one in outcome.told])
    assert ["Ann Archer"] == [page.to.name for page in desk.printed], "the console has it once"
    slack = Post("slack", frozenset({"ann", "ben"}), people=frozenset({"ann", "ben", "cat", "dan"}))
    outcome = desk.alarm(slack).page("web", known(), (), False, NOW)
    assert ["ann", "ben", "cat"] == slack.tried
    assert ["cat"] == [one.person for one in outcome.told]


def test_a_person_without_an_address_counts_as_not_reached(desk: Desk) -> None:
    slack = Post("slack", people=frozenset({"ben"}))
    outcome = desk.alarm(slack).page("web", known(), (), False, NOW)
    assert (["ben"], ["no channel has an address of ann"]) == (slack.tried, outcome.troubles)


def test_a_reminder_goes_to_primary_and_secondary_in_the_same_thread(desk: Desk) -> None:
    slack = Post("slack")
    before = known(Told(person="ann", channel="slack", receipt="first"))
    outcome = desk.alarm(slack).page("web", before, (), False, NOW)
    assert ["ann", "ben"] == slack.tried
    assert ["first", None] == slack.threads
    assert ["first", "slack ben"] == [one.receipt for one in outcome.told]
    page = slack.sent[0]
    assert isinstance(page, Page)
    assert "reminded" == page.telling
    assert "for 1 h" in page.why


def test_a_channel_that_breaks_or_may_have_delivered_leaves_a_doubt(desk: Desk) -> None:
    for trouble in (ValueError("broken"), DeliveryError("cut", permanent=False, in_doubt=True)):
        slack = Post("slack", frozenset({"ann", "ben", "cat"}), trouble)
        outcome = desk.alarm(slack).page("web", known(), (), False, NOW)
        assert (True, []) == (outcome.doubtful, outcome.told)
        assert 3 == len(outcome.troubles)
    slack = Post("slack", frozenset({"ann", "ben", "cat"}))
    assert not desk.alarm(slack).page("web", known(), (), False, NOW).doubtful


def test_what_is_sent_again_has_the_same_id_and_a_mark(desk: Desk) -> None:
    slack, begun = Post("slack"), known()
    begun.begun_at = NOW
    alarm = desk.alarm(slack)
    alarm.page("web", begun, (), False, NOW)
    alarm.page("web", begun, (), True, NOW + timedelta(minutes=1))
    first, again = slack.sent
    assert first.id == again.id
    assert ((), ("possible repeat",)) == (first.marks, again.marks)


def test_that_it_is_over_is_told_to_those_who_can_still_be_told(desk: Desk) -> None:
    slack = Post("slack", frozenset({"ben"}), people=frozenset({"ann", "ben"}))
    told = [Told(person=person, channel="slack", receipt=f"thread {person}") for person in ("ann", "ben", "gone")]
    told.append(Told(person="ann", channel="pigeon"))
    over = known(*told)
    over.over_at = NOW
    outcome = desk.alarm(slack).over("web", over, NOW)
    assert [("ann", "slack"), ("gone", "slack"), ("ann", "pigeon")] == [
        (one.person, one.channel) for one in outcome.told
    ]
    assert ["thread ann"] == slack.threads
    slack.trouble = DeliveryError("no such member", permanent=True)
    assert 4 == len(desk.alarm(slack).over("web", over, NOW).told), "what is refused for good is not tried again"
