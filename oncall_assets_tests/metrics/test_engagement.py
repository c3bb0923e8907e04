from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.metrics.days import Days
from oncall_assets.metrics.engagement import aggregate_engagement, engagement
from oncall_assets_tests.metrics.tables import Row, Run, at, of, on, table

FIGURES = ("events", "sessions", "active_seconds", "features", "late_events", "duplicate_events")


def event(occurred: str, ingested: str = "", **more: str) -> Row:
    row = {"account_id": "a", "user_id": "u", "feature": "f", "platform": "web"}
    return row | {"occurred_at": at(occurred), "ingested_at": at(ingested or occurred)} | more


def days_of(run: Run, events: list[Row], first: str, last: str | None = None) -> dict[int, tuple[int, ...]]:
    """By day of the month, the figures of the one user."""
    rows = run(engagement(table("usage_events", events), Days.parse(first, last)))
    return {row["day"].day: of(row, *FIGURES) for row in rows}


def test_a_session_ends_after_thirty_minutes_without_an_event(run: Run) -> None:
    events = [
        event("2026-03-02 10:00"),
        event("2026-03-02 10:30", feature="g"),
        event("2026-03-02 11:00:00.000001"),
        event("2026-03-02 11:00:10.9"),
    ]
    assert {2: (4, 2, 1810, 2, 0, 0)} == days_of(run, events, "2026-03-02")


def test_a_session_across_midnight_belongs_to_the_day_it_began(run: Run) -> None:
    events = [event("2026-03-02 23:50"), event("2026-03-03 00:05"), event("2026-03-03 00:20")]
    both = {2: (1, 1, 0, 1, 0, 0), 3: (2, 0, 1800, 1, 0, 0)}
    assert both == days_of(run, events, "2026-03-02", "2026-03-03")
    assert {3: both[3]} == days_of(run, events, "2026-03-03")


def test_an_event_exactly_thirty_minutes_before_midnight_carries_on(run: Run) -> None:
    events = [event("2026-03-02 23:30"), event("2026-03-03 00:00")]
    assert {3: (1, 0, 1800, 1, 0, 0)} == days_of(run, events, "2026-03-03")


def test_sessions_are_each_users_own(run: Run) -> None:
    events = [
        event("2026-03-02 10:00"),
        event("2026-03-02 10:10", user_id="v"),
        event("2026-03-02 10:20", account_id="b"),
    ]
    rows = run(engagement(table("usage_events", events), Days.parse("2026-03-02")))
    assert [("a", "u", 1, 1), ("a", "v", 1, 1), ("b", "u", 1, 1)] == [
        of(row, "account_id", "user_id", "events", "sessions") for row in rows
    ]


def test_an_event_sent_twice_counts_once_at_its_first_arrival(run: Run) -> None:
    events = [
        event("2026-03-02 11:00", "2026-03-03 09:00", event_id="e"),
        event("2026-03-02 10:00", "2026-03-02 10:00", event_id="e"),
        event("2026-03-02 10:00", "2026-03-02 10:00", event_id="e"),
    ]
    assert {2: (1, 1, 0, 1, 0, 2)} == days_of(run, events, "2026-03-02")


def test_of_two_copies_at_one_instant_the_earlier_occurrence_counts(run: Run) -> None:
    events = [
        event("2026-03-02 11:00", "2026-03-02 12:00", event_id="e"),
        event("2026-03-02 10:00", "2026-03-02 12:00", event_id="e"),
        event("2026-03-02 10:05"),
    ]
    assert {2: (2, 1, 300, 1, 0, 1)} == days_of(run, events, "2026-03-02")


@pytest.mark.parametrize(
    ("ingested", "figures"),
    [
        ("2026-03-04 10:00", (1, 1, 0, 1, 1, 0)),
        ("2026-03-04 10:00:00.000001", None),
        ("2026-03-03 00:00", (1, 1, 0, 1, 1, 0)),
        ("2026-03-02 23:59:59.999999", (1, 1, 0, 1, 0, 0)),
        ("2026-03-01 20:00", (1, 1, 0, 1, 0, 0)),
        ("2026-03-01 19:59:59.999999", None),
    ],
)
def test_an_event_is_admitted_from_14_hours_before_to_48_hours_after(
    run: Run, ingested: str, figures: tuple[int, ...] | None
) -> None:
    expected = {2: figures} if figures else {}
    assert expected == days_of(run, [event("2026-03-02 10:00", ingested)], "2026-03-02")


def test_an_event_refused_for_lateness_is_no_repeat(run: Run) -> None:
    events = [
        event("2026-03-02 10:00", event_id="e"),
        event("2026-03-02 10:00", "2026-03-05 10:00", event_id="e"),
    ]
    assert {2: (1, 1, 0, 1, 0, 0)} == days_of(run, events, "2026-03-02")


def test_a_refused_event_makes_no_repeat_of_an_admitted_one(run: Run) -> None:
    events = [
        event("2026-02-27 10:00", "2026-03-02 09:00", event_id="e"),
        event("2026-03-02 10:00", event_id="e"),
    ]
    assert {2: (1, 1, 0, 1, 0, 0)} == days_of(run, events, "2026-03-02")


