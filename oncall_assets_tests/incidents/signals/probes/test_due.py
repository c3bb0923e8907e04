"""When a deadline comes, in every kind of day that a calendar has."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.handbook.runbook import Deadline
from oncall_assets.incidents.signals.probes.due import Due, due_instants
from oncall_assets.rota.turns import wall_instant

NEW_YORK = ZoneInfo("America/New_York")
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")


def _days(on: str | int, first: str, last: str) -> list[str]:
    """The dates from `first` to `last` on which it comes, in order."""
    start = datetime.combine(date.fromisoformat(first), time.min, NEW_YORK)
    end = datetime.combine(date.fromisoformat(last), time.max, NEW_YORK)
    dues = due_instants(Deadline(asset="a", by="06:00", on=on), NEW_YORK, WEEK, start, end)
    return [str(due.on) for due in dues][::-1]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("every day", [f"2026-02-{day:02}" for day in range(1, 29)]),
        ("monday", ["2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23"]),
        ("last day of the month", ["2026-02-28"]),
        (1, ["2026-02-01"]),
        (28, ["2026-02-28"]),
    ],
)
def test_it_comes_on_the_days_that_are_written(on: str | int, expected: list[str]) -> None:
    assert expected == _days(on, "2026-02-01", "2026-02-28")


def test_it_comes_on_working_days_only() -> None:
    assert ["2026-02-05", "2026-02-06", "2026-02-09"] == _days("working days", "2026-02-05", "2026-02-09")


def test_working_days_are_those_of_the_team() -> None:
    deadline = Deadline(asset="a", by="06:00", on="working days")
    start, end = datetime(2026, 2, 5, tzinfo=UTC), datetime(2026, 2, 9, tzinfo=UTC)
    dues = due_instants(deadline, ZoneInfo("UTC"), ["sunday"], start, end)
    assert [date(2026, 2, 8)] == [due.on for due in dues]


def test_the_last_day_of_february_is_the_29th_in_a_leap_year() -> None:
    assert ["2028-02-29"] == _days("last day of the month", "2028-02-01", "2028-02-29")


@pytest.mark.parametrize(
    ("by", "day", "expected"),
    [
        ("02:30", "2026-03-08", "2026-03-08T07:00:00+00:00"),  # a missing hour
        ("01:30", "2026-11-01", "2026-11-01T05:30:00+00:00"),  # a repeated hour
        ("06:00", "2026-03-07", "2026-03-07T11:00:00+00:00"),
        ("06:00", "2026-03-09", "2026-03-09T10:00:00+00:00"),
    ],
)
def test_it_keeps_the_wall_clock_where_clocks_change(by: str, day: str, expected: str) -> None:
    on = date.fromisoformat(day)
    start = datetime.combine(on, time.min, NEW_YORK)
    (due,) = due_instants(Deadline(asset="a", by=by), NEW_YORK, WEEK, start, start + timedelta(hours=20))
    assert Due(datetime.fromisoformat(expected), on, on - timedelta(days=1)) == due


def test_it_may_ask_for_the_same_day() -> None:
    deadline = Deadline(asset="a", by="23:00", of="same day")
    end = datetime(2026, 2, 6, 12, tzinfo=UTC)
    (due,) = due_instants(deadline, NEW_YORK, WEEK, end - timedelta(days=1), end)
    assert (date(2026, 2, 5), date(2026, 2, 5)) == (due.on, due.day)


def test_the_start_is_before_and_the_end_is_in() -> None:
    deadline, first = Deadline(asset="a", by="06:00"), datetime(2026, 2, 5, 11, tzinfo=UTC)
    dues = due_instants(deadline, NEW_YORK, WEEK, first, first + timedelta(days=1))
    assert [first + timedelta(days=1)] == [due.at for due in dues]


def test_the_latest_are_had_without_a_look_at_the_others() -> None:
    dues = due_instants(
        Deadline(asset="a", by="06:00"),
        NEW_YORK,
        WEEK,
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(2026, 2, 9, 12, tzinfo=UTC),
    )
    assert [9, 8] == [due.on.day for due in islice(dues, 2)]


_INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@settings(max_examples=150)
@given(
    start=_INSTANTS,
    length=st.timedeltas(timedelta(0), timedelta(days=40)),
    by=st.times().map(lambda hour: f"{hour:%H:%M}"),
    zone=st.sampled_from(["UTC", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "America/Havana"]),
)
def test_every_day_comes_once(start: datetime, length: timedelta, by: str, zone: str) -> None:
    there, end = ZoneInfo(zone), start + length
    dues = list(due_instants(Deadline(asset="a", by=by), there, WEEK, start, end))
    around = [start.date() + timedelta(days=number) for number in range(-2, length.days + 4)]
    instants = {on: wall_instant(on, time.fromisoformat(by), there) for on in around}
    assert {on: at for on, at in instants.items() if start < at <= end} == {due.on: due.at for due in dues}
    assert sorted((due.at for due in dues), reverse=True) == [due.at for due in dues]
