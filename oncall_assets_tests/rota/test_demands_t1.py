"""What the plan of `examples/regional-holidays` demands of the rota; expected people are counted on a calendar.

A lives in New York, B in London, C in Mumbai, D in Berlin. Weeks begin on Monday at 14:00 in London: 2026-01-05 is
A's, and every fourth Monday from it. The secondary is the next in order.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays

from oncall_assets.handbook import HandbookError, labels
from oncall_assets.rota import Rota
from oncall_assets_tests.rota.demands import copied, example, line_of, serving, sound, stamped, with_lines

TEAM = "regional-holidays"

OWNERS = {
    "profit": ("a", "b"),
    "unit_level_profit": ("b", "c"),
    "aggregate_profit": ("c", "a"),
    "growth": ("d", "a"),
    "aggregate_growth": ("a", "d"),
    "daily_growth": ("b", "c"),
    "engagement": ("c", "d"),
    "aggregate_engagement": ("d", "b"),
}


@pytest.mark.parametrize(("pipeline", "owners"), OWNERS.items())
def test_t1_1_the_data_owner_is_not_the_metric_owner_and_both_are_recorded(
    pipeline: str, owners: tuple[str, str]
) -> None:
    spec = stamped(TEAM)[pipeline]
    assert (pipeline, *owners) == tuple(
        spec.tags[tag] for tag in (labels.PIPELINE, labels.PRIMARY, labels.SECONDARY)
    )
    data_owners = [f"engineer.{who}@example.com" for who in owners]
    assert data_owners == [owner for owner in spec.owners if not owner.startswith("team:")]
    metric_owner = spec.metadata[labels.METRIC_OWNER].value
    assert metric_owner
    assert metric_owner not in data_owners
    assert 8 == len(example(TEAM).team.pipelines)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-05T13:59Z", ("d", "a")),
        ("2026-01-05T14:00Z", ("a", "b")),
        ("2026-01-14T12:00Z", ("b", "c")),
        ("2026-01-21T12:00Z", ("c", "d")),
        ("2026-01-28T12:00Z", ("d", "a")),
        ("2026-02-04T12:00Z", ("a", "b")),
        # The hand-off of 2026-03-30, the day after clocks went forward in London.
        ("2026-03-30T12:59Z", ("d", "a")),
        ("2026-03-30T13:00Z", ("a", "b")),
        # 9, 8, 7 and 6 weeks before the first turn.
        ("2025-11-06T12:00Z", ("d", "a")),
        ("2025-11-13T12:00Z", ("a", "b")),
        ("2025-11-20T12:00Z", ("b", "c")),
        ("2025-11-27T12:00Z", ("c", "d")),
        # 73 and 75 weeks after it.
        ("2027-06-03T12:00Z", ("b", "c")),
        ("2027-06-17T12:00Z", ("d", "a")),
    ],
)
def test_t1_2_a_b_c_and_d_take_turns_by_the_week(at: str, expected: tuple[str, str]) -> None:
    assert expected == serving(example(TEAM), at)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # Columbus Day in New York, 2026-10-12, in the week of A and B; it begins before the turn does.
        ("2026-10-12T13:00Z", ("b", "c")),
        ("2026-10-13T03:59Z", ("b", "c")),
        ("2026-10-13T04:00Z", ("a", "b")),
        # Gandhi's birthday in Mumbai, 2026-10-02, and German Unity Day in Berlin, 2026-10-03, in C's and D's week.
        ("2026-10-01T18:29Z", ("c", "d")),
        ("2026-10-01T18:30Z", ("d", "a")),
        ("2026-10-02T18:29Z", ("d", "a")),
        ("2026-10-02T18:30Z", ("c", "d")),
        ("2026-10-02T22:00Z", ("c", "a")),
        ("2026-10-03T21:59Z", ("c", "a")),
        ("2026-10-03T22:00Z", ("c", "d")),
        # Easter Monday, 2026-04-06, in B's week: D has it too. A stays until B is back, though D is back before.
        ("2026-04-06T14:00Z", ("c", "a")),
        ("2026-04-06T22:30Z", ("c", "a")),
        ("2026-04-06T23:00Z", ("b", "c")),
    ],
)
def test_t1_3_nobody_serves_on_a_public_holiday_of_their_own_region(at: str, expected: tuple[str, str]) -> None:
    assert expected == serving(example(TEAM), at)


def test_t1_3_in_three_years_a_holiday_is_worked_only_where_fewer_than_two_are_free() -> None:
    # The public holidays are asked of the package itself, region by region; half hours meet every midnight.
    zones = {
        "a": ("America/New_York", "US", "NY"),
        "b": ("Europe/London", "GB", "ENG"),
        "c": ("Asia/Kolkata", "IN", "MH"),
        "d": ("Europe/Berlin", "DE", "BE"),
    }
    days = {
        who: (ZoneInfo(zone), country_holidays(country, subdiv=part, years=range(2024, 2030), language="en_US"))
        for who, (zone, country, part) in zones.items()
    }
    rota = Rota(example(TEAM))
    at, worked = datetime(2025, 1, 1, tzinfo=UTC), 0
    while at < datetime(2028, 1, 1, tzinfo=UTC):
        shift = rota.on_call(at)
        off = {who for who, (zone, holidays) in days.items() if at.astimezone(zone).date() in holidays}
        serving_on_holiday = {shift.primary, shift.secondary} & off
        assert max(0, len(off) - 2) == len(serving_on_holiday), f"{at}: {off} are off, {serving_on_holiday} serve"
        worked += len(serving_on_holiday)
        at += timedelta(minutes=30)
    assert worked


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # 2026-05-25 is Memorial Day, Spring Bank Holiday and Whit Monday. Only C would be left, and
        # backs up whoever is in turn: D until 13:00 UTC, then A.
        ("2026-05-25T12:00Z", ("d", "c")),
        ("2026-05-25T15:00Z", ("a", "c")),
        # Christmas Day is everybody's, and New Year's Day everybody's but C's.
        ("2026-12-25T12:00Z", ("b", "c")),
        ("2026-12-25T16:00Z", ("c", "d")),
        ("2027-01-01T16:00Z", ("b", "c")),
    ],
)
def test_t1_3_where_fewer_than_two_would_be_left_the_one_in_turn_serves(
    at: str, expected: tuple[str, str]
) -> None:
    assert expected == serving(example(TEAM), at)


def test_t1_3_nobody_serves_during_their_vacation_which_is_in_days_of_their_own_zone(tmp_path: Path) -> None:
    away = with_lines(
        tmp_path,
        TEAM,
        """
