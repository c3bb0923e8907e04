"""Load adds up, in real hours, by the kind of time it is where people live; and Grafana's formula beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_assets.handbook import load_handbook
from oncall_assets.handbook.rota import Away, Holidays
from oncall_assets.handbook.team import Team
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.rota.fairness import FAIR, Fairness, Grafana, Load, fairness, grafana_score, measure
from oncall_assets.rota.shift import Reason, Shift
from oncall_assets_tests.rota.teams import team

ROOT = Path(__file__).parents[2]
HANDBOOKS = [ROOT / "runbooks", *(path.parent for path in sorted((ROOT / "examples").glob("*/team.yaml")))]
PEOPLE = ("alice", "bob", "carol", "david")
ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana")
WEEK = timedelta(weeks=1)
# Monday to Monday, without a holiday of any of the regions here.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def shift(start: datetime, end: datetime, primary: str = "alice", secondary: str = "bob") -> Shift:
    return Shift(start, end, primary, secondary, (Reason("base", "for the test"),))


def someone(written: Team, who: str, **fields: Any) -> Team:
    changed = {**written.engineers, who: written.engineers[who].model_copy(update=fields)}
    return written.model_copy(update={"engineers": changed})


def load_of(found: Fairness, who: str) -> Load:
    return next(load for load in found.loads if load.who == who)


def alone(start: datetime, end: datetime, written: Team | None = None) -> Load:
    """What alice carries as primary from `start` to `end`."""
    return load_of(measure(written or team(), [shift(start, end)], start, end), "alice")


def test_a_week_of_primary_duty_is_90_points_and_of_secondary_duty_36() -> None:
    found = measure(team(), [shift(MONDAY, MONDAY + WEEK)], MONDAY, MONDAY + WEEK)
    assert (90, 36, 0) == tuple(load_of(found, who).points for who in ("alice", "bob", "carol"))
    assert (168, 0, 56, 48) == (
        load_of(found, "alice").primary.total,
        load_of(found, "alice").secondary.total,
        load_of(found, "alice").primary.night,
        load_of(found, "alice").primary.weekend,
    )
    assert 168 == load_of(found, "bob").secondary.total


@pytest.mark.parametrize(("monday", "hours"), [(2, 167), (9, 168)])
def test_the_week_in_which_summer_time_begins_has_167_hours(monday: int, hours: int) -> None:
    at_home = someone(team(), "alice", timezone="America/New_York")
    # Hand-offs at 09:00 in New York: before the 8th of March at 14:00 UTC, from then on at 13:00.
    start, end = (datetime(2026, 3, day, 14 if day < 8 else 13, tzinfo=UTC) for day in (monday, monday + 7))
    assert hours == alone(start, end, at_home).primary.total
    # The hour that is missing is one of a Sunday night.
    lost = 168 - hours
    assert (56 - lost, 48 - lost) == (
        alone(start, end, at_home).primary.night,
        alone(start, end, at_home).primary.weekend,
    )
    assert 90 - lost * 20 / 24 == pytest.approx(alone(start, end, at_home).points)


def test_the_week_in_which_summer_time_ends_has_169_hours() -> None:
    at_home = someone(team(), "alice", timezone="America/New_York", region="IN")
    found = alone(datetime(2026, 10, 26, 13, tzinfo=UTC), datetime(2026, 11, 2, 14, tzinfo=UTC), at_home)
    assert (169, 57, 49) == (found.primary.total, found.primary.night, found.primary.weekend)


def test_a_night_is_one_where_the_engineer_lives() -> None:
    day = MONDAY, MONDAY + timedelta(hours=8)
    assert 6 == alone(*day).primary.night
    # 00:00 to 08:00 UTC is 05:30 to 13:30 in Kolkata.
    assert 0.5 == alone(*day, someone(team(), "alice", timezone="Asia/Kolkata")).primary.night


def test_a_public_holiday_counts_in_the_region_that_has_it_and_nowhere_else() -> None:
    # The 26th of January 2026 is Republic Day in India, a Monday.
    day = datetime(2026, 1, 26, tzinfo=UTC), datetime(2026, 1, 27, tzinfo=UTC)
    abroad, here = alone(*day), alone(*day, someone(team(), "alice", region="IN"))
    assert (10, [], 0) == (abroad.points, abroad.holidays, abroad.primary.holiday)
    assert (30, [date(2026, 1, 26)], 24) == (here.points, here.holidays, here.primary.holiday)


def test_a_major_holiday_counts_50_once_on_its_nominal_date_for_either_role() -> None:
    # Independence Day 2026 is a Saturday, observed on the Friday before.
    listed = team().model_copy(update={"holidays": Holidays(major=["Independence Day"])})
    start, end = datetime(2026, 7, 3, tzinfo=UTC), datetime(2026, 7, 5, tzinfo=UTC)
    found = measure(listed, [shift(start, end)], start, end)
    alice, bob = load_of(found, "alice"), load_of(found, "bob")
    assert (30 + 50, 24, {2026: ["Independence Day"]}) == (alice.points, alice.primary.major, alice.major)
    assert pytest.approx(0.4 * 80) == bob.points
    assert (24, {2026: ["Independence Day"]}) == (bob.secondary.major, bob.major)
    assert ([date(2026, 7, 3), date(2026, 7, 4)], []) == (alice.holidays, bob.holidays)


def test_only_what_lies_in_the_window_counts() -> None:
    around = shift(MONDAY - WEEK, MONDAY + 3 * WEEK)
    found = measure(team(), [around], MONDAY, MONDAY + WEEK)
    assert (168, 90) == (load_of(found, "alice").primary.total, load_of(found, "alice").points)


@pytest.mark.parametrize(
    ("fields", "away", "days"),
    [
        ({}, [], 28.0),
        ({"works": 0.5}, [], 14.0),
        ({"joined": date(2026, 3, 9)}, [], 21.0),
        ({"left": date(2026, 3, 8)}, [], 7.0),
        ({"joined": date(2026, 3, 9), "left": date(2026, 3, 15), "works": 0.5}, [], 3.5),
        ({}, [("2026-03-10", "2026-03-22")], 28.0),
        ({}, [("2026-03-10", "2026-03-23")], 14.0),
        ({}, [("2026-03-10", "2026-03-16"), ("2026-03-17", "2026-03-23")], 14.0),
        ({}, [("2026-03-10", "2026-03-23"), ("2026-03-12", "2026-03-13")], 14.0),
        ({}, [("2026-02-01", "2026-03-08")], 21.0),
        ({"left": date(2026, 3, 15)}, [("2026-03-10", "2026-06-30")], 8.0),
        ({"joined": date(2027, 1, 1)}, [], 0.0),
    ],
)
def test_a_share_is_what_somebody_was_there_for(
    fields: dict[str, Any], away: list[tuple[str, str]], days: float
) -> None:
    leaves = [
        Away.model_validate({"who": "alice", "from": date.fromisoformat(first), "to": date.fromisoformat(last)})
        for first, last in away
    ]
    written = someone(team(), "alice", **fields).model_copy(update={"away": leaves})
    found = measure(written, [shift(MONDAY, MONDAY + 4 * WEEK, "bob", "carol")], MONDAY, MONDAY + 4 * WEEK)
    present = {load.who: load for load in found.loads}
    assert days == pytest.approx(present["alice"].available / 24 if "alice" in present else 0.0)
    assert days / (84 + days) == pytest.approx(present["alice"].share if "alice" in present else 0.0)


def test_the_spread_is_between_who_carried_most_and_least_beyond_their_share() -> None:
    weeks = [shift(MONDAY, MONDAY + WEEK), shift(MONDAY + WEEK, MONDAY + 2 * WEEK, "carol", "david")]
    found = measure(team(), weeks, MONDAY, MONDAY + 2 * WEEK)
    # 252 points over four: 63 each.
    assert [27, -27, 27, -27] == [pytest.approx(load.deviation) for load in found.loads]
    assert pytest.approx(54) == found.spread
    assert not found.fair
    even = measure(team(), weeks, MONDAY, MONDAY + 2 * WEEK, {"bob": 54, "david": 50})
    assert [27, 27, 27, 23] == [pytest.approx(load.deviation) for load in even.loads]
    assert pytest.approx(4) == even.spread
    assert even.fair
    assert FAIR == 10


@pytest.mark.parametrize(
    ("hours", "days", "expected"),
    [
        ({"a": 84, "b": 84}, 7, Grafana(100, 100, 100)),
        # 150 of 168 hours; one pair, 50 to 100.
        ({"a": 100, "b": 50}, 7, Grafana(89, 50, 70)),
        # Pairs 1/2, 1/4 and 1/2: 41.67 on average.
        ({"a": 100, "b": 50, "c": 25}, 7, Grafana(100, 42, 71)),
        # 95 and above is as good as 100; 94 is not.
        ({"a": 95, "b": 100}, 7, Grafana(100, 100, 100)),
        ({"a": 94, "b": 100}, 7, Grafana(100, 94, 97)),
        # Overlaps count twice, and no more than all of the time.
        ({"a": 168, "b": 168}, 7, Grafana(100, 100, 100)),
        ({"a": 84, "b": 0}, 7, Grafana(50, 100, 75)),
        ({}, 7, Grafana(0, 100, 50)),
    ],
)
def test_grafanas_score_is_as_by_hand(hours: dict[str, float], days: float, expected: Grafana) -> None:
    assert expected == grafana_score(hours, days)


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(ValueError, match="is empty; expected an end after the start"):
        measure(team(), [], MONDAY, MONDAY)


@st.composite
def served(draw: st.DrawFn) -> tuple[Team, list[Shift]]:
    """A team in odd zones and regions, and shifts without a gap over some weeks of any season."""
    written = team()
    for who in PEOPLE:
        zone, region = draw(st.sampled_from(ZONES)), draw(st.sampled_from(["US", "GB-ENG", "IN", "DE-BY"]))
        written = someone(written, who, timezone=zone, region=region, works=draw(st.sampled_from([1.0, 0.5])))
    start = draw(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds take no zone
    lengths = draw(st.lists(st.integers(1, 20_000), min_size=1, max_size=6))
    edges = [start + timedelta(minutes=sum(lengths[:number])) for number in range(len(lengths) + 1)]
    pairs = st.permutations(PEOPLE)
    return written, [shift(first, last, *draw(pairs)[:2]) for first, last in pairwise(edges)]


@given(served())
def test_hours_and_shares_add_up(drawn: tuple[Team, list[Shift]]) -> None:
    written, rota = drawn
    start, end = rota[0].start, rota[-1].end
    found = measure(written, rota, start, end)
    hours = (end - start) / timedelta(hours=1)
    assert pytest.approx(hours) == sum(load.primary.total for load in found.loads)
    assert pytest.approx(hours) == sum(load.secondary.total for load in found.loads)
    assert pytest.approx(1) == sum(load.share for load in found.loads)
    assert pytest.approx(0, abs=1e-6) == sum(load.deviation for load in found.loads)
    for load in found.loads:
        for role in (load.primary, load.secondary):
            assert all(0 <= kind <= role.total + 1e-9 for kind in (role.night, role.weekend, role.holiday))
        days = (load.primary.total + 0.4 * load.secondary.total) / 24
        assert 10 * days - 1e-6 <= load.points <= 50 * days + 1e-6


@given(served(), st.floats(0.01, 0.99))
def test_the_load_of_a_window_is_that_of_its_parts(drawn: tuple[Team, list[Shift]], where: float) -> None:
    written, rota = drawn
    start, end = rota[0].start, rota[-1].end
    cut = start + (end - start) * where
    whole = _points(measure(written, rota, start, end))
    parts = [_points(measure(written, rota, *part)) for part in ((start, cut), (cut, end))]
    assert {who: pytest.approx(parts[0].get(who, 0) + parts[1].get(who, 0)) for who in whole} == whole


def _points(found: Fairness) -> dict[str, float]:
    return {load.who: load.points for load in found.loads}


@pytest.mark.parametrize("folder", HANDBOOKS, ids=lambda folder: folder.name)
def test_the_hours_of_a_handbooks_year_are_the_hours_of_the_year(folder: Path) -> None:
    handbook = load_handbook(folder, frozenset(LANDED))
    found = fairness(handbook, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert pytest.approx(8760) == sum(load.primary.total for load in found.loads)
    assert pytest.approx(8760) == sum(load.secondary.total for load in found.loads)
    assert 100 == found.grafana.covered
