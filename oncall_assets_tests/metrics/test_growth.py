from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.metrics.days import Days
from oncall_assets.metrics.growth import aggregate_growth, daily_growth, growth
from oncall_assets_tests.metrics.tables import Row, Run, at, of, on, table

COUNTS = ("new_accounts", "reactivated_accounts", "churned_accounts", "expanded_accounts", "contracted_accounts")


def event(when: str, kind: str, seats: int, account: str = "a", event_id: str = "") -> Row:
    row = {"account_id": account, "occurred_at": at(when), "kind": kind, "seats": seats}
    return row | ({"event_id": event_id} if event_id else {})


def history(run: Run, events: list[Row], first: str, last: str | None = None) -> list[tuple[object, ...]]:
    rows = run(growth(table("account_events", events), Days.parse(first, last)))
    return [
        (row["day"].day, *of(row, "account_id", "opening_seats", "closing_seats", "transition")) for row in rows
    ]


def test_an_account_lives_through_every_transition(run: Run) -> None:
    events = [
        event("2026-03-01 10:00", "signup", 5),
        event("2026-03-02 10:00", "renewal", 5),
        event("2026-03-03 10:00", "seat_change", 7),
        event("2026-03-04 10:00", "seat_change", 2),
        event("2026-03-05 10:00", "cancellation", 2),
        event("2026-03-07 10:00", "reactivation", 3),
    ]
    assert [
        (1, "a", 0, 5, "new"),
        (2, "a", 5, 5, "retained"),
        (3, "a", 5, 7, "expanded"),
        (4, "a", 7, 2, "contracted"),
        (5, "a", 2, 0, "churned"),
        (7, "a", 0, 3, "reactivated"),
        (8, "a", 3, 3, "retained"),
    ] == history(run, events, "2026-03-01", "2026-03-08")


def test_an_account_that_comes_and_goes_within_a_day_is_no_longer_new(run: Run) -> None:
    events = [
        event("2026-03-01 10:00", "signup", 5),
        event("2026-03-01 11:00", "cancellation", 0),
        event("2026-03-02 10:00", "signup", 5),
    ]
    assert [(2, "a", 0, 5, "reactivated")] == history(run, events, "2026-03-01", "2026-03-02")


def test_a_signup_without_seats_is_not_yet_growth(run: Run) -> None:
    events = [event("2026-03-01 10:00", "signup", 0), event("2026-03-02 10:00", "seat_change", 4)]
    assert [(2, "a", 0, 4, "new")] == history(run, events, "2026-03-01", "2026-03-02")


def test_of_two_events_at_one_instant_the_later_event_id_wins(run: Run) -> None:
    events = [
        event("2026-03-01 10:00", "signup", 9, event_id="e2"),
        event("2026-03-01 10:00", "signup", 5, event_id="e1"),
    ]
    assert [(1, "a", 0, 9, "new")] == history(run, events, "2026-03-01")


def test_an_event_at_midnight_belongs_to_the_day_it_begins(run: Run) -> None:
    events = [event("2026-03-02 00:00", "signup", 5), event("2026-03-02 23:59:59.999999", "seat_change", 6)]
    assert [(2, "a", 0, 6, "new")] == history(run, events, "2026-03-01", "2026-03-02")


def test_a_day_is_what_its_own_past_says(run: Run) -> None:
    events = [event("2026-03-01 10:00", "signup", 5), event("2026-03-03 00:00", "cancellation", 0)]
    assert [(2, "a", 5, 5, "retained")] == history(run, events, "2026-03-02")


MOMENTS = st.integers(0, 6 * 24).map(
    lambda hours: datetime.fromisoformat("2026-02-26T00:00+00:00") + timedelta(hours=hours)
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "account_id": st.sampled_from("abc"),
            "occurred_at": MOMENTS,
            "kind": st.sampled_from(["signup", "cancellation", "seat_change"]),
            "seats": st.integers(0, 3),
        }
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=30)
@given(EVENTS)
def test_growth_agrees_with_reading_the_history_account_by_account(run: Run, events: list[Row]) -> None:
    named = [row | {"event_id": f"e{number:03}"} for number, row in enumerate(events)]
    days = Days.parse("2026-02-27", "2026-03-03")
    rows = run(growth(table("account_events", named), days))
    found = [of(row, "day", "account_id", "opening_seats", "closing_seats", "transition") for row in rows]
    expected = [row for day in days.each for account in "abc" for row in by_hand(named, account, day)]
    assert sorted(expected) == sorted(found)


