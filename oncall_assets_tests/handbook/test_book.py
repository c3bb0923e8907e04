"""What a sound handbook says, in the words in which the rest of the program asks it."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.sources import DatabaseSource, FolderSource, NoSource, SampleSource
from oncall_assets.metrics.contracts import LANDED

GOOD = Path(__file__).parent.parent / "handbooks" / "good"


@pytest.fixture
def good() -> Handbook:
    return load_handbook(GOOD, frozenset(LANDED))


def test_severity_is_the_runbooks_and_the_teams_where_there_is_none(good: Handbook) -> None:
    assert "critical" == good.severity("aggregate_profit")
    assert "minor" == good.severity("daily_growth")


def test_one_secondary_may_stand_alone_and_is_a_list_all_the_same(good: Handbook) -> None:
    assert ["bob"] == good.team.pipelines["aggregate_profit"].secondary
    assert ["alice"] == good.team.pipelines["daily_growth"].secondary


def test_checks_come_with_their_runbook_and_position(good: Handbook) -> None:
    expected = [("aggregate_profit", 0, "complete"), ("aggregate_profit", 1, "no_repeats")]

    assert expected == [(runbook.pipeline, number, check.name) for runbook, number, check in good.checks()]


def test_values_are_of_the_types_the_program_reckons_with(good: Handbook) -> None:
    assert timedelta(days=7) == good.team.rotation.turn
    assert [("alice", "bob"), ("bob", "alice")] == good.team.rotation.order
    assert timedelta(hours=2) == good.team.severities["major"].respond
    assert date(2026, 9, 1) == good.sources.first_day


def test_each_kind_of_place_is_read_as_such(good: Handbook) -> None:
    places = good.sources.sources

    assert isinstance(places["revenue_records"], SampleSource)
    assert isinstance(places["expense_records"], FolderSource)
    assert isinstance(places["account_events"], DatabaseSource)
    assert isinstance(places["feedback"], NoSource)


def test_a_channel_that_is_named_is_used_even_with_nothing_behind_it(tmp_path: Path) -> None:
    shutil.copytree(GOOD, tmp_path / "good")
    team = tmp_path / "good" / "team.yaml"
    listed, bare = '  slack: {base_url: "https://slack.example.com/api/"}', "  slack:"
    team.write_text(team.read_text(encoding="utf-8").replace(listed, bare), encoding="utf-8")

    channels = load_handbook(tmp_path / "good", frozenset(LANDED)).team.channels

    assert channels.slack is not None
    assert "https://slack.com/api/" == channels.slack.base_url
