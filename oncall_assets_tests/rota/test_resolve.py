"""Who is on call: one answer at every instant, whichever way it is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_assets.handbook.team import Team
from oncall_assets.rota import Shift, on_call, shifts
from oncall_assets.rota.turns import turn_at
from oncall_assets_tests.rota.teams import FOUR, handbook, team

PEOPLE = ["alice", "bob", "carol", "david", "erin"]
ZONES = [
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Africa/Cairo",
    "Pacific/Apia",
]

pairs = st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2, unique=True).map(lambda two: (two[0], two[1]))
teams = st.builds(
    team,
    zone=st.sampled_from(ZONES),
    turn=st.sampled_from(["1 day", "3 days", "1 week", "10 days", "2 weeks"]),
    hour=st.times().map(lambda hour: f"{hour:%H:%M}"),
    start=st.dates(date(2010, 1, 1), date(2030, 12, 31)),
    order=st.lists(pairs, min_size=1, max_size=5),
)
instants = st.datetimes(datetime(2009, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
lengths = st.timedeltas(timedelta(0), timedelta(days=40))


@given(teams, instants, lengths)
def test_shifts_cover_a_stretch_without_gap_or_overlap(team: Team, start: datetime, length: timedelta) -> None:
    found = list(shifts(handbook(team), start, start + length))

    if not length:
        assert [] == found
        return
    assert found[0].start <= start < found[0].end
    assert found[-1].start < start + length <= found[-1].end
    assert all(before.end == after.start for before, after in pairwise(found))
    assert all(shift.start < shift.end for shift in found)


@given(teams, instants, lengths, st.data())
def test_the_shift_at_an_instant_is_the_one_that_the_expansion_has(
    team: Team, start: datetime, length: timedelta, data: st.DataObject
) -> None:
    at = data.draw(st.datetimes(_bare(start), _bare(start + length), timezones=st.just(UTC)))

    found = [
        shift for shift in shifts(handbook(team), start, start + length + timedelta(days=1)) if _holds(shift, at)
    ]

    assert [on_call(handbook(team), at)] == found


@given(teams, instants)
def test_the_pair_is_that_of_the_turns_number_and_never_one_person(team: Team, at: datetime) -> None:
    order = team.rotation.pairs
    turn = turn_at(team.rotation, ZoneInfo(team.timezone), at)

    shift = on_call(handbook(team), at)

    assert order[turn.index % len(order)] == (shift.primary, shift.secondary)
    assert shift.primary != shift.secondary


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-05T14:00", ("alice", "bob")),
        ("2026-01-12T13:59", ("alice", "bob")),
        ("2026-01-12T14:00", ("bob", "carol")),
        ("2026-01-19T14:00", ("carol", "david")),
        ("2026-01-26T14:00", ("david", "alice")),
        ("2026-02-02T14:00", ("alice", "bob")),
        ("2026-01-05T13:59", ("david", "alice")),
        ("2026-07-06T13:00", FOUR[26 % 4]),
        ("2026-07-06T12:59", FOUR[25 % 4]),
    ],
)
def test_four_pairs_take_a_week_each_from_monday_at_nine_in_new_york(at: str, expected: tuple[str, str]) -> None:
    shift = on_call(handbook(team()), datetime.fromisoformat(f"{at}+00:00"))

    assert expected == (shift.primary, shift.secondary)


def test_a_day_that_a_zone_skipped_has_no_shift_of_its_own() -> None:
    # Samoa went from Thursday, 29 December 2011, to Saturday; Friday's turn began and ended at midnight.
    samoa = team("Pacific/Apia", "1 day", "00:00", date(2011, 12, 26))

    found = list(
        shifts(handbook(samoa), datetime(2011, 12, 29, 10, tzinfo=UTC), datetime(2011, 12, 31, 10, tzinfo=UTC))
    )

    assert [("david", "alice"), ("bob", "carol")] == [(shift.primary, shift.secondary) for shift in found]


def test_a_shift_says_why_it_is_as_it_is() -> None:
    shift = on_call(handbook(team()), datetime(2026, 3, 10, tzinfo=UTC))

    assert (
        "turn 10 of the rotation, from Mon 2026-03-09 09:00 to Mon 2026-03-16 09:00 America/New_York",
    ) == shift.why


def _holds(shift: Shift, at: datetime) -> bool:
    return shift.start <= at < shift.end


def _bare(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
