"""When editions are due: each period once, after its last day is over, across clocks that change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.reports import PlannedReport
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.reports.cadence import Planned, due_of, next_due, occasions, partition_of, planned

GOOD = Path(__file__).parents[1] / "handbooks" / "good"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST_DAY = date(2024, 1, 1)
MEETINGS = [date(2026, month, 15) for month in range(1, 13)] + [date(2027, 1, 14)]


@cache
def at(zone: str, last_day: date | None = None) -> Handbook:
    """The good handbook of a team in `zone` with numbers since 2024, and a meeting a month."""
    book = load_handbook(GOOD, frozenset(LANDED))
    team = book.team.model_copy(update={"timezone": zone, "calendars": {"board": MEETINGS}})
    sources = book.sources.model_copy(update={"first_day": FIRST_DAY, "last_day": last_day})
    return replace(book, team=team, sources=sources)


def report(period: str, **due: Any) -> Planned:
    written = {
        "name": "usual",
        "title": "Aggregate profit",
        "period": period,
        "due": due,
        "to": ["investors"],
        "figures": [{"column": "profit_cents", "name": "Profit", "metric": "Profit"}],
    }
    return Planned(at("UTC").runbooks["aggregate_profit"], PlannedReport.model_validate(written))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


DAILY, WEEKLY = report("day", at="06:00"), report("week", on="monday", at="07:00")
MONTHLY, BOARD = report("month", on=1, at="08:00"), report("month", before="board", business_days=2, at="17:00")
NEW_YORK = "America/New_York"

zones = st.sampled_from(
    [
        "UTC",
        NEW_YORK,
        "America/St_Johns",
        "America/Santiago",
        "Pacific/Pago_Pago",
        "Europe/London",
        "Asia/Kolkata",
        "Australia/Sydney",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
    ]
)
hours = st.sampled_from(["00:00", "00:30", "01:30", "02:30", "06:00", "10:30", "13:59", "19:30", "20:30", "23:59"])
reports = st.one_of(
    hours.map(lambda hour: report("day", at=hour)),
    st.tuples(hours, st.sampled_from(["monday", "wednesday", "sunday"])).map(
        lambda both: report("week", at=both[0], on=both[1])
    ),
    st.tuples(hours, st.integers(1, 28)).map(lambda both: report("month", at=both[0], on=both[1])),
)
instants = st.integers(0, 3 * 366 * 24).map(lambda hours: datetime(2025, 1, 1, tzinfo=UTC) + hours * HOUR)


def test_a_report_is_known_by_its_key_its_table_and_its_asset() -> None:
    assert "aggregate_profit_usual" == DAILY.key
    assert ("aggregate_profit", "aggregate_profit") == (DAILY.pipeline, DAILY.table)
    assert "editions/aggregate_profit_usual" == DAILY.asset


def test_a_handbook_that_promises_no_report_plans_none() -> None:
    assert [] == planned(load_handbook(GOOD, frozenset(LANDED)))


@pytest.mark.parametrize(
    ("zone", "one", "days", "due"),
    [
        (NEW_YORK, DAILY, Days.parse("2026-12-07"), utc(2026, 12, 8, 11)),
        (NEW_YORK, DAILY, Days.parse("2026-07-07"), utc(2026, 7, 8, 10)),
        # At the very end of the day it is over.
        ("UTC", report("day", at="00:00"), Days.parse("2026-12-07"), utc(2026, 12, 8)),
        # East of UTC the day before is over at 06:00 in Kolkata, and not yet in Sydney.
        ("Asia/Kolkata", DAILY, Days.parse("2026-12-07"), utc(2026, 12, 8, 0, 30)),
        ("Australia/Sydney", DAILY, Days.parse("2026-12-07"), utc(2026, 12, 8, 19)),
        # In the evening in New York the UTC day of the same date is over.
        (NEW_YORK, report("day", at="19:30"), Days.parse("2026-12-07"), utc(2026, 12, 8, 0, 30)),
        (NEW_YORK, WEEKLY, Days.parse("2026-11-30", "2026-12-06"), utc(2026, 12, 7, 12)),
        ("Australia/Sydney", WEEKLY, Days.parse("2026-11-30", "2026-12-06"), utc(2026, 12, 13, 20)),
        (NEW_YORK, MONTHLY, Days.parse("2026-11-01", "2026-11-30"), utc(2026, 12, 1, 13)),
        (NEW_YORK, MONTHLY, Days.parse("2026-02-01", "2026-02-28"), utc(2026, 3, 1, 13)),
        (NEW_YORK, MONTHLY, Days.parse("2028-02-01", "2028-02-29"), utc(2028, 3, 1, 13)),
        (NEW_YORK, MONTHLY, Days.parse("2026-12-01", "2026-12-31"), utc(2027, 1, 1, 13)),
        # Tuesday the 15th less two business days.
        (NEW_YORK, BOARD, Days.parse("2026-11-01", "2026-11-30"), utc(2026, 12, 11, 22)),
    ],
)
def test_an_edition_is_due_at_a_wall_time_once_its_days_are_over(
    zone: str, one: Planned, days: Days, due: datetime
) -> None:
    assert due == due_of(at(zone), one, days)


def test_in_a_missing_hour_it_is_due_at_the_first_instant_after_it() -> None:
    # On 8 March 2026 clocks go from 02:00 to 03:00 in New York.
    assert utc(2026, 3, 8, 7) == due_of(at(NEW_YORK), report("day", at="02:30"), Days.parse("2026-03-07"))


def test_in_a_repeated_hour_it_is_due_at_the_first_of_both() -> None:
    # On 1 November 2026 there is 01:30 at 05:30 and at 06:30 UTC.
    assert utc(2026, 11, 1, 5, 30) == due_of(at(NEW_YORK), report("day", at="01:30"), Days.parse("2026-10-31"))


def test_where_clocks_change_two_days_may_be_due_at_once_and_none_is_left_out() -> None:
    # 19:30 in New York is 23:30 UTC in summer, before the day is over, and 00:30 UTC from 1 November on.
    found = occasions(at(NEW_YORK), report("day", at="19:30"), utc(2026, 10, 31), utc(2026, 11, 3))
    assert [
        ("2026-10-30", utc(2026, 10, 31, 23, 30)),
        ("2026-10-31", utc(2026, 11, 2, 0, 30)),
        ("2026-11-01", utc(2026, 11, 2, 0, 30)),
    ] == [(one.period, one.due) for one in found]


def test_a_month_without_a_meeting_in_the_next_has_no_edition() -> None:
    handbook = at(NEW_YORK)
    assert due_of(handbook, BOARD, Days.parse("2025-12-01", "2025-12-31")) == utc(2026, 1, 13, 22)
    assert due_of(handbook, BOARD, Days.parse("2025-11-01", "2025-11-30")) is None
    assert due_of(handbook, BOARD, Days.parse("2026-12-01", "2026-12-31")) == utc(2027, 1, 12, 22)
    assert due_of(handbook, BOARD, Days.parse("2027-01-01", "2027-01-31")) is None


def test_two_meetings_after_one_month_make_one_edition_before_the_first() -> None:
    book = at(NEW_YORK)
    meetings = [date(2026, 12, 15), date(2026, 12, 22)]
    book = replace(book, team=book.team.model_copy(update={"calendars": {"board": meetings}}))
    found = occasions(book, BOARD, utc(2026, 1, 1), utc(2028, 1, 1))
    assert [("2026-11-01…2026-11-30", utc(2026, 12, 11, 22))] == [(one.period, one.due) for one in found]


def test_a_meeting_early_in_a_month_tells_the_last_month_that_is_over() -> None:
    book = at(NEW_YORK)
    # Two business days before Wednesday 2 December is Monday 30 November.
    book = replace(book, team=book.team.model_copy(update={"calendars": {"board": [date(2026, 12, 2)]}}))
    (found,) = occasions(book, BOARD, utc(2026, 1, 1), utc(2028, 1, 1))
    assert ("2026-10-01…2026-10-31", utc(2026, 11, 30, 22)) == (found.period, found.due)


def test_a_meeting_at_the_very_end_of_a_month_tells_that_month() -> None:
    book = at("UTC")
    book = replace(book, team=book.team.model_copy(update={"calendars": {"board": [date(2027, 1, 1)]}}))
    (found,) = occasions(
        book, report("month", before="board", business_days=0, at="00:00"), utc(2026, 1, 1), utc(2028, 1, 1)
    )
    assert ("2026-12-01…2026-12-31", utc(2027, 1, 1)) == (found.period, found.due)


def test_the_next_edition_is_the_first_that_is_due_from_now_on() -> None:
    handbook = at(NEW_YORK)
    due = utc(2026, 12, 8, 11)
    now = next_due(handbook, DAILY, due)
    later = next_due(handbook, DAILY, due + timedelta(seconds=1))
    assert now is not None
    assert later is not None
    assert (("2026-12-07", due), ("2026-12-08", due + DAY)) == ((now.period, now.due), (later.period, later.due))


def test_after_the_last_meeting_or_the_last_day_there_is_no_next_edition() -> None:
    assert next_due(at(NEW_YORK), BOARD, utc(2027, 1, 12, 22, 1)) is None
    assert next_due(at(NEW_YORK, date(2026, 12, 1)), DAILY, utc(2026, 12, 3)) is None
    assert next_due(at(NEW_YORK, date(2026, 12, 1)), MONTHLY, utc(2026, 12, 1, 13, 1)) is None


def test_before_the_first_day_nothing_is_due_and_half_a_week_is_no_week() -> None:
    book = at(NEW_YORK)
    book = replace(book, sources=book.sources.model_copy(update={"first_day": date(2026, 9, 1)}))
    first = [next_due(book, one, utc(2020, 1, 1)) for one in (DAILY, WEEKLY, MONTHLY)]
    assert ["2026-09-01", "2026-09-07…2026-09-13", "2026-09-01…2026-09-30"] == [
        one and one.period for one in first
    ]
    assert due_of(book, DAILY, Days.parse("2026-08-31")) is None


def test_a_partition_is_the_first_of_its_days() -> None:
    assert Days.parse("2026-12-07") == partition_of(DAILY, "2026-12-07")
    assert Days.parse("2026-12-28", "2027-01-03") == partition_of(WEEKLY, "2026-12-28")
    assert Days.parse("2028-02-01", "2028-02-29") == partition_of(MONTHLY, "2028-02-01")
    with pytest.raises(
        ValueError, match="2026-12-29 is no partition of editions/aggregate_profit_usual; expected"
    ):
        partition_of(WEEKLY, "2026-12-29")


def test_days_that_are_not_a_period_are_refused() -> None:
    with pytest.raises(ValueError, match="2026-12-01…2026-12-06 is no week of aggregate_profit_usual"):
        due_of(at(NEW_YORK), WEEKLY, Days.parse("2026-12-01", "2026-12-06"))
    with pytest.raises(ValueError, match="2026-12-07 is no week"):
        due_of(at(NEW_YORK), WEEKLY, Days.parse("2026-12-07"))


def test_instants_without_a_zone_are_refused() -> None:
    naive = utc(2026, 12, 1).replace(tzinfo=None)
    with pytest.raises(ValueError, match="no time zone"):
        occasions(at(NEW_YORK), DAILY, naive, naive)
    with pytest.raises(ValueError, match="no time zone"):
        next_due(at(NEW_YORK), DAILY, naive)


@settings(max_examples=150, deadline=None)
@given(zones, reports, instants)
def test_every_period_is_due_once_after_its_end_and_in_order(zone: str, one: Planned, start: datetime) -> None:
    handbook, end = at(zone), start + 100 * DAY
    found = occasions(handbook, one, start, end)
    periods = [occasion.days for occasion in found]

    # Nothing between the first and the last of them is left out or told twice.
    assert all(after.first == before.last + DAY for before, after in pairwise(periods))
    assert sorted(occasion.due for occasion in found) == [occasion.due for occasion in found]
    longest = {"day": DAY, "week": 7 * DAY, "month": 31 * DAY}[one.report.period] + 2 * HOUR
    for occasion in found:
        assert occasion.days.end <= occasion.due < occasion.days.end + longest
        assert start <= occasion.due < end
        assert occasion.due == due_of(handbook, one, occasion.days)
        assert occasion.days == partition_of(one, occasion.partition)
    # And no period that was over early enough is missing at either end.
    assert periods[0].start <= start
    assert periods[-1].end >= end - 2 * longest


@settings(max_examples=100, deadline=None)
@given(zones, st.one_of(reports, st.just(BOARD)), st.lists(instants, min_size=3, max_size=3))
def test_stretches_add_up(zone: str, one: Planned, three: list[datetime]) -> None:
    start, middle, end = sorted(three)
    handbook = at(zone)
    halves = occasions(handbook, one, start, middle) + occasions(handbook, one, middle, end)
    assert halves == occasions(handbook, one, start, end)


@settings(max_examples=100, deadline=None)
@given(zones, reports, instants)
def test_it_is_due_at_the_hour_of_the_day_that_was_written(zone: str, one: Planned, now: datetime) -> None:
    handbook = at(zone)
    occasion = next_due(handbook, one, now)
    assert occasion is not None
    assert occasion == occasions(handbook, one, now, occasion.due + timedelta(seconds=1))[0]
    local = occasion.due.astimezone(ZoneInfo(zone))
    on = one.report.due.on
    # A missing hour is made up for within two hours of the same day.
    assert one.report.due.at <= f"{local:%H:%M}" <= f"{int(one.report.due.at[:2]) + 2:02}:{one.report.due.at[3:]}"
    assert on is None or (local.day == on if isinstance(on, int) else f"{local:%A}".lower() == on)