away:
  - {who: b, from: 2026-07-27, to: 2026-07-29, why: vacation}
  - {who: c, from: 2026-07-31, to: 2026-08-01, why: vacation}
""",
    )
    assert ("a", "b") == serving(away, "2026-07-26T22:59Z")
    assert ("a", "c") == serving(away, "2026-07-26T23:00Z")
    assert ("c", "d") == serving(away, "2026-07-27T13:00Z")
    assert ("c", "d") == serving(away, "2026-07-29T22:59Z")
    assert ("b", "c") == serving(away, "2026-07-29T23:00Z")
    # Midnight in Mumbai is 18:30 of the day before in UTC.
    assert ("b", "c") == serving(away, "2026-07-30T18:29Z")
    assert ("b", "d") == serving(away, "2026-07-30T18:30Z")
    assert ("b", "d") == serving(away, "2026-08-01T18:29Z")
    assert ("b", "c") == serving(away, "2026-08-01T18:30Z")


def test_t1_4_the_week_of_notice_is_by_the_calendar_though_clocks_change_in_it(tmp_path: Path) -> None:
    # Clocks go forward in London on 2026-03-29: from Monday 14:00 to Monday 14:00 are 167 hours.
    swapped = with_lines(
        tmp_path,
        TEAM,
        'changes: [{kind: swap, turn: 2026-03-30, give: a, take: c, requested: "2026-03-23T14:00"}]\n',
    )
    assert ("c", "b") == serving(swapped, "2026-04-01T12:00Z")


def swap(requested: str, give: str = "c", more: str = "") -> str:
    return f"changes:\n  - {{kind: swap, turn: 2026-06-08, give: {give}, take: a, requested: {requested}{more}}}\n"


@pytest.mark.parametrize("requested", ["2026-05-20", '"2026-06-01T14:00"'])
def test_t1_4_a_swap_requested_a_week_ahead_holds(tmp_path: Path, requested: str) -> None:
    swapped = with_lines(tmp_path, TEAM, swap(requested))
    assert ("c", "d") == serving(example(TEAM), "2026-06-10T12:00Z")
    assert ("a", "d") == serving(swapped, "2026-06-10T12:00Z")
    assert ("d", "a") == serving(swapped, "2026-06-17T12:00Z")


@pytest.mark.parametrize("requested", ['"2026-06-01T14:01"', "2026-06-05"])
def test_t1_4_a_later_one_is_refused_with_the_reason(tmp_path: Path, requested: str) -> None:
    folder = copied(tmp_path, TEAM, swap(requested))
    with pytest.raises(HandbookError) as refused:
        sound(folder)
    (problem,) = refused.value.problems
    assert (str(folder / "team.yaml"), "changes[0].requested") == (problem.path, problem.field)
    assert line_of(folder / "team.yaml", "kind: swap") == problem.line
    # The last moment, and the way out.
    assert "2026-06-01 14:00" in problem.message.replace("T", " ")
    assert "emergency" in problem.message


def test_t1_4_unless_somebody_approved_it_as_an_emergency(tmp_path: Path) -> None:
    swapped = with_lines(tmp_path, TEAM, swap("2026-06-07", more=", emergency: b, because: ill"))
    assert ("a", "d") == serving(swapped, "2026-06-10T12:00Z")


def test_t1_4_and_of_somebody_who_does_not_hold_the_turn(tmp_path: Path) -> None:
    with pytest.raises(HandbookError) as refused:
        with_lines(tmp_path, TEAM, swap("2026-05-20", give="b"))
    (problem,) = refused.value.problems
    assert "changes[0].give" == problem.field
    assert "'b'" in problem.message


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # The season's days begin at 14:00 in London; on 2026-12-20 it is B's week, and each day goes to the next.
        ("2026-12-20T13:59Z", ("b", "c")),
        ("2026-12-20T20:00Z", ("b", "c")),
        ("2026-12-21T20:00Z", ("c", "d")),
        ("2026-12-22T20:00Z", ("d", "a")),
        ("2026-12-23T20:00Z", ("a", "b")),
        ("2026-12-24T16:00Z", ("b", "c")),
        # D's day, and D's second day of Christmas; B has Boxing Day.
        ("2026-12-26T20:00Z", ("a", "c")),
        ("2026-12-27T20:00Z", ("a", "b")),
        # B's day, and B's Boxing Day is observed on this Monday.
        ("2026-12-28T20:00Z", ("c", "d")),
        ("2026-12-29T20:00Z", ("c", "d")),
        ("2026-12-30T20:00Z", ("d", "a")),
        ("2026-12-31T20:00Z", ("a", "b")),
        ("2027-01-02T20:00Z", ("c", "d")),
        # After it, the week is whose it was: the one of 2026-12-28 is D's.
        ("2027-01-03T14:00Z", ("d", "a")),
        ("2027-01-04T14:00Z", ("a", "b")),
    ],
)
def test_t1_5_in_the_season_of_major_holidays_the_week_is_split_by_day(at: str, expected: tuple[str, str]) -> None:
    assert expected == serving(example(TEAM), at)
