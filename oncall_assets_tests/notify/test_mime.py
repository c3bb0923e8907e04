"""E-mails as they leave: headers that nobody can forge, names that make threads, a body read as written."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oncall_assets.notify.html import as_html
from oncall_assets.notify.message import Link, Message, Page, Person, marked
from oncall_assets.notify.mime import compose, message_id
from oncall_assets_tests.notify.pages import ACKNOWLEDGED, ALICE, FULL, HANDOFF, RESOLVED, STORM

SENDER = "oncall@data.example.com"
ALLOWED = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
}  # fmt: skip


def received(message: Message, thread: str | None = None, sender: str = SENDER) -> EmailMessage:
    """The message as the recipient's program reads it."""
    mail = message_from_bytes(
        compose(message, sender, "alice@example.com", thread).as_bytes(), policy=policy.default
    )
    assert isinstance(mail, EmailMessage)
    return mail


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_the_headers_say_who_what_and_when_and_that_no_machine_should_answer() -> None:
    mail = received(FULL)
    assert f"oncall <{SENDER}>" == mail["From"]
    assert "Alice Johnson <alice@example.com>" == mail["To"]
    assert "[critical] Incident 12: completeness failed on aggregate_profit" == mail["Subject"]
    assert FULL.told_at == mail["Date"].datetime
    assert ("auto-generated", "All") == (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"])


def test_a_message_has_the_same_id_at_every_try_also_when_it_is_marked() -> None:
    again = marked(FULL, possible_repeat=True, late=timedelta(hours=2))
    assert received(FULL)["Message-ID"] == received(again, "<first@data.example.com>")["Message-ID"]
    assert message_id(FULL, SENDER) == received(FULL)["Message-ID"]


def test_messages_that_differ_have_different_ids() -> None:
    bob = Person(key="bob", name="Bob Smith", timezone="Europe/London")
    others: list[Message] = [
        RESOLVED, ACKNOWLEDGED, HANDOFF, STORM,
        FULL.model_copy(update={"to": bob}),
        FULL.model_copy(update={"dedup": "oncall-another-12"}),
        FULL.model_copy(update={"id": "incident 12/2.1 on_call.primary/alice"}),
    ]  # fmt: skip
    assert len(others) + 1 == len({message_id(one, SENDER) for one in (FULL, *others)})


def test_all_that_is_said_of_an_incident_to_one_person_is_one_thread() -> None:
    first = received(FULL)
    reply = received(RESOLVED, first["Message-ID"])
    root = first["References"]
    assert root == first["In-Reply-To"]
    assert first["Message-ID"] == reply["In-Reply-To"]
    assert f"{root} {first['Message-ID']}" == reply["References"]
    # Gmail threads by subject as well.
    assert f"Re: {first['Subject']}" == reply["Subject"]


def test_two_incidents_and_two_people_are_threads_of_their_own() -> None:
    bob = Person(key="bob", name="Bob Smith", timezone="Europe/London")
    roots = {
        received(FULL)["References"],
        received(FULL.model_copy(update={"to": bob}))["References"],
        received(FULL.model_copy(update={"dedup": "oncall-another-12"}))["References"],
    }
    assert 3 == len(roots)


def test_notices_and_digests_belong_to_no_thread() -> None:
    assert [None, None] == [received(HANDOFF)["References"], received(STORM)["In-Reply-To"]]


def test_ids_are_whole_however_long_the_senders_domain_is() -> None:
    mail = compose(FULL, f"oncall@{'a' * 60}.data.example.com", "alice@example.com", "<first@data.example.com>")
    raw = mail.as_bytes().decode("ascii").split("\r\n\r\n", 1)[0]
    assert "=?" not in raw
    assert message_id(FULL, f"oncall@{'a' * 60}.data.example.com") in raw
    assert max(len(line) for line in raw.split("\r\n")) < 100


@given(st.text(max_size=80), st.text(max_size=40))
@example("", "000000000000")
@settings(max_examples=150)
def test_no_title_and_no_name_adds_a_header_or_a_recipient(title: str, name: str) -> None:
    evil = f"{title}\r\nBcc: mallory@example.com\n\n{title}"
    who = ALICE.model_copy(
        update={"name": f'{name}", <mallory@example.com>,\r\nBcc: mallory@example.com\r\n{name}'}
    )
    mail = received(FULL.model_copy(update={"title": evil, "to": who}))
    assert set() == set(mail.keys()) - ALLOWED
    assert len(mail.keys()) == len(set(mail.keys()))
    assert ["alice@example.com"] == [one.addr_spec for one in mail["To"].addresses]
    assert "\n" not in mail["Subject"]


@given(
    st.from_regex(r"[A-Za-z0-9._%+-]{1,60}@[A-Za-z0-9.-]{1,60}\.[A-Za-z]{2,7}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9._%+-]{1,60}@[A-Za-z0-9.-]{1,60}\.[A-Za-z]{2,7}", fullmatch=True),
)
@settings(max_examples=150)
def test_every_address_that_a_handbook_may_hold_can_be_written_to(sender: str, recipient: str) -> None:
    raw = compose(FULL, sender, recipient, None).as_bytes()
    assert f"<{recipient}>".encode() in raw.replace(b"\r\n ", b" ")


@given(st.text(max_size=300))
@settings(max_examples=150)
def test_every_line_is_within_what_smtp_takes_and_plain_ascii(text: str) -> None:
    page = FULL.model_copy(update={"finding": text * 9, "sample": text * 9, "why": text})
    raw = compose(page, SENDER, "alice@example.com", None).as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_bodies_tell_all_that_a_page_tells(kind: str) -> None:
    page = marked(
        FULL.model_copy(update={"telling": "returned"}), possible_repeat=True, late=timedelta(minutes=47)
    )
    text = " ".join(part(received(page), kind).split())
    for told in (
        "possible repeat: an earlier try may have arrived", "late: written 47 min ago", "CRITICAL", "BACK AGAIN",
        "71 of 100 rows", "failed 41 more times since", "oncall ack 12", "oncall resolve 12",
        "the primary on call", "within 1 h", "within 4 h", "weekly_profit:trend", "job:nightly",
        "and 2 more", "3. Land the missing file",
        "at least 0.99", "r-17", "INVESTOR FIGURES", "Bob Smith, Alice Johnson", "http://127.0.0.1:3000/runs/5f0c",
    ):  # fmt: skip
        assert told in text


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (RESOLVED, ["RESOLVED", "a check that passes again"]),
        (ACKNOWLEDGED, ["ACKNOWLEDGED", "Bob Smith"]),
        (HANDOFF, ["You are on call (primary) in 1 d", "ask Finance, not IT"]),
        (STORM, ["14 messages at once", "#13 minor: Run failed: growth", "and 12 more", "oncall incidents"]),
    ],
)
def test_the_other_kinds_tell_theirs(message: Message, told: list[str]) -> None:
    mail = received(message)
    assert [True] * len(told) == [
        text in " ".join(part(mail, "plain").split()) and text in part(mail, "html") for text in told
    ]


