"""What a handbook asks of plans, as it is read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from oncall_assets.handbook import HandbookError, load_handbook
from oncall_assets.handbook.team import Team
from oncall_assets.metrics.contracts import LANDED
from oncall_assets_tests.rota.demands import EXAMPLES, example

GOOD = Path(__file__).parent.parent / "handbooks" / "good"
THREE = "holidays: {major: [Christmas Day, New Year's Day, Thanksgiving], guarantee_one_major_off: true}\n"


def read(folder: Path, text: str, third: str = "") -> Team:
    """The good handbook with `text` at its end, and a third engineer of whom `third` says more."""
    for name in ("aggregate_profit.md", "sources.yaml", "team.yaml"):
        (folder / name).write_bytes((GOOD / name).read_bytes())
    carol = f"  carol: {{name: C, email: c@example.com, region: US, timezone: Europe/London{third}}}\npipelines:"
    team = (folder / "team.yaml").read_text(encoding="utf-8").replace("pipelines:", carol, 1)
    (folder / "team.yaml").write_text(team + text, encoding="utf-8")
    return load_handbook(folder, frozenset(LANDED)).team


def test_what_the_five_teams_ask_of_plans() -> None:
    teams = {folder.name: example(folder.name).team for folder in EXAMPLES.iterdir()}
    asked = {name: team.planning.apart for name, team in teams.items() if team.planning.apart != "free"}
    assert {"annual-holiday-table": "any_role"} == asked
    assert {"eight-pipelines"} == {name for name, team in teams.items() if team.holidays.guarantee_one_major_off}


def test_what_somebody_would_rather_not_has_inclusive_dates(tmp_path: Path) -> None:
    wish = "planning: {apart: same_role, rather_not: [{who: bob, from: 2026-12-24, to: 2026-12-24}]}\n"
    planning = read(tmp_path, wish).planning
    assert "same_role" == planning.apart
    found = [(one.who, one.first, one.last, one.why) for one in planning.rather_not]
    assert [("bob", date(2026, 12, 24), date(2026, 12, 24), "")] == found


@pytest.mark.parametrize(
    "more", [("", ", joined: 2026-03-02"), ("volunteers: [carol]\n", "")], ids=["who joins", "a volunteer"]
)
def test_whoever_can_serve_counts_for_a_guarantee(tmp_path: Path, more: tuple[str, str]) -> None:
    # Six duties on three holidays, and two for each of three people.
    assert read(tmp_path, THREE + more[0], more[1]).holidays.guarantee_one_major_off


def test_who_takes_no_turns_does_not(tmp_path: Path) -> None:
    with pytest.raises(HandbookError, match="cannot hold with 2 people and 3 major holidays"):
        read(tmp_path, THREE)
