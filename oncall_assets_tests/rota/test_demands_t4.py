"""What the plan of `examples/annual-holiday-table` demands of the rota; expected people are counted on a calendar.

Weeks begin on Monday at 09:00 in New York: 2024-12-30 is Eng1's, and every fifth Monday from it. The secondary is
who comes two places later.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from oncall_assets.handbook import labels
from oncall_assets.rota.publish import promised, publish
from oncall_assets.rota.quarters import Quarter
from oncall_assets_tests.rota.demands import copied, example, serving, sound, stamped, with_lines

TEAM = "annual-holiday-table"

OWNERS = {
    "unit_level_profit": ("eng1", "eng2", "eng3"),
    "aggregate_profit": ("eng2", "eng4", "eng5"),
    "aggregate_growth": ("eng3", "eng1", "eng5"),
    "daily_growth": ("eng4", "eng1", "eng2"),
    "aggregate_engagement": ("eng5", "eng3", "eng4"),
}

PAIRS = (("eng1", "eng3"), ("eng2", "eng4"), ("eng3", "eng5"), ("eng4", "eng1"), ("eng5", "eng2"))

HOLIDAYS = [
    ("2025-01-01", "eng2"), ("2025-07-04", "eng4"), ("2025-09-01", "eng5"),
    ("2025-11-27", "eng3"), ("2025-12-25", "eng1"),
    ("2026-01-01", "eng3"), ("2026-07-04", "eng5"), ("2026-09-07", "eng1"),
    ("2026-11-26", "eng4"), ("2026-12-25", "eng2"),
    ("2027-01-01", "eng4"), ("2027-07-04", "eng1"), ("2027-09-06", "eng2"),
    ("2027-11-25", "eng5"), ("2027-12-25", "eng3"),
]  # fmt: skip

AFTER_THE_TABLE = [
    ("2028-01-01", "eng5"), ("2028-07-04", "eng2"), ("2028-09-04", "eng3"),
    ("2028-11-23", "eng1"), ("2028-12-25", "eng4"),
    ("2029-01-01", "eng1"), ("2029-12-25", "eng5"),
    ("2030-12-25", "eng1"),
]  # fmt: skip


@pytest.mark.parametrize("pipeline", OWNERS)
def test_t4_1_five_pipelines_have_a_primary_and_two_secondaries_each(pipeline: str) -> None:
    tags = stamped(TEAM)[pipeline].tags
    found = tags[labels.PRIMARY], tags[labels.SECONDARY], tags[f"{labels.SECONDARY}_2"]
    assert (pipeline, *OWNERS[pipeline]) == (tags[labels.PIPELINE], *found)
    assert (5, 5) == (len(example(TEAM).team.pipelines), len(example(TEAM).team.engineers))


def tuesdays_at_noon() -> list[str]:
    """Of every week of 2025 to 2027; no holiday of the table falls on a Tuesday in those years."""
    first = datetime(2024, 12, 31, 12, tzinfo=ZoneInfo("America/New_York"))
    return [(first + timedelta(weeks=week)).isoformat() for week in range(157)]


def test_t4_2_one_week_at_a_time_and_never_two_in_a_row_in_either_role() -> None:
    found = [serving(example(TEAM), at) for at in tuesdays_at_noon()]
    assert [PAIRS[week % 5] for week in range(157)] == found
    assert [] == [(week, pair) for week, pair in enumerate(found[1:], start=1) if {*pair} & {*found[week - 1]}]


@pytest.mark.parametrize(("day", "expected"), [*HOLIDAYS, *AFTER_THE_TABLE])
def test_t4_3_each_major_holiday_is_covered_as_the_table_says_and_goes_on_after_it(
    day: str, expected: str
) -> None:
    zone = ZoneInfo("America/New_York")
    for hour in ("00:00", "12:00", "23:59"):
        at = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=zone)
        assert expected == serving(example(TEAM), at.isoformat())[0]


def test_t4_3_in_three_years_everybody_covers_three_major_holidays() -> None:
    found = [serving(example(TEAM), f"{day}T12:00-05:00")[0] for day, _ in HOLIDAYS]
    assert dict.fromkeys(("eng1", "eng2", "eng3", "eng4", "eng5"), 3) == dict(sorted(Counter(found).items()))


def test_t4_3_around_the_day_the_week_is_whose_it_was() -> None:
    # Labor Day 2026: Eng3's 88th week ends on that Monday at 09:00, and Eng4's begins.
    assert ("eng3", "eng5") == serving(example(TEAM), "2026-09-06T23:59-04:00")
    assert "eng1" == serving(example(TEAM), "2026-09-07T08:59-04:00")[0]
    # Eng1 is second in Eng4's week: on the holiday the two change places.
    assert ("eng1", "eng4") == serving(example(TEAM), "2026-09-07T09:00-04:00")
    assert ("eng4", "eng1") == serving(example(TEAM), "2026-09-08T00:00-04:00")


def published_2027q1() -> str:
    """The thirteen weeks from 2027-01-04, the 106th of the rotation, as they were when they were published."""
    lines = ["quarter: 2027Q1", "published: 2026-10-01T08:00:00Z", "shifts:"]
    for week in range(13):
        # Monday 09:00 in New York; clocks go forward on 2027-03-14.
        start, end = (
            datetime(2027, 1, 4, 14 if number < 10 else 13, tzinfo=UTC) + timedelta(weeks=number)
            for number in (week, week + 1)
        )
        primary, secondary = PAIRS[week % 5]
        stretch = f"start: {start:%Y-%m-%dT%H:%M:%SZ}, end: {end:%Y-%m-%dT%H:%M:%SZ}"
        lines.append(f"- {{{stretch}, primary: {primary}, secondary: {secondary}, why: [week {week + 106}]}}")
    return "\n".join(lines) + "\n"


ORDER = "order: [eng1, eng2, eng3, eng4, eng5]"
REVERSED = "order: [eng5, eng4, eng3, eng2, eng1]"


def test_t4_4_what_is_published_does_not_move_when_plans_change(tmp_path: Path) -> None:
    before = with_lines(tmp_path / "before", TEAM, published={"2027Q1": published_2027q1()})
    moving = "away: [{who: eng1, from: 2027-02-01, to: 2027-05-01, why: moving house}]\n"
    folder = copied(tmp_path / "after", TEAM, moving, {"2027Q1": published_2027q1()})
    team = folder / "team.yaml"
    assert ORDER in team.read_text()
    team.write_text(team.read_text().replace(ORDER, REVERSED))
    after = sound(folder)
    for week in range(13):
        at = (datetime(2027, 1, 6, 17, tzinfo=UTC) + timedelta(weeks=week)).isoformat()
        assert PAIRS[week % 5] == serving(before, at) == serving(after, at)
    # The quarter after it was not published: the week of 2027-04-05 is the 119th, fourth in the new order.
    assert ("eng4", "eng1") == serving(before, "2027-04-07T12:00-04:00")
    assert ("eng2", "eng5") == serving(after, "2027-04-07T12:00-04:00")
    assert 1 == (before.team.publish.ahead if before.team.publish else None)


def test_t4_4_a_quarter_is_promised_from_the_start_of_the_one_before() -> None:
    # The first Monday of October 2026 is the 5th, of January 2027 the 4th.
    team = example(TEAM).team
    before, after = (datetime.fromisoformat(f"2026-10-05T{hour}-04:00") for hour in ("08:59", "09:00"))
    assert ["2026Q3", "2026Q4"] == [str(quarter) for quarter in promised(team, before)]
    assert ["2026Q4", "2027Q1"] == [str(quarter) for quarter in promised(team, after)]


def test_t4_4_what_was_published_by_this_program_does_not_move_either(tmp_path: Path) -> None:
    folder = copied(tmp_path / "book", TEAM)
    told = datetime.fromisoformat("2026-10-01T08:00Z")
    publish(sound(folder), Quarter.parse("2027Q1"), told, tmp_path / "out")
    team = folder / "team.yaml"
    team.write_text(team.read_text().replace(ORDER, REVERSED))
    after = sound(folder)
    # The quarter begins with the hand-off of its first turn; the week before it was not published.
    assert ("eng1", "eng4") == serving(after, "2027-01-04T08:59-05:00")
    assert ("eng1", "eng3") == serving(after, "2027-01-04T09:00-05:00")
    assert ("eng3", "eng5") == serving(after, "2027-04-05T08:59-04:00")
    assert ("eng2", "eng5") == serving(after, "2027-04-05T09:00-04:00")


def test_t4_4_a_swap_is_how_a_published_week_changes(tmp_path: Path) -> None:
    swapped = with_lines(
        tmp_path,
        TEAM,
        "changes: [{kind: swap, turn: 2027-02-15, give: eng2, take: eng5, requested: 2027-01-20}]\n",
        {"2027Q1": published_2027q1()},
    )
    assert ("eng1", "eng3") == serving(swapped, "2027-02-10T12:00-05:00")
    assert ("eng5", "eng4") == serving(swapped, "2027-02-17T12:00-05:00")
    assert ("eng3", "eng5") == serving(swapped, "2027-02-24T12:00-05:00")