@pytest.mark.parametrize("first", ["2026-02-28", "2026-03-03"])
def test_a_repeat_is_known_by_what_came_from_the_day_before_on(run: Run, first: str) -> None:
    # What came on 1 March is out of reach of 3 March, and so of the session that runs into it.
    events = [
        event("2026-03-01 10:00", event_id="e"),
        event("2026-03-02 23:50", event_id="e"),
        event("2026-03-03 00:10"),
        event("2026-03-03 12:00", event_id="e"),
    ]
    loaded = [row for row in events if row["ingested_at"].date() >= on(first) - timedelta(days=1)]
    assert (1, 0, 1200, 1, 0, 1) == days_of(run, loaded, first, "2026-03-03")[3]


MOMENTS = st.integers(0, 3 * 48).map(
    lambda halves: datetime.fromisoformat("2026-03-01T00:00+00:00") + timedelta(minutes=20 * halves)
)
EVENTS = st.lists(
    st.tuples(
        MOMENTS, st.sampled_from([0, 0, 60, 2879, 2880, 2881, -30]), st.integers(0, 20), st.sampled_from("uv")
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=30)
@given(EVENTS)
def test_engagement_agrees_with_reading_events_one_by_one(
    run: Run, drawn: list[tuple[datetime, int, int, str]]
) -> None:
    events = [
        event("2026-03-01 00:00", user_id=user)
        | {
            # An identity is one action's, so that copies agree on when and who.
            "event_id": f"{when.isoformat()}-{user}-{number % 2}",
            "occurred_at": when,
            "ingested_at": when + timedelta(minutes=delay),
        }
        for when, delay, number, user in drawn
    ]
    days = Days.parse("2026-03-01", "2026-03-03")
    rows = run(engagement(table("usage_events", events), days))
    found = {
        of(row, "day", "user_id"): of(row, "events", "sessions", "active_seconds", "late_events") for row in rows
    }
    repeats = sum(row["duplicate_events"] for row in rows)
    admitted = [row for row in events if row["ingested_at"] - row["occurred_at"] <= timedelta(hours=48)]
    assert (by_hand(admitted), len(admitted) - len({row["event_id"] for row in admitted})) == (found, repeats)


def by_hand(admitted: list[Row]) -> dict[tuple[date, str], tuple[int, ...]]:
    first: dict[str, Row] = {}
    for row in sorted(admitted, key=lambda row: row["ingested_at"]):
        first.setdefault(row["event_id"], row)
    figures: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    last: dict[str, datetime] = {}
    for row in sorted(first.values(), key=lambda row: row["occurred_at"]):
        when, user = row["occurred_at"], row["user_id"]
        gap = when - last[user] if user in last else timedelta.max
        entry = figures[when.date(), user]
        entry[0] += 1
        entry[1] += gap > timedelta(minutes=30)
        entry[2] += int(gap.total_seconds()) if gap <= timedelta(minutes=30) else 0
        entry[3] += row["ingested_at"].date() > when.date()
        last[user] = when
    return {key: tuple(values) for key, values in figures.items()}


def used(day: str, user: str, account: str = "a", events: int = 4, sessions: int = 2) -> Row:
    return {
        "day": on(day),
        "account_id": account,
        "user_id": user,
        "events": events,
        "sessions": sessions,
        "active_seconds": 60,
    }


def test_engagement_is_counted_to_date_with_each_user_once(run: Run) -> None:
    rows = [
        used("2026-03-01", "u"),
        used("2026-03-02", "u", sessions=1),
        used("2026-03-02", "u", account="b"),
        used("2026-03-02", "only a repeat", account="c", events=0, sessions=0),
    ]
    forms = [
        {"submitted_at": at("2026-03-01 23:59:59"), "score": 10},
        {"submitted_at": at("2026-03-02 00:00"), "score": 4},
        {"submitted_at": at("2026-03-02 23:00"), "score": 5},
        {"submitted_at": at("2026-03-03 00:00"), "score": 0},
    ]
    found = run(
        aggregate_engagement(table("engagement", rows), table("feedback", forms), Days.parse("2026-03-02"))
    )
    names = ("grain", "days_with_data", "active_accounts", "active_users", "events", "sessions", "active_seconds")
    assert [
        ("day", 1, 2, 2, 8, 3, 180, 2, 1.5, 4.5),
        ("month", 2, 2, 2, 12, 5, 240, 3, 2.5, 19 / 3),
        ("week", 1, 2, 2, 8, 3, 180, 2, 1.5, 4.5),
    ] == [of(row, *names, "feedback_forms", "sessions_per_user", "mean_score") for row in found]


def test_nobody_there_and_nothing_said_is_no_ratio(run: Run) -> None:
    found = run(aggregate_engagement(table("engagement", []), table("feedback", []), Days.parse("2026-03-02")))
    assert [(0, 0, 0, None, None)] * 3 == [
        of(row, "days_with_data", "active_users", "feedback_forms", "sessions_per_user", "mean_score")
        for row in found
    ]
