"""What the plan of `examples/two-week-rotation` demands of rota and runbooks; expected people are counted by hand.

Turns of two weeks begin on Monday at 09:00 in New York: 2026-01-05 is John's, and every eighth Monday from it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oncall_assets.handbook import HandbookError, labels
from oncall_assets.handbook.runbook import runbook_of
from oncall_assets.handbook.source import read_front_matter
from oncall_assets_tests.rota.demands import copied, example, line_of, serving, stamped

TEAM = "two-week-rotation"

OWNERS = {
    "unit_level_profit": ("john", "emily", "Expertise"),
    "aggregate_profit": ("emily", "john", "Role"),
    "aggregate_growth": ("michael", "david", "Expertise and role"),
    "daily_growth": ("david", "michael", "Workload and development"),
    "aggregate_engagement": ("john", "emily", "Expertise"),
}


@pytest.mark.parametrize("pipeline", OWNERS)
def test_t3_1_five_pipelines_record_their_owners_with_the_reason(pipeline: str) -> None:
    primary, secondary, why = OWNERS[pipeline]
    spec = stamped(TEAM)[pipeline]
    found = spec.tags[labels.PIPELINE], spec.tags[labels.PRIMARY], spec.tags[labels.SECONDARY]
    assert (pipeline, primary, secondary) == found
    assert spec.metadata[labels.BECAUSE].value.startswith(f"{why}: ")
    assert 5 == len(example(TEAM).team.pipelines)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-05T08:59-05:00", ("david", "john")),
        ("2026-01-05T09:00-05:00", ("john", "emily")),
        ("2026-01-18T12:00-05:00", ("john", "emily")),
        ("2026-01-19T09:00-05:00", ("emily", "michael")),
        ("2026-02-04T12:00-05:00", ("michael", "david")),
        ("2026-02-18T12:00-05:00", ("david", "john")),
        ("2026-03-02T09:00-05:00", ("john", "emily")),
        # The second of John's weeks begins after clocks went forward (2026-03-08).
        ("2026-03-16T08:59-04:00", ("john", "emily")),
        ("2026-03-16T09:00-04:00", ("emily", "michael")),
        # Turn -26 before the first begins on 2025-01-06; turn 38 after it on 2027-06-21.
        ("2025-01-15T12:00-05:00", ("michael", "david")),
        ("2027-06-30T12:00-04:00", ("michael", "david")),
    ],
)
def test_t3_2_four_pairs_take_turns_of_two_weeks(at: str, expected: tuple[str, str]) -> None:
    assert expected == serving(example(TEAM), at)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # On a weekday: Christmas 2026 is a Friday, in the turn of 2026-12-21.
        ("2026-12-25T00:00-05:00", ("emily", "michael")),
        ("2026-12-25T23:59-05:00", ("emily", "michael")),
        # At a weekend: Independence Day 2026 is a Saturday, observed on Friday, in the turn of 2026-06-22.
        ("2026-07-03T12:00-04:00", ("john", "emily")),
        ("2026-07-04T12:00-04:00", ("john", "emily")),
        # And Christmas 2027, a Saturday, in the turn of 2027-12-20; 2025, a Thursday, in that of 2025-12-22.
        ("2027-12-25T12:00-05:00", ("david", "john")),
        ("2025-12-25T12:00-05:00", ("david", "john")),
        # In the middle of a rotation: Labor Day 2026 and New Year's Day 2027 are in second weeks of Emily's.
        ("2026-09-07T12:00-04:00", ("emily", "michael")),
        ("2027-01-01T12:00-05:00", ("emily", "michael")),
        # The rotation goes on as scheduled.
        ("2026-07-06T09:00-04:00", ("emily", "michael")),
        ("2027-01-04T09:00-05:00", ("michael", "david")),
    ],
)
def test_t3_3_on_any_holiday_the_primary_covers_and_the_secondary_backs_up(
    at: str, expected: tuple[str, str]
) -> None:
    assert expected == serving(example(TEAM), at)


def without(path: Path, part: str) -> None:
    """The runbook without one key of its front matter, whatever stands below it."""
    text, count = re.subn(rf"^{part}:.*\n(?:(?: .*)?\n)*?(?=\S)", "", path.read_text(), flags=re.MULTILINE)
    assert 1 == count
    path.write_text(text)


@pytest.mark.parametrize("part", ["purpose", "metrics", "frequency", "sla"])
def test_t3_4_a_runbook_that_lacks_a_part_is_refused_with_file_and_line(tmp_path: Path, part: str) -> None:
    path = copied(tmp_path, TEAM) / "aggregate_profit.md"
    without(path, part)
    with pytest.raises(HandbookError) as refused:
        runbook_of(read_front_matter(path))
    # What is missing stands nowhere: the front matter begins on line 2.
    assert f"{path}:2:1: {part}: is missing; add it" == str(refused.value)


def test_t3_4_and_one_whose_metric_has_no_calculation(tmp_path: Path) -> None:
    path = copied(tmp_path, TEAM) / "aggregate_profit.md"
    line = line_of(path, "- name: Profit")
    path.write_text(
        path.read_text().replace("    calculation: revenue_cents - direct", "    # revenue_cents - direct")
    )
    with pytest.raises(HandbookError) as refused:
        runbook_of(read_front_matter(path))
    assert f"{path}:{line}:5: metrics[1].calculation: is missing; add it" == str(refused.value)


def test_t3_4_and_one_without_a_procedure(tmp_path: Path) -> None:
    path = copied(tmp_path, TEAM) / "aggregate_profit.md"
    path.write_text(path.read_text().replace("## Procedure", "## What we did last time"))
    last = len(path.read_text().splitlines())
    with pytest.raises(HandbookError) as refused:
        runbook_of(read_front_matter(path))
    expected = "is missing; expected this heading and an ordered list of steps below it"
    assert f"{path}:{last}:1: ## Procedure: {expected}" == str(refused.value)
