"""When people are at work: by their own clock, their own holidays and their own time off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.escalation import BusinessHours
from oncall_assets.handbook.team import Engineer
from oncall_assets.handbook.values import WEEKDAYS
from oncall_assets.rota.holidays import public_holidays
from oncall_assets.rota.office import SEARCHED, is_working, next_working
from oncall_assets_tests.rota.generated import handbooks
from oncall_assets_tests.rota.teams import away, handbook, team, utc

NEW_YORK = {"region": "US-NY", "timezone": "America/New_York"}
LONDON = {"region": "GB-ENG", "timezone": "Europe/London"}
PEOPLE = {"ann": NEW_YORK, "ben": LONDON}
PLATFORM = {"platform": {"name": "Platform", "email": "platform@example.com"}}
ALL_DAY = {"from": "00:00", "to": "23:59"}

minutes = st.datetimes(datetime(2026, 2, 1), datetime(2028, 10, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis adds the zone
    lambda at: at.replace(second=0, microsecond=0)
)
office_hours = st.builds(
    lambda first, length, days: {
        "from": f"{first:%H:%M}",
        "to": f"{min(first.hour * 60 + first.minute + length, 1439) // 60:02}:59",
        "days": sorted(days, key=WEEKDAYS.index),
    },
    st.sampled_from([time(0), time(0, 30), time(2), time(2, 30), time(9), time(22)]),
    st.integers(1, 1000),
    st.sets(st.sampled_from(WEEKDAYS), min_size=1),
)


def book(hours: dict[str, object] | None = None, **more: Any) -> Handbook:
    """Ann in New York and Ben in London, in a team of New York."""
    return handbook(team(order=["ann", "ben"], people=PEOPLE, business_hours=hours or {}, **more))


@pytest.mark.parametrize(
    ("who", "at", "expected"),
    [
        ("ann", "2026-02-02T13:59", False),
        ("ann", "2026-02-02T14:00", True),
        ("ann", "2026-02-02T21:59", True),
        ("ann", "2026-02-02T22:00", False),
        ("ben", "2026-02-02T09:00", True),
        ("ben", "2026-02-02T17:00", False),
        # A Saturday, and Good Friday, which is a holiday in England and not in New York.
        ("ann", "2026-02-07T15:00", False),
        ("ann", "2026-04-03T15:00", True),
        ("ben", "2026-04-03T15:00", False),
        # Clocks go forward in New York on 2026-03-08, in London on 2026-03-29.
        ("ann", "2026-03-09T13:00", True),
        ("ben", "2026-03-09T09:00", True),
        ("ben", "2026-03-30T08:00", True),
    ],
)
def test_people_work_by_their_own_clock_and_holidays(who: str, at: str, expected: bool) -> None:
    assert expected is is_working(book(), who, utc(at))


@pytest.mark.parametrize(
    ("who", "at", "expected"),
    [
        ("ann", "2026-02-02T15:30", "2026-02-02T15:30"),
        ("ann", "2026-02-02T03:00", "2026-02-02T14:00"),
        ("ann", "2026-02-06T23:00", "2026-02-09T14:00"),
        # Over the weekend in which clocks go forward, and over that in which they go back.
        ("ann", "2026-03-06T23:00", "2026-03-09T13:00"),
        ("ann", "2026-10-30T23:00", "2026-11-02T14:00"),
        # Good Friday to Easter Monday.
        ("ben", "2026-04-02T16:30", "2026-04-07T08:00"),
        # Christmas Day is a Friday, Boxing Day is kept on Monday.
        ("ben", "2026-12-24T17:00", "2026-12-29T09:00"),
        ("ann", "2026-12-24T22:00", "2026-12-28T14:00"),
    ],
)
def test_the_next_working_hour_is_the_first_that_is_left(who: str, at: str, expected: str) -> None:
    assert utc(expected) == next_working(book(), who, utc(at))


def test_three_weeks_of_vacation_are_waited_for() -> None:
    gone = book(away=[away("ann", date(2026, 6, 1), date(2026, 6, 21))])

    assert not is_working(gone, "ann", utc("2026-06-10T15:00"))
    assert utc("2026-06-22T13:00") == next_working(gone, "ann", utc("2026-05-29T21:00"))
    assert utc("2026-06-10T15:00") == next_working(gone, "ben", utc("2026-06-10T15:00"))


def test_an_afternoon_off_leaves_the_morning() -> None:
    gone = book(away=[away("ann", date(2026, 6, 1), date(2026, 6, 1), from_hour="12:00", to_hour="15:00")])

    assert is_working(gone, "ann", utc("2026-06-01T15:59"))
    assert not is_working(gone, "ann", utc("2026-06-01T16:00"))
    assert utc("2026-06-01T19:00") == next_working(gone, "ann", utc("2026-06-01T16:00"))


def test_time_off_that_touches_and_overlaps_is_one_absence() -> None:
    gone = book(
        away=[
            away("ann", date(2026, 6, 1), date(2026, 6, 9)),
            away("ann", date(2026, 6, 2), date(2026, 6, 3)),
            away("ann", date(2026, 6, 10), date(2026, 6, 10), to_hour="13:00"),
        ]
    )

    assert utc("2026-06-10T17:00") == next_working(gone, "ann", utc("2026-05-30T12:00"))


def test_holidays_are_off_work_even_where_they_change_nothing_in_the_rota() -> None:
    kept = book(holidays={"rule": "primary_covers"})

    assert not is_working(kept, "ann", utc("2026-12-25T15:00"))


def test_a_week_of_one_working_day_is_waited_for() -> None:
    sundays = book({"days": ["sunday"], "from": "10:00", "to": "11:00"})

    assert utc("2026-02-08T15:00") == next_working(sundays, "ann", utc("2026-02-01T16:00"))
    # The 5th of April is Easter Sunday, no public holiday in England.
    assert utc("2026-04-05T09:00") == next_working(sundays, "ben", utc("2026-03-30T00:00"))


def test_a_team_works_by_the_teams_clock_on_public_holidays_too() -> None:
    asked = book(teams=PLATFORM)

    assert is_working(asked, "platform", utc("2026-12-25T14:00"))
    assert not is_working(asked, "platform", utc("2026-12-25T13:59"))
    assert utc("2026-12-28T14:00") == next_working(asked, "platform", utc("2026-12-25T22:00"))


def test_hours_that_the_clock_jumps_over_are_no_working_time() -> None:
    nights = book({"from": "02:00", "to": "02:45", "days": ["sunday"]})

    # Two o'clock does not exist in New York on 2026-03-08.
    assert utc("2026-03-15T06:00") == next_working(nights, "ann", utc("2026-03-01T08:00"))


def test_hours_that_the_clock_repeats_begin_with_the_first() -> None:
    nights = book({"from": "01:30", "to": "03:00", "days": ["sunday"]})

    # On 2026-11-01 New York puts clocks back at 02:00, so that 01:30 is 05:30 and 06:30 UTC.
    assert utc("2026-11-01T05:30") == next_working(nights, "ann", utc("2026-10-31T12:00"))
    assert is_working(nights, "ann", utc("2026-11-01T06:15"))
    assert is_working(nights, "ann", utc("2026-11-01T07:59"))
    assert not is_working(nights, "ann", utc("2026-11-01T08:00"))


def test_a_day_that_begins_twice_is_worked_from_its_first_beginning() -> None:
    # St John's put clocks back at 00:01 in the night to 2010-11-07: that Sunday began at 02:30 and at 03:30 UTC.
    people = {**PEOPLE, "ann": {"region": "CA-NL", "timezone": "America/St_Johns"}}
    sundays = team(order=["ann", "ben"], people=people, business_hours={**ALL_DAY, "days": ["sunday"]})

    assert utc("2010-11-07T02:30") == next_working(handbook(sundays), "ann", utc("2010-11-06T12:00"))
    assert is_working(handbook(sundays), "ann", utc("2010-11-07T02:45"))


def test_who_has_not_joined_yet_works_from_the_first_day() -> None:
    new = handbook(team(order=["ann", "ben"], people={**PEOPLE, "ann": {**NEW_YORK, "joined": date(2026, 3, 3)}}))

    assert utc("2026-03-03T14:00") == next_working(new, "ann", utc("2026-02-02T15:00"))


def test_who_has_left_is_told_at_once_rather_than_never() -> None:
    old = handbook(team(order=["ann", "ben"], people={**PEOPLE, "ann": {**NEW_YORK, "left": date(2026, 1, 31)}}))
    night = utc("2026-02-02T03:00")

    assert not is_working(old, "ann", night)
    assert night == next_working(old, "ann", night)


def test_an_instant_in_another_zone_is_answered_in_utc() -> None:
    noon = datetime(2026, 2, 2, 12, tzinfo=ZoneInfo("America/New_York"))

    found = next_working(book(), "ann", noon)

    assert (utc("2026-02-02T17:00"), timedelta(0)) == (found, found.utcoffset())


@pytest.mark.parametrize("ask", [is_working, next_working])
def test_an_instant_without_a_zone_is_refused(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(ValueError, match="carries no time zone; expected an instant such as one in UTC"):
        ask(book(), "ann", datetime(2026, 2, 2, 12))  # noqa: DTZ001 - what the test is about


def at_the_desk(found: Handbook, engineer: Engineer, who: str, at: datetime) -> bool:
    """Whether a wall clock, a calendar of holidays and the list of time off all say that it is working time.

    By dates and wall times alone, unlike what is tested; without the minutes that a changing clock makes unclear.
    """
    hours, local = found.team.business_hours, at.astimezone(ZoneInfo(engineer.timezone))
    day, hour = local.date(), f"{local:%H:%M}"
    moment = (day, hour)
    absent = [
        (one.first, one.from_hour or "00:00") <= moment < (one.last, one.to_hour or "24:00")
        for one in found.team.away
        if one.who == who
    ]
    return (
        WEEKDAYS[local.weekday()] in hours.days
        and hours.start <= hour < hours.to
        and day not in public_holidays(engineer.region, (day.year,))
        and not any(absent)
        and (engineer.joined is None or engineer.joined <= day)
        and (engineer.left is None or day <= engineer.left)
    )


def _clear(engineer: Engineer, at: datetime) -> bool:
    zone = ZoneInfo(engineer.timezone)
    around = (at - timedelta(hours=4), at + timedelta(hours=4))
    return len({one.astimezone(zone).utcoffset() for one in around}) == 1


@settings(
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(handbooks(changes=False), office_hours, minutes, st.data())
def test_nothing_before_the_next_working_instant_is_working(
    drawn: Handbook, hours: dict[str, object], at: datetime, data: st.DataObject
) -> None:
    found = handbook(drawn.team.model_copy(update={"business_hours": BusinessHours.model_validate(hours)}))
    who = data.draw(st.sampled_from(sorted(found.team.engineers)))
    engineer = found.team.engineers[who]

    following = next_working(found, who, at)

    assert at <= following
    working = is_working(found, who, at)
    assert following == at or (not working and is_working(found, who, following))
    # Where nothing is found, nothing is there for a year.
    until = at + SEARCHED if following == at else following
    minutes_between = st.integers(0, int((until - at) / timedelta(minutes=1)) - 1)
    for minute in () if working else data.draw(st.lists(minutes_between, max_size=8)):
        assert not is_working(found, who, at + timedelta(minutes=minute))
    if _clear(engineer, at):
        assert at_the_desk(found, engineer, who, at) is working
