"""The e-mail of an edition as its recipient's program reads it."""

from __future__ import annotations

import csv
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import StringIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oncall_assets.reports.edition import Edition
from oncall_assets.reports.rendering.html import as_html
from oncall_assets.reports.rendering.mail import as_mail
from oncall_assets.reports.rendering.pictures import picture
from oncall_assets.reports.rendering.table import as_csv
from oncall_assets.reports.rendering.text import as_text
from oncall_assets_tests.reports.rendering.editions import DAILY, MONTHLY, strange

SENDER = "reports@data.example.com"
ID = "<0123456789abcdef01234567@data.example.com>"
ALLOWED = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version",
    "Content-Type",
}  # fmt: skip


def received(edition: Edition, name: str = "investors", address: str = "ir@example.com") -> EmailMessage:
    mail = message_from_bytes(as_mail(edition, SENDER, name, address, ID).as_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def test_the_headers_say_who_what_and_when_and_that_no_machine_should_answer() -> None:
    mail = received(DAILY)
    assert f"Data engineering <{SENDER}>" == mail["From"]
    assert "investors <ir@example.com>" == mail["To"]
    assert "Aggregate profit for Tuesday, October 6, 2026" == mail["Subject"]
    assert DAILY.composed_at == mail["Date"].datetime
    assert ID == mail["Message-ID"]
    assert ("auto-generated", "All") == (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"])


def test_what_is_sent_again_on_purpose_says_so_in_its_subject() -> None:
    assert "Resent: Aggregate profit for" in received(DAILY.model_copy(update={"repeat": 1}))["Subject"]


def test_it_is_text_or_a_page_with_its_pictures_and_a_table_beside() -> None:
    kinds = [part.get_content_type() for part in received(DAILY).walk()]
    assert [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html",
        *["image/png"] * 4, "text/csv",
    ] == kinds  # fmt: skip


def test_text_and_page_are_those_of_the_edition() -> None:
    mail = received(MONTHLY)
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    assert as_text(MONTHLY) == lines(text.get_content())
    assert as_html(MONTHLY, pictures="cid") == lines(page.get_content())


def test_every_picture_that_the_page_names_is_there_once_and_shown_within_it() -> None:
    mail = received(MONTHLY)
    page = mail.get_body(("html",))
    assert page is not None
    images = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    named = re.findall(r'src="cid:([^"]+)"', page.get_content())
    assert [f"<{name}>" for name in named] == [image["Content-ID"] for image in images]
    assert {"inline"} == {image.get_content_disposition() for image in images}
    assert [picture(figure, MONTHLY) for figure in MONTHLY.figures] == [
        image.get_payload(decode=True) for image in images
    ]


def test_the_table_is_attached_with_a_name_of_its_own_and_read_by_excel_as_utf_8() -> None:
    edition = DAILY.model_copy(update={"title": "Profit", "figures": DAILY.figures[:1]})
    (table,) = received(edition).iter_attachments()
    assert "aggregate_profit_daily_2026-10-06.csv" == table.get_filename()
    content = table.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.startswith(b"\xef\xbb\xbf")
    assert as_csv(edition) == content.decode("utf-8-sig")
    assert "4739966.45" == next(csv.DictReader(StringIO(content.decode("utf-8-sig"))))["value"]


@given(st.text(min_size=1, max_size=120))
@example("x\r\nBcc: all@example.com")
@example("\r\n\r\n<b>body</b>")
@example('"a" <evil@example.com>, ' * 9)
@settings(max_examples=60, deadline=None)
def test_no_text_makes_another_header_or_recipient(text: str) -> None:
    mail = as_mail(strange(text), SENDER, text, "ir@example.com", ID)
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert ALLOWED == set(read.keys())
    assert ["ir@example.com"] == [one.addr_spec for one in read["To"].addresses]
    assert [SENDER] == [one.addr_spec for one in read["From"].addresses]
    assert ID == read["Message-ID"]
    assert not re.search(r"[\r\n]", read["Subject"])
    assert [] == [part.defects for part in read.walk() if part.defects]


@pytest.mark.parametrize(
    ("address", "message_id"),
    [("ir@example.com\r\nBcc: all@example.com", ID), ("ir@example.com", f"{ID}\r\nBcc: all@example.com")],
)
def test_an_address_or_an_id_that_would_break_its_header_is_refused(address: str, message_id: str) -> None:
    with pytest.raises(ValueError, match=r"CR|linefeed|carriage"):
        as_mail(DAILY, SENDER, "investors", address, message_id)
