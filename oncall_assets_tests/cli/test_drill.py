"""`oncall drill` says who would be told of a fault, when, over what and why, and leaves no trace."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncall_assets.incidents.policy.silences import Silence
from oncall_assets_tests.cli.drills import CHANNELS, drill, drilled, runbook, team, told
from oncall_assets_tests.cli.night import night


@pytest.fixture(autouse=True)
def channels_and_runbooks(book: Path) -> None:
    team(book)


def test_the_timeline_ends_when_everybody_would_have_been_told(book: Path) -> None:
    # alice is primary and bob secondary; carol, the owner, comes with 2 × 1 h, and david with everyone after 4 h.
    assert [
        ("08:00", "1.1 on_call.primary", ["alice"]),
        ("09:00", "1.2 on_call.secondary", ["bob"]),
        ("10:00", "1.3 owners", ["carol"]),
        ("12:00", "1.4 everyone", ["david"]),
    ] == told(drilled(book, "--check", "complete_profit"))


def test_where_not_everybody_is_told_the_timeline_ends_after_twice_the_time_to_resolve(book: Path) -> None:
    with (book / "team.yaml").open("a") as file:
        file.write("escalation: [{tell: on_call.primary}]\n")
    assert [
        ("08:00", "1.1 on_call.primary", ["alice"]),
        ("12:00", "2.1 on_call.primary", ["alice"]),
        ("16:00", "3.1 on_call.primary", ["alice"]),
    ] == told(drilled(book, "--check", "complete_profit"))


def test_what_would_open_is_told_with_its_step_its_targets_and_what_it_hits(book: Path) -> None:
    found = drilled(book, "--check", "complete_profit", "--partition", "2026-01-05")
    assert ("profit:complete_profit", "2026-01-05", "profit") == (
        found["target"],
        found["partition"],
        found["pipeline"],
    )
    assert ("critical", "any_time", []) == (found["severity"], found["urgency"], found["why"])
    assert "2026-01-06T09:00:00+00:00" == found["respond_by"]
    assert "2026-01-06T12:00:00+00:00" == found["resolve_by"]
    assert ["2. Compare the filing.", "3. Land the file again.", "4. Re-run the day."] == found["steps"]
    assert ["short"] == found["issues"]
    assert f"{book}/profit.md" == found["runbook"]
    assert ([{"asset": "report", "investors": True}], True) == (found["affected"], found["investors"])


def test_a_failed_run_begins_with_the_first_step_and_guards_no_issue(book: Path) -> None:
    found = drilled(book)
    assert ("profit", None, []) == (found["target"], found["partition"], found["issues"])
    assert "1. Look at the run." == found["steps"][0]


def test_people_read_it_in_the_wall_times_of_the_team_and_their_own(book: Path) -> None:
    lines = drill(book, "--check", "complete_profit").stdout.splitlines()
    assert [
        "If complete_profit failed on profit at 2026-01-06 08:00 UTC (Tue 03:00 America/New_York):",
        "opens      a critical incident of profit",
        "urgency    told at any time",
        "answer by  2026-01-06 09:00 UTC (Tue 04:00 America/New_York), within 1 h",
        "resolve by 2026-01-06 12:00 UTC (Tue 07:00 America/New_York), within 4 h",
        "issue      short",
        "hits       report (INVESTOR FIGURES)",
        "investors  figures for investors are hit",
        f"runbook    {book}/profit.md",
        "step       2. Compare the filing.",
    ] == lines[:10]
    rows = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]
    assert ["Tue 2026-01-06 03:00", "Alice Johnson", "you are on call (primary)"] in rows
    assert ["at once", "over email alice@example.com"] in rows
    assert ["after 1 h", "Tue 09:00 Europe/London", "over email bob@example.com"] in rows
    assert ["Tue 2026-01-06 07:00", "David [Dave] Brown"] in [row[:2] for row in rows]
    assert ["after 4 h", "Tue 04:00 America/Los_Angeles"] in [row[:2] for row in rows]
    assert "This was a drill: nobody was told, and nothing was written." == lines[-1]


def test_a_channel_without_its_secret_is_named_and_the_next_one_used(book: Path) -> None:
    routes = drilled(book)["timeline"][2]["told"][0]["routes"]
    assert [
        {"channel": "slack", "address": "U01CAROL", "usable": False},
        {"channel": "email", "address": "carol@example.com", "usable": True},
    ] == routes
    text = drill(book).stdout
    assert "slack U01CAROL (cannot be used here), email carol@example.com" in text
    assert "Here ONCALL_SLACK_TOKEN is not set, so Slack is not used." in text


def test_a_secret_is_never_shown(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_SLACK_TOKEN", "xoxb-hunter2")
    text = drill(book).stdout + drill(book, "--json").stdout
    assert "hunter2" not in text
    assert "cannot be used" not in text


def test_a_severity_may_choose_its_channels(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_SLACK_TOKEN", "xoxb-1")
    team = book / "team.yaml"
    team.write_text(team.read_text().replace("resolve: 4h}", "resolve: 4h, via: [email]}"))
    one, other = (drilled(book, *more)["timeline"] for more in ((), ("--severity", "major")))
    assert ["email"] == [route["channel"] for route in one[2]["told"][0]["routes"]]
    assert ["slack", "email"] == [route["channel"] for route in other[2]["told"][0]["routes"]]


def test_who_is_reached_by_no_channel_is_told_in_the_log(book: Path) -> None:
    team = book / "team.yaml"
    audiences = CHANNELS.splitlines()[1]
    team.write_text(f"{team.read_text().partition('channels:')[0]}channels: {{slack: {{}}}}\n{audiences}\n")
    routes = [one["told"][0]["routes"] for one in drilled(book)["timeline"]]
    console = {"channel": "console", "address": None, "usable": True}
    assert [console] == routes[0]
    assert [{"channel": "slack", "address": "U01CAROL", "usable": False}, console] == routes[2]


def test_each_rise_is_told_in_words(book: Path) -> None:
    rises = "[{when: investors, severity: major, urgency: any_time}]"
    runbook(book, "profit", "minor", "business_hours", rises)
    found = drilled(book)
    assert ("major", "any_time") == (found["severity"], found["urgency"])
    (why,) = found["why"]
    assert "figures for investors come from it" in why
    assert f"because    {why}" in drill(book).stdout.splitlines()


def test_what_waits_for_business_hours_says_until_when(book: Path) -> None:
    runbook(book, "profit", "minor", "business_hours")
    first, *_ = told(drilled(book))
    assert ("08:00", "waits for business hours", []) == first
    # 09:00 in New York, where alice is.
    assert "2026-01-06T14:00:00+00:00" == drilled(book)["clock_from"]
    assert "(waits for business" in drill(book).stdout


def test_the_severity_that_was_asked_for_is_taken_and_said(book: Path) -> None:
    found = drilled(book, "--severity", "minor")
    assert ("minor", ["minor was asked for; it would be critical"]) == (found["severity"], found["why"])
    assert "2026-01-06T12:00:00+00:00" == found["respond_by"]


def test_a_check_that_only_warns_opens_nothing(book: Path) -> None:
    text = drill(book, "--check", "usual_profit").stdout
    assert "Nothing opens: profit:usual_profit only warns, which is below the bar.\n" == text
    assert "null\n" == drill(book, "--check", "usual_profit", "--json").stdout


def test_an_asset_of_no_pipeline_is_major_and_has_no_runbook(book: Path) -> None:
    found = drilled(book, asset="landed/usage")
    assert ("major", None, None, []) == (found["severity"], found["pipeline"], found["runbook"], found["steps"])
    assert ([], False) == (found["affected"], found["investors"])
    lines = drill(book, asset="landed/usage").stdout.splitlines()
    assert {
        "hits       nothing downstream",
        "investors  no figure for investors is hit",
        "runbook    none",
    } <= set(lines)


def test_what_is_upstream_of_an_investor_figure_says_so_first(book: Path) -> None:
    found = drilled(book, "--check", "in_code", asset="orders")
    assert ["report", "profit"] == [one["asset"] for one in found["affected"]]
    assert found["investors"]
    assert drilled(book, asset="report")["investors"]


def test_a_silence_of_the_ledger_holds_it_back_until_it_ends(book: Path) -> None:
    starts, ends = (datetime(2026, 1, 6, hour, tzinfo=UTC) for hour in (7, 10))
    with night() as tonight:
        tonight.ledger.silence(Silence(0, "carol", "new disks", starts, ends, asset="profit"))
    found = drilled(book)
    assert ("08:00", "silenced", []) == told(found)[0]
    assert ("10:00", ["alice"]) == (told(found)[1][0], told(found)[1][2])
    assert ends.isoformat() == found["timeline"][0]["until"]
    assert "new disks" in drill(book).stdout


def test_maintenance_that_begins_meanwhile_holds_back_what_comes_then(book: Path) -> None:
    starts, ends = (datetime(2026, 1, 6, *at, tzinfo=UTC) for at in ((8, 30), (9, 30)))
    with night() as tonight:
        tonight.ledger.silence(Silence(0, "carol", "new disks", starts, ends, pipeline="profit"))
    assert [
        ("08:00", "1.1 on_call.primary", ["alice"]),
        ("08:30", "silenced", []),
        ("09:30", "1.2 on_call.secondary", ["bob"]),
    ] == told(drilled(book))[:3]


def test_nothing_is_written(book: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    drill(book)
    assert before == sorted(tmp_path.rglob("*"))
    with night() as tonight:
        assert [] == tonight.ledger.incidents(None, False)
