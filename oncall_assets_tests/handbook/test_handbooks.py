"""What the handbooks that come with the project say of nights is true: behind each word of theirs is something."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.escalation import Step
from oncall_assets.handbook.reporting import PUBLISHED
from oncall_assets.handbook.runbook import Runbook
from oncall_assets.handbook.sources import NoSource
from oncall_assets.metrics.contracts import CONTRACTS, LANDED

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir())
HANDBOOKS = ["runbooks", *(f"examples/{name}" for name in EXAMPLES)]


@cache
def loaded(name: str) -> Handbook:
    return load_handbook(ROOT / name, frozenset(LANDED))


def seen_by(runbook: Runbook, mechanism: str) -> set[str]:
    return {name for name, issue in runbook.front.issues.items() if mechanism in (issue.detected_by or ())}


def deadlines(name: str) -> dict[str, list[tuple[str, str | int]]]:
    """The hours and days on which each asset is due."""
    found: dict[str, list[tuple[str, str | int]]] = {}
    for _, _, one in loaded(name).deadlines():
        found.setdefault(one.asset, []).append((one.by, one.on))
    return found


def told(steps: list[Step]) -> list[str]:
    return [step.tell for step in steps]


@pytest.mark.parametrize("name", HANDBOOKS)
def test_who_says_that_lateness_is_seen_has_a_deadline(name: str) -> None:
    unseen = [book.pipeline for book in loaded(name).runbooks.values() if seen_by(book, "asset late")]

    assert [] == [pipeline for pipeline in unseen if not loaded(name).runbooks[pipeline].front.deadlines]


@pytest.mark.parametrize("name", HANDBOOKS)
def test_who_says_that_silence_is_heard_has_a_source_with_an_hour(name: str) -> None:
    places = loaded(name).sources.sources
    timed = {source for source, place in places.items() if not isinstance(place, NoSource) and place.arrives_by}
    books = [book for book in loaded(name).runbooks.values() if seen_by(book, "source silent")]

    assert [] == [book.pipeline for book in books if not timed & set(book.front.sources)]


@pytest.mark.parametrize("name", HANDBOOKS)
def test_deadlines_are_for_tables_that_are_computed(name: str) -> None:
    computed = {*CONTRACTS, *(f"reporting/{table}" for table in PUBLISHED)}
    assert set() == set(deadlines(name)) - computed


def test_out_of_the_box_no_channel_needs_a_server() -> None:
    assert ("console", "slack") == loaded("runbooks").team.channels.names


def test_the_default_handbook_becomes_what_its_comments_offer(tmp_path: Path) -> None:
    for path in (ROOT / "runbooks").glob("*.*"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    team = tmp_path / "team.yaml"
    text = (
        team.read_text(encoding="utf-8")
        .replace("  # email:", "  email:")
        .replace("  # pagerduty:", "  pagerduty:")
    )
    key = "    slack: U01ALICE\n"
    team.write_text(text.replace(key, f"{key}    pagerduty: PAGERDUTY_ALICE\n"), encoding="utf-8")

    found = load_handbook(tmp_path, frozenset(LANDED)).team

    assert ("console", "slack", "email", "pagerduty") == found.channels.names
    assert "PAGERDUTY_ALICE" == found.engineers["alice"].pagerduty


@pytest.mark.parametrize("name", ["runbooks", "examples/eight-pipelines"])
def test_t0_5_to_t0_7_reports_are_due_when_the_plan_says(name: str) -> None:
    due = deadlines(name)

    assert [("06:00", "every day")] == due["aggregate_profit"]
    assert [("07:00", "monday")] == due["aggregate_growth"]
    assert [("08:00", 1)] == due["aggregate_engagement"]


def test_t1_1_a_late_metric_is_told_to_its_owner_who_is_not_the_owner_of_the_data() -> None:
    handbook = loaded("examples/regional-holidays")
    keys = {one.told(book.pipeline) for book, _, one in handbook.deadlines() if one.asset.startswith("aggregate")}

    assert {
        "metric_owner.aggregate_profit",
        "metric_owner.aggregate_growth",
        "metric_owner.aggregate_engagement",
    } == keys
    assert "growth.scientist@example.com" == handbook.team.metric_owner("metric_owner.aggregate_growth")
    assert [None] == [one.told("x") for _, _, one in handbook.deadlines() if one.asset == "unit_level_profit"]


def test_t2_6_growth_waits_for_business_hours_unless_the_month_is_about_to_end() -> None:
    handbook = loaded("examples/secondary-covers-holidays")
    (rise,) = handbook.rises("growth")

    assert ("business_hours", "month_end", "any_time") == (handbook.urgency("growth"), rise.when, rise.urgency)
    # Two business days and the weekend that may lie between them.
    assert rise.within is not None
    assert 4 == rise.within.days


def test_t2_6_other_teams_are_told_of_what_only_they_can_mend() -> None:
    handbook = loaded("examples/secondary-covers-holidays")
    events = handbook.sources.sources["usage_events"]

    assert "infrastructure" in told(handbook.escalation("engagement"))
    assert {"everyone", "applications"} <= set(told(handbook.escalation("aggregated_data")))
    assert not {"infrastructure", "applications"} & set(told(handbook.escalation("profit")))
    assert not isinstance(events, NoSource)
    assert "infrastructure" == events.tell


def test_t3_6_every_severity_is_told_by_e_mail_and_by_phone() -> None:
    team = loaded("examples/two-week-rotation").team

    assert [["pagerduty", "email"]] * 3 == [targets.via for targets in team.severities.values()]
    assert ("pagerduty", "email", "console") == team.channels.names
    variables = ["PAGERDUTY_JOHN", "PAGERDUTY_EMILY", "PAGERDUTY_MICHAEL", "PAGERDUTY_DAVID"]
    assert variables == [one.pagerduty for one in team.engineers.values()]


def test_a_rise_for_investors_makes_a_wrong_amount_critical() -> None:
    (rise,) = loaded("examples/two-week-rotation").rises("unit_level_profit")

    assert ("investors", "critical", None) == (rise.when, rise.severity, rise.urgency)
