"""What the plan of `examples/eight-pipelines` demands of the rota; expected people are counted on a calendar.

Weeks begin on Monday at 09:00 in New York: 2026-01-05 is Alice's, and every fourth Monday from it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from oncall_assets.handbook import labels
from oncall_assets_tests.rota.demands import example, serving, stamped, with_lines

TEAM = "eight-pipelines"

OWNERS = {
    "profit": ("alice", "bob"),
    "unit_level_profit": ("carol", "dave"),
    "aggregate_profit": ("bob", "alice"),
    "growth": ("dave", "carol"),
    "aggregate_growth": ("alice", "bob"),
    "daily_growth": ("carol", "dave"),
    "engagement": ("bob", "alice"),
    "aggregate_engagement": ("dave", "carol"),
}


@pytest.mark.parametrize(("pipeline", "expected"), OWNERS.items())
def test_t0_1_each_of_eight_pipelines_has_its_primary_and_secondary_owner(
    pipeline: str, expected: tuple[str, str]
) -> None:
    # Every pipeline of this plan is named after the asset it makes.
    tags = stamped(TEAM)[pipeline].tags
    found = tags[labels.PIPELINE], tags[labels.PRIMARY], tags[labels.SECONDARY]
    assert (pipeline, *expected) == found
    assert 8 == len(example(TEAM).team.pipelines)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-05T09:00-05:00", ("alice", "bob")),
        ("2026-01-14T12:00-05:00", ("bob", "carol")),
        ("2026-01-21T12:00-05:00", ("carol", "dave")),
        ("2026-01-28T12:00-05:00", ("dave", "alice")),
        ("2026-02-04T12:00-05:00", ("alice", "bob")),
        # The hand-off itself, in the week in which clocks go forward (2026-03-08).
        ("2026-03-09T08:59-04:00", ("alice", "bob")),
        ("2026-03-09T09:00-04:00", ("bob", "carol")),
        # 51 weeks before the first turn, and 77 after it.
        ("2025-01-15T12:00-05:00", ("bob", "carol")),
        ("2027-06-30T12:00-04:00", ("bob", "carol")),
    ],
)
def test_t0_2_four_pairs_take_turns_by_the_week(at: str, expected: tuple[str, str]) -> None:
    assert expected == serving(example(TEAM), at)


@pytest.mark.parametrize(
    ("christmas", "new_year"),
    [
        ("2025-12-25T12:00-05:00", "2026-01-01T12:00-05:00"),
        ("2026-12-25T12:00-05:00", "2027-01-01T12:00-05:00"),
        ("2027-12-25T12:00-05:00", "2028-01-01T12:00-05:00"),
    ],
)
def test_t0_3_plain_rotation_gives_dave_neither_major_holiday(christmas: str, new_year: str) -> None:
    # 52 weeks are thirteen rounds, so the same pairs meet the same holidays every year.
    plain = example(TEAM)
    assert ("carol", "dave") == serving(plain, christmas)
    assert ("dave", "alice") == serving(plain, new_year)
    never_off = {*serving(plain, christmas)} & {*serving(plain, new_year)}
    assert {"dave"} == never_off


def test_t0_3_the_same_three_serve_on_every_major_holiday_and_bob_on_none() -> None:
    days = [f"{year}-{day}T12:00-05:00" for year in (2025, 2026, 2027) for day in ("01-01", "12-25")]
    found = [who for day in days for who in serving(example(TEAM), day)]
    assert {"alice": 3, "carol": 3, "dave": 6} == dict(sorted(Counter(found).items()))


def test_t0_4_a_turn_is_swapped_for_a_planned_vacation(tmp_path: Path) -> None:
    swapped = with_lines(
        tmp_path,
        TEAM,
        """
changes:
  - {kind: swap, turn: 2026-05-04, give: bob, take: dave, requested: 2026-04-20, because: a week in the mountains}
  - {kind: swap, turn: 2026-05-18, give: dave, take: bob, requested: 2026-04-20, because: gives the week back}
""",
    )
    assert ("alice", "bob") == serving(swapped, "2026-05-04T08:59-04:00")
    assert ("dave", "carol") == serving(swapped, "2026-05-04T09:00-04:00")
    assert ("dave", "carol") == serving(swapped, "2026-05-11T08:59-04:00")
    assert ("carol", "dave") == serving(swapped, "2026-05-11T09:00-04:00")
    assert ("bob", "alice") == serving(swapped, "2026-05-20T12:00-04:00")
    assert ("alice", "bob") == serving(swapped, "2026-05-25T09:00-04:00")


def test_t0_4_part_of_a_turn_is_swapped_for_a_personal_event(tmp_path: Path) -> None:
    swapped = with_lines(
        tmp_path,
        TEAM,
        """
changes:
  - kind: swap
    turn: 2026-05-04
    from: "2026-05-05T13:00"
    to: "2026-05-06T09:00"
    give: bob
    take: alice
    requested: 2026-05-05
    because: a wedding
""",
    )
    assert ("bob", "carol") == serving(swapped, "2026-05-05T12:59-04:00")
    assert ("alice", "carol") == serving(swapped, "2026-05-05T13:00-04:00")
    assert ("alice", "carol") == serving(swapped, "2026-05-06T08:59-04:00")
    assert ("bob", "carol") == serving(swapped, "2026-05-06T09:00-04:00")


def test_t0_4_two_engineers_of_one_turn_exchange_their_roles(tmp_path: Path) -> None:
    swapped = with_lines(
        tmp_path,
        TEAM,
        """
changes:
  - {kind: swap, turn: 2026-05-04, give: bob, take: carol, requested: 2026-04-20}
""",
    )
    assert ("carol", "bob") == serving(swapped, "2026-05-07T12:00-04:00")
    assert ("carol", "dave") == serving(swapped, "2026-05-14T12:00-04:00")