def by_hand(events: list[Row], account: str, day: date) -> list[tuple[object, ...]]:
    """The row of an account and day, or none, from its events in order."""
    mine = sorted(
        (row["occurred_at"], row["event_id"], 0 if row["kind"] == "cancellation" else row["seats"])
        for row in events
        if row["account_id"] == account
    )
    before = [seats for when, _, seats in mine if when.date() < day]
    until = [seats for when, _, seats in mine if when.date() <= day]
    opening, closing = ([0, *before][-1], [0, *until][-1])
    if not opening and not closing:
        return []
    if not opening:
        word = "reactivated" if any(before) else "new"
    elif not closing:
        word = "churned"
    else:
        word = "retained" if opening == closing else "expanded" if closing > opening else "contracted"
    return [(day, account, opening, closing, word)]


def held(day: str, account: str, opening: int, closing: int, transition: str) -> Row:
    return {
        "day": on(day),
        "account_id": account,
        "opening_seats": opening,
        "closing_seats": closing,
        "transition": transition,
    }


def assigned(account: str, variant: str, when: str, experiment: str = "x") -> Row:
    return {"experiment_id": experiment, "account_id": account, "variant": variant, "assigned_at": at(when)}


def test_growth_of_a_day_is_counted_for_the_company_and_every_variant(run: Run) -> None:
    rows = [
        held("2026-03-02", "a", 0, 5, "new"),
        held("2026-03-02", "b", 0, 2, "reactivated"),
        held("2026-03-02", "c", 4, 0, "churned"),
        held("2026-03-02", "d", 1, 3, "expanded"),
        held("2026-03-02", "e", 3, 1, "contracted"),
        held("2026-03-02", "f", 1, 1, "retained"),
    ]
    assignments = [
        assigned("a", "control", "2026-03-02 23:59:59"),
        assigned("a", "bold", "2026-03-02 23:59:59.5"),
        assigned("c", "bold", "2026-02-01 00:00"),
        assigned("d", "bold", "2026-03-03 00:00"),
        assigned("z", "mild", "2026-02-01 00:00"),
    ]
    found = run(
        daily_growth(table("growth", rows), table("experiment_assignments", assignments), Days.parse("2026-03-02"))
    )
    names = (
        "experiment_id",
        "variant",
        *COUNTS,
        "opening_accounts",
        "closing_accounts",
        "opening_seats",
        "closing_seats",
    )
    assert [
        ("company", "all", 1, 1, 1, 1, 1, 4, 5, 9, 12),
        ("x", "bold", 0, 0, 1, 0, 0, 1, 0, 4, 0),
        ("x", "control", 1, 0, 0, 0, 0, 0, 1, 0, 5),
        ("x", "mild", 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ] == [of(row, *names) for row in found]


def test_the_company_has_a_row_on_a_day_without_anybody(run: Run) -> None:
    found = run(daily_growth(table("growth", []), table("experiment_assignments", []), Days.parse("2026-03-02")))
    assert [("company", "all", 0)] == [of(row, "experiment_id", "variant", "closing_seats") for row in found]


def test_growth_is_counted_to_date(run: Run) -> None:
    # 2026-03-01 is a Sunday: the month begins a day before the week.
    rows = [
        held("2026-03-01", "a", 5, 5, "retained"),
        held("2026-03-01", "b", 2, 2, "retained"),
        held("2026-03-01", "c", 0, 1, "new"),
        held("2026-03-02", "a", 5, 0, "churned"),
        held("2026-03-02", "b", 2, 2, "retained"),
        held("2026-03-02", "c", 1, 1, "retained"),
        held("2026-03-03", "a", 0, 4, "reactivated"),
        held("2026-03-03", "b", 2, 2, "retained"),
        held("2026-03-03", "c", 1, 0, "churned"),
    ]
    found = run(aggregate_growth(table("growth", rows), Days.parse("2026-03-03")))
    names = ("grain", "opening_accounts", "closing_accounts", "new_accounts", "reactivated_accounts")
    more = ("churned_accounts", "closing_seats", "growth_ratio", "churn_ratio")
    assert [
        ("day", 2, 2, 0, 1, 1, 6, 0.0, 0.5),
        ("month", 2, 2, 1, 1, 2, 6, 0.0, 1.0),
        ("week", 3, 2, 0, 1, 2, 6, -1 / 3, 2 / 3),
    ] == [of(row, *names, *more) for row in found]


def test_growth_of_nothing_is_no_ratio(run: Run) -> None:
    found = run(aggregate_growth(table("growth", []), Days.parse("2026-03-03")))
    assert [(0, 0, None, None)] * 3 == [
        of(row, "opening_accounts", "closing_accounts", "growth_ratio", "churn_ratio") for row in found
    ]
