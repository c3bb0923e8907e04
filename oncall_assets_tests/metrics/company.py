"""A small random company whose every habit is a bad one: repeats, late events, odd cents, comebacks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random

import ibis

from oncall_assets.metrics.days import Days
from oncall_assets_tests.metrics.tables import Row, table

FIRST = date(2026, 1, 25)
DAYS = Days(FIRST, FIRST + timedelta(days=9))

_ACCOUNTS = [f"account-{number}" for number in range(12)]
_KINDS = ("signup", "renewal", "cancellation", "seat_change", "reactivation")
_DELAYS = (0, 0, 0, 1, 20, 47, 48, 49, -1, -13, -15)


def company(seed: int) -> dict[str, ibis.Table]:
    """Every source of the company over `DAYS`, the same for the same seed."""
    random = Random(seed)
    return {
        "account_events": table("account_events", [_account_event(random) for _ in range(40)]),
        "revenue_records": table("revenue_records", [_revenue(random) for _ in range(60)]),
        "expense_records": table("expense_records", [_expense(random) for _ in range(25)]),
        "experiment_assignments": table("experiment_assignments", [_assignment(random) for _ in range(24)]),
        "usage_events": table("usage_events", _usage(random, 300)),
        "feedback": table("feedback", [_feedback(random) for _ in range(10)]),
    }


def _instant(random: Random) -> datetime:
    quarters = random.randrange(len(DAYS.each) * 96)
    jitter = random.choice((0, 0, random.randrange(900_000_000)))
    start = datetime.combine(FIRST, time(), tzinfo=UTC)
    return start + timedelta(minutes=15 * quarters, microseconds=jitter)


def _account_event(random: Random) -> Row:
    return {
        "account_id": random.choice(_ACCOUNTS),
        "occurred_at": _instant(random),
        "kind": random.choice(_KINDS),
        "seats": random.choice((0, 1, 2, 5, 40)),
    }


def _revenue(random: Random) -> Row:
    return {
        "account_id": random.choice([*_ACCOUNTS, None]),
        "booked_at": _instant(random),
        "amount_cents": random.randrange(-20_000, 100_000),
    }


def _expense(random: Random) -> Row:
    return {
        "account_id": random.choice([random.choice(_ACCOUNTS), None, None]),
        "booked_on": _instant(random).date(),
        "amount_cents": random.randrange(-50_000, 1_000_000),
    }


def _assignment(random: Random) -> Row:
    return {
        "experiment_id": random.choice(("pricing", "search")),
        "account_id": random.choice(_ACCOUNTS),
        "variant": random.choice(("control", "bold", "mild")),
        "assigned_at": _instant(random),
    }


def _feedback(random: Random) -> Row:
    return {
        "account_id": random.choice(_ACCOUNTS),
        "submitted_at": _instant(random),
        "score": random.randrange(11),
    }


def _usage(random: Random, events: int) -> list[Row]:
    rows = []
    for number in range(events):
        occurred = _instant(random)
        sender = {"account_id": random.choice(_ACCOUNTS[:2]), "user_id": random.choice("uvw")}
        # Now and then a client reuses an identity it used for something else.
        identity = f"event-{number if random.random() < 0.95 else random.randrange(number + 1)}"
        rows += [
            {
                "event_id": identity,
                **sender,
                "occurred_at": occurred,
                "ingested_at": occurred + timedelta(hours=random.choice(_DELAYS)),
                "feature": random.choice("fgh"),
                "platform": "web",
            }
            for _ in range(random.choice((1, 1, 1, 2)))
        ]
    return rows
