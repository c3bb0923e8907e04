"""The messages themselves: kept as JSON, marked when sent, instants in two zones, durations in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oncall_assets.notify.channel import wait_of
from oncall_assets.notify.message import (
    Message,
    Person,
    instant,
    length,
    line_of,
    marked,
    message_from,
    oneline,
)
from oncall_assets_tests.notify.pages import ACKNOWLEDGED, FULL, HANDOFF, RESOLVED, STORM
from oncall_assets_tests.notify.team import team

EVERY_KIND: list[Message] = [FULL, ACKNOWLEDGED, RESOLVED, HANDOFF, STORM]


@pytest.mark.parametrize("message", EVERY_KIND)
def test_a_message_survives_being_kept_as_json(message: Message) -> None:
    assert message == message_from(message.model_dump_json())


def test_a_message_in_one_line() -> None:
    assert [
        "#12 critical: completeness failed on aggregate_profit (2026-10-03)",
        "#12 acknowledged: completeness failed on aggregate_profit",
        "#12 resolved: completeness failed on aggregate_profit",
        HANDOFF.title,
        "14 messages at once",
    ] == [line_of(message) for message in EVERY_KIND]


@pytest.mark.parametrize("message", EVERY_KIND)
def test_a_message_is_marked_where_it_is_sent_and_stays_unmarked_where_it_is_kept(message: Message) -> None:
    repeat, late = "possible repeat: an earlier try may have arrived", "late: written 1 h 30 min ago"
    assert ((), (repeat,), (late,), (repeat, late), ()) == (
        marked(message, False, None).marks,
        marked(message, True, None).marks,
        marked(message, False, timedelta(minutes=90)).marks,
        marked(message, True, timedelta(minutes=90)).marks,
        message.marks,
    )


def test_marks_are_added_to_those_it_has() -> None:
    once = marked(FULL, True, None)
    assert (*once.marks, "late: written 2 d ago") == marked(once, False, timedelta(days=2)).marks


def test_a_person_is_an_engineer_a_team_or_a_metric_owner() -> None:
    told = [Person.of(team({"console": {}}), key) for key in ("ann", "infra", "metric_owner.profit")]
    assert [
        ("ann", "Ann Archer", "America/New_York"),
        ("infra", "Infrastructure", "Europe/London"),
        ("metric_owner.profit", "metric owner of profit", "Europe/London"),
    ] == [(one.key, one.name, one.timezone) for one in told]


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("30", timedelta(seconds=30)),
        (" 0 ", timedelta(0)),
        ("3601", timedelta(hours=1)),
        ("9" * 400, timedelta(hours=1)),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_how_long_to_wait_is_read_from_the_header(header: str | None, wait: timedelta | None) -> None:
    assert wait == wait_of(header)


def test_a_text_on_one_line_is_shortened_after_its_blanks_are() -> None:
    assert "a b c" == oneline("  a\r\n b\t \x1bc ", 5)
    assert "a b…" == oneline("a   b   cde", 4)


def test_an_instant_is_shown_in_utc_and_where_the_engineer_is() -> None:
    at = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert "2026-03-08 07:30 UTC (Sun 03:30 America/New_York)" == instant(at, "America/New_York")


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(hours=1), "1 h"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=2, hours=3, minutes=4), "2 d 3 h"),
        (timedelta(seconds=5), "0 min"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(duration: timedelta, words: str) -> None:
    assert words == length(duration)
