"""What the plan of `examples/secondary-covers-holidays` demands of the rota; expected people are counted by hand.

Alice lives in New York, Bob in London, Carol in California, David in Bengaluru. Weeks begin on Monday at 09:00 in
New York: 2026-01-05 is Alice's, and every fourth Monday from it. David volunteers.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from oncall_assets.handbook import labels
from oncall_assets.rota import on_call
from oncall_assets_tests.rota.demands import example, serving, stamped, with_lines

TEAM = "secondary-covers-holidays"

OUTPUTS = {
    "profit": ("alice", "bob", {"profit", "unit_level_profit", "aggregate_profit"}),
    "growth": ("bob", "carol", {"growth", "daily_growth", "aggregate_growth"}),
    "engagement": ("carol", "david", {"engagement", "aggregate_engagement"}),
    "aggregated_data": ("david", "alice", {"investor_report"}),
}


@pytest.mark.parametrize("pipeline", OUTPUTS)
def test_t2_1_a_pipeline_owns_several_outputs(pipeline: str) -> None:
    primary, secondary, outputs = OUTPUTS[pipeline]
    for output in outputs:
        tags = stamped(TEAM)[output].tags
        found = tags[labels.PIPELINE], tags[labels.PRIMARY], tags[labels.SECONDARY]
        assert (pipeline, primary, secondary) == found
    assert 4 == len(example(TEAM).team.pipelines)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-07T12:00-05:00", ("alice", "bob")),
        ("2026-01-14T12:00-05:00", ("bob", "carol")),
        ("2026-01-21T12:00-05:00", ("carol", "david")),
        ("2026-01-28T12:00-05:00", ("david", "alice")),
        ("2026-02-04T12:00-05:00", ("alice", "bob")),
        # 51 weeks before the first turn, and 77 after it.
        ("2025-01-15T12:00-05:00", ("bob", "carol")),
        ("2027-06-30T12:00-04:00", ("bob", "carol")),
    ],
)
def test_t2_2_four_weeks_each_with_its_backup_repeat(at: str, expected: tuple[str, str]) -> None:
    assert expected == serving(example(TEAM), at)


@pytest.mark.parametrize(
    ("at", "note"),
    [
        ("2026-01-07T12:00Z", "Alice covers Profit first, and watches the others if needed."),
        ("2026-01-14T12:00Z", "Bob covers Growth first."),
        ("2026-01-28T12:00Z", "David covers the combined investor report."),
        ("2027-02-03T12:00Z", "Alice covers Profit first, and watches the others if needed."),
    ],
)
def test_t2_2_each_week_has_its_note(at: str, note: str) -> None:
    shift = on_call(example(TEAM), datetime.fromisoformat(at))
    assert shift.why[0].endswith(f"({note})")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # Martin Luther King Jr. Day, 2026-01-19, is Carol's, by the clock of California; Alice has it too.
        ("2026-01-19T14:00Z", ("david", "bob")),
        ("2026-01-20T07:59Z", ("david", "bob")),
        ("2026-01-20T08:00Z", ("carol", "david")),
        # May Day, 2026-05-04, is Bob's, until midnight in London.
        ("2026-05-04T13:00Z", ("carol", "david")),
        ("2026-05-04T22:59Z", ("carol", "david")),
        ("2026-05-04T23:00Z", ("bob", "carol")),
    ],
)
def test_t2_3_on_a_holiday_of_the_primary_the_secondary_steps_in(at: str, expected: tuple[str, str]) -> None:
    assert expected == serving(example(TEAM), at)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # Thanksgiving and the day after it are Carol's, from midnight in California (08:00 UTC). David, her
        # secondary, has the first; Alice, next in order, cannot back him up on her own Thanksgiving, and Bob does.
        ("2025-11-27T20:00Z", ("david", "bob")),
        ("2026-11-26T07:59Z", ("carol", "david")),
        ("2026-11-26T08:00Z", ("david", "bob")),
        ("2026-11-27T07:59Z", ("david", "bob")),
        ("2027-11-25T20:00Z", ("david", "bob")),
        # The second day is Alice's, with David the volunteer behind her.
        ("2025-11-28T20:00Z", ("alice", "david")),
        ("2026-11-27T08:00Z", ("alice", "david")),
        ("2026-11-28T07:59Z", ("alice", "david")),
        ("2027-11-26T20:00Z", ("alice", "david")),
        ("2026-11-28T08:00Z", ("carol", "david")),
    ],
)
def test_t2_3_a_holiday_of_several_days_is_shared(at: str, expected: tuple[str, str]) -> None:
    assert expected == serving(example(TEAM), at)


def test_t2_4_on_the_primarys_vacation_the_secondary_becomes_primary_and_a_volunteer_secondary(
    tmp_path: Path,
) -> None:
    away = with_lines(
        tmp_path,
        TEAM,
        """
away:
  - {who: alice, from: 2026-07-20, to: 2026-07-26, why: vacation}
""",
    )
    # David has handed over to Alice, who is not there; Carol would be next in order, and David volunteered.
    assert ("david", "bob") == serving(away, "2026-07-20T12:59Z")
    assert ("bob", "david") == serving(away, "2026-07-20T13:00Z")
    assert ("bob", "david") == serving(away, "2026-07-27T03:59Z")
    assert ("alice", "bob") == serving(away, "2026-07-27T04:00Z")
    assert ("bob", "carol") == serving(away, "2026-07-27T13:00Z")


def test_t2_4_a_missing_secondary_is_a_volunteer_too(tmp_path: Path) -> None:
    away = with_lines(tmp_path, TEAM, "away: [{who: bob, from: 2026-07-21, to: 2026-07-22, why: vacation}]\n")
    assert ("alice", "bob") == serving(away, "2026-07-20T22:59Z")
    assert ("alice", "david") == serving(away, "2026-07-20T23:00Z")
    assert ("alice", "david") == serving(away, "2026-07-22T22:59Z")
    assert ("alice", "bob") == serving(away, "2026-07-22T23:00Z")


def test_t2_4_where_the_volunteer_cannot_the_next_in_order_becomes_secondary(tmp_path: Path) -> None:
    away = with_lines(
        tmp_path,
        TEAM,
        """
away:
  - {who: alice, from: 2026-07-20, to: 2026-07-26, why: vacation}
  - {who: david, from: 2026-07-20, to: 2026-07-27, why: vacation}
""",
    )
    assert ("bob", "carol") == serving(away, "2026-07-23T12:00Z")
