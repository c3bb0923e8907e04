"""Turns by count, and hand-offs at wall times on the days when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall_assets.rota.turns import turn_at, turn_number, wall_instant
from oncall_assets_tests.rota.teams import FOUR, team

# A zone, the hour its clocks change at, and both days of 2026; Kolkata's never change.
EDGES = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Asia/Kolkata", date(2026, 3, 29)),
    ("Asia/Kolkata", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Australia/Sydney", date(2026, 4, 5)),
    ("Australia/Sydney", date(2026, 10, 4)),
]


@pytest.mark.parametrize(
    ("zone", "day", "hour", "expected"),
    [
        ("America/New_York", "2026-03-08", "01:59", "2026-03-08T06:59"),
        ("America/New_York", "2026-03-08", "02:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08", "02:07", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08", "03:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),
        ("America/New_York", "2026-11-01", "02:00", "2026-11-01T07:00"),
        ("Europe/London", "2026-03-29", "01:30", "2026-03-29T01:00"),
        ("Europe/London", "2026-10-25", "01:30", "2026-10-25T00:30"),
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30"),
        ("Asia/Kolkata", "2026-03-29", "02:30", "2026-03-28T21:00"),
        # Half an hour is missing, and half an hour is repeated.
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-10-04", "02:30", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45"),
        ("Australia/Sydney", "2026-10-04", "02:30", "2026-10-03T16:00"),
        ("Australia/Sydney", "2026-04-05", "02:30", "2026-04-04T15:30"),
        # Midnight is missing, and a whole day.
        ("Africa/Cairo", "2026-04-24", "00:00", "2026-04-23T22:00"),
        ("Pacific/Apia", "2011-12-30", "09:00", "2011-12-30T10:00"),
    ],
)
def test_a_missing_hour_is_its_first_valid_instant_and_a_repeated_one_the_first(
    zone: str, day: str, hour: str, expected: str
) -> None:
    instant = wall_instant(date.fromisoformat(day), time.fromisoformat(hour), ZoneInfo(zone))

    assert datetime.fromisoformat(f"{expected}+00:00") == instant
    assert UTC == instant.tzinfo


@pytest.mark.parametrize(("zone", "day"), EDGES)
@pytest.mark.parametrize("hour", ["00:00", "00:30", "01:00", "01:45", "02:00", "02:15", "02:30", "03:00", "09:00"])
def test_the_turn_changes_when_a_clock_on_the_wall_first_shows_the_hour(zone: str, day: date, hour: str) -> None:
    # Walked in steps of 30 seconds by what a clock shows, without any arithmetic of the code under test.
    clock = ZoneInfo(zone)
    rotation = team(zone, "1 day", hour, start=day - timedelta(days=1)).rotation
    latest = None
    midnight = datetime.combine(day, time(), clock).astimezone(UTC)
    instant = midnight - timedelta(hours=1)
    while instant < midnight + timedelta(hours=11):
        shown = instant.astimezone(clock).replace(tzinfo=None)
        latest = shown if latest is None else max(latest, shown)
        handed_off = (latest - datetime.combine(rotation.start, time.fromisoformat(hour))) // timedelta(days=1)

        turn = turn_at(rotation, clock, instant)

        assert handed_off == turn.index, f"at {instant:%Y-%m-%d %H:%M:%S} UTC, {shown} on the wall"
        assert turn.start <= instant < turn.end
        instant += timedelta(seconds=30)


def test_a_turn_of_a_week_is_an_hour_shorter_or_longer_when_clocks_change() -> None:
    rotation = team().rotation
    zone = ZoneInfo("America/New_York")

    spring = turn_at(rotation, zone, datetime(2026, 3, 8, 12, tzinfo=UTC))
    autumn = turn_at(rotation, zone, datetime(2026, 11, 1, 12, tzinfo=UTC))

    assert timedelta(hours=167) == spring.end - spring.start
    assert timedelta(hours=169) == autumn.end - autumn.start


def test_turns_go_round_in_order_and_count_backwards_before_the_start() -> None:
    rotation = team().rotation
    turns = [turn_number(rotation, ZoneInfo("America/New_York"), index) for index in range(-5, 5)]

    assert [FOUR[index % 4] for index in range(-5, 5)] == [(turn.primary, turn.secondary) for turn in turns]
    assert ("david", "alice") == (turns[4].primary, turns[4].secondary)
    assert datetime(2025, 12, 29, 14, tzinfo=UTC) == turns[4].start


def test_the_hand_off_itself_belongs_to_the_turn_that_begins() -> None:
    rotation, zone = team().rotation, ZoneInfo("America/New_York")
    handoff = datetime(2026, 1, 12, 14, tzinfo=UTC)

    assert 0 == turn_at(rotation, zone, handoff - timedelta(microseconds=1)).index
    assert 1 == turn_at(rotation, zone, handoff).index


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="carries no time zone"):
        turn_at(team().rotation, ZoneInfo("UTC"), datetime(2026, 1, 12))  # noqa: DTZ001 - what is refused