class Seen(HTMLParser):
    """The elements and the text of a page, as a browser takes them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def _tags(page: Page) -> list[str]:
    return [tag for tag, _ in Seen(as_html(page)).elements]


def test_markup_in_data_is_shown_and_does_nothing() -> None:
    evil = """</pre></td><script src="//e.example/x.js"></script><img src=x onerror='a()'>&lt;"""
    page = FULL.model_copy(
        update={"title": evil, "finding": evil, "sample": evil, "why": evil, "others": (evil,), "runbook": evil,
                "marks": (evil,)}
    )  # fmt: skip
    calm = FULL.model_copy(update={"others": ("x",), "marks": ("x",), "sample": "x"})
    assert _tags(calm) == _tags(page)
    assert evil in Seen(as_html(page)).text


def test_only_web_addresses_become_links() -> None:
    links = (Link(title="Run", url="javascript:alert(1)"), Link(title="Check", url='https://d.example/"><b>'))
    seen = Seen(as_html(FULL.model_copy(update={"links": links})))
    assert ['https://d.example/"><b>'] == [attrs["href"] for tag, attrs in seen.elements if tag == "a"]
    assert "javascript:alert(1)" in seen.text


def test_text_is_coloured_only_on_a_ground_of_its_own() -> None:
    coloured = [
        attrs["style"] or ""
        for _, attrs in Seen(as_html(FULL)).elements
        if ";color:" in (attrs.get("style") or "")
    ]
    assert [True] == ["background:" in style for style in coloured]
    assert "color-scheme:light dark" in as_html(FULL)
