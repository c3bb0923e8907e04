"""What a handbook says of nights and office hours: who is told after how long, when, and over what."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.escalation import DEFAULT_ESCALATION, After, Step, metric_owner_key
from oncall_assets.handbook.runbook import Deadline
from oncall_assets.handbook.sources import SampleSource
from oncall_assets.handbook.team import Channels, EmailChannel
from oncall_assets.metrics.contracts import LANDED

GOOD = Path(__file__).parent.parent / "handbooks" / "good"
RESPOND, RESOLVE = timedelta(hours=2), timedelta(hours=8)
LAST_LINE = "  experimenters: [product@example.com]\n"


def good_with(folder: Path, *edits: tuple[str, str, str]) -> Handbook:
    """The good handbook with `(file, old, new)` in it."""
    shutil.copytree(GOOD, folder / "good")
    for name, old, new in edits:
        path = folder / "good" / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
    return load_handbook(folder / "good", frozenset(LANDED))


def team_with(folder: Path, lines: str) -> Handbook:
    return good_with(folder, ("team.yaml", LAST_LINE, LAST_LINE + lines))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("respond", RESPOND),
        ("1 * respond", RESPOND),
        ("2 * respond", 2 * RESPOND),
        ("3*respond", 3 * RESPOND),
        ("resolve", RESOLVE),
        ("2 * resolve", 2 * RESOLVE),
        ("30m", timedelta(minutes=30)),
        ("1 day", timedelta(days=1)),
    ],
)
def test_a_step_waits_for_a_target_a_multiple_of_it_or_a_time(written: str, expected: timedelta) -> None:
    step = Step.model_validate({"tell": "owners", "after": written})

    assert step.after is not None
    assert expected == step.after.length(RESPOND, RESOLVE)


@pytest.mark.parametrize(
    "written", ["0 * respond", "2 respond", "respond * 2", "-1h", "", 2, "1.5 * respond", "2*"]
)
def test_anything_else_does_not_say_after_how_long(written: object) -> None:
    with pytest.raises(ValidationError, match="does not say after how long; expected `respond`, `2 \\* respond`"):
        Step.model_validate({"tell": "owners", "after": written})


def test_a_handbook_that_says_nothing_has_the_usual_steps_hours_and_limits(tmp_path: Path) -> None:
    handbook = good_with(tmp_path)

    told = [
        (step.tell, step.after.length(RESPOND, RESOLVE) if step.after else None) for step in DEFAULT_ESCALATION
    ]
    expected = [
        ("on_call.primary", None),
        ("on_call.secondary", RESPOND),
        ("owners", 2 * RESPOND),
        ("everyone", RESOLVE),
    ]
    assert expected == told
    assert DEFAULT_ESCALATION == handbook.escalation("aggregate_profit") == handbook.escalation(None)
    assert ("any_time", []) == (handbook.urgency("aggregate_profit"), handbook.rises("aggregate_profit"))
    assert [] == [*handbook.deadlines()]
    hours, watch = handbook.team.business_hours, handbook.team.watch
    assert ("09:00", "17:00", 5, "monday", "friday") == (
        hours.start,
        hours.to,
        len(hours.days),
        hours.days[0],
        hours.days[-1],
    )
    assert (10, timedelta(minutes=10)) == (handbook.team.limits.messages, handbook.team.limits.within)
    assert (timedelta(minutes=15), timedelta(hours=4), 2**30) == (
        watch.queued,
        watch.running,
        watch.storage_at_least,
    )
    assert (timedelta(minutes=2), timedelta(minutes=10)) == (watch.silent, watch.overdue)


def test_a_runbook_has_steps_of_its_own_in_the_place_of_the_teams(tmp_path: Path) -> None:
    own = "severity: critical\nescalation:\n  - {tell: bob}\n  - {tell: platform, after: 10m}\n"
    handbook = good_with(
        tmp_path,
        ("aggregate_profit.md", "severity: critical\n", own),
        (
            "team.yaml",
            LAST_LINE,
            LAST_LINE + "teams: {platform: {name: Platform, slack: C01PLATFORM}}\nescalation: [{tell: alice}]\n",
        ),
    )

    after = After(1, None, timedelta(minutes=10))
    assert [Step(tell="bob"), Step(tell="platform", after=after)] == handbook.escalation("aggregate_profit")
    assert [Step(tell="alice")] == handbook.escalation("daily_growth") == handbook.escalation(None)


def test_urgency_rises_and_deadlines_are_the_runbooks(tmp_path: Path) -> None:
    more = """severity: minor
urgency: business_hours
rises:
  - {when: month_end, within: 7 days, urgency: any_time}
  - {when: investors, severity: critical}
deadlines:
  - {asset: aggregate_profit, by: "06:00"}
  - {asset: aggregate_profit, by: "08:00", on: 1, of: same day}
  - {asset: aggregate_profit, by: "07:00", on: last day of the month}
"""
    handbook = good_with(tmp_path, ("aggregate_profit.md", "severity: critical\n", more))

    assert ("business_hours", "any_time") == (
        handbook.urgency("aggregate_profit"),
        handbook.urgency("daily_growth"),
    )
    rises = [(one.when, one.within, one.severity, one.urgency) for one in handbook.rises("aggregate_profit")]
    assert [
        ("month_end", timedelta(days=7), None, "any_time"),
        ("investors", None, "critical", None),
    ] == rises
    assert [] == handbook.rises("daily_growth")
    found = [(runbook.pipeline, number, one) for runbook, number, one in handbook.deadlines()]
    assert [
        ("aggregate_profit", 0, Deadline(asset="aggregate_profit", by="06:00", on="every day", of="day before")),
        ("aggregate_profit", 1, Deadline(asset="aggregate_profit", by="08:00", on=1, of="same day")),
        ("aggregate_profit", 2, Deadline(asset="aggregate_profit", by="07:00", on="last day of the month")),
    ] == found


@pytest.mark.parametrize("on", ["every day", "working days", "monday", "sunday", "last day of the month", 1, 28])
def test_a_deadline_falls_on_days_that_every_month_has(on: object) -> None:
    assert on == Deadline.model_validate({"asset": "a", "by": "06:00", "on": on}).on


@pytest.mark.parametrize("on", ["Monday", "mondays", "", 0, 29, -1, True, 1.0, "1", None, ["monday"]])
def test_any_other_day_of_a_deadline_is_refused(on: object) -> None:
    with pytest.raises(ValidationError, match="does not say which days; expected `every day`"):
        Deadline.model_validate({"asset": "a", "by": "06:00", "on": on})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"slack": {}, "console": {}}, ("slack", "console")),
        ({"console": None, "slack": None}, ("console", "slack")),
        (
            {
                "pagerduty": {},
                "email": {"host": "localhost", "sender": "a@example.com"},
                "slack": {},
                "console": {},
            },
            ("pagerduty", "email", "slack", "console"),
        ),
    ],
)
def test_channels_keep_the_order_in_which_they_are_written(
    written: dict[str, object], expected: tuple[str, ...]
) -> None:
    assert expected == Channels.model_validate(written).names


def test_a_channel_that_is_taken_away_is_named_no_longer() -> None:
    channels = Channels.model_validate({"slack": {}, "console": {}})

    assert ("console",) == channels.model_copy(update={"slack": None}).names


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_e_mail_goes_in_the_clear_to_this_machine_only(host: str) -> None:
    written = {"host": host, "port": 25, "security": "none", "sender": "oncall@example.com"}

    assert "none" == EmailChannel.model_validate(written).security
    with pytest.raises(ValidationError, match=r"would send all in the clear to .*; expected starttls or tls"):
        EmailChannel.model_validate(written | {"host": "127.0.0.2"})


def test_a_metric_owner_is_reached_under_a_key_of_the_pipeline(tmp_path: Path) -> None:
    steps = "escalation: [{tell: on_call.primary}, {tell: metric_owner, after: resolve}]\n"
    mail = 'channels:\n  email: {host: smtp.example.com, sender: oncall@example.com, security: "tls", port: 465}\n'
    handbook = good_with(tmp_path, ("team.yaml", LAST_LINE, LAST_LINE + steps), ("team.yaml", "channels:\n", mail))

    assert "metric_owner.aggregate_profit" == metric_owner_key("aggregate_profit")
    assert "finance@example.com" == handbook.team.metric_owner("metric_owner.aggregate_profit")
    keys = ["metric_owner.nothing", "metric_owner", "aggregate_profit", "alice", "owner.aggregate_profit"]
    assert [None] * 5 == [handbook.team.metric_owner(key) for key in keys]


def test_a_team_is_told_of_a_source_that_is_silent(tmp_path: Path) -> None:
    arrives = '  revenue_records: {kind: sample, arrives_by: "02:00", tell: sales}\n'
    handbook = good_with(
        tmp_path,
        ("sources.yaml", "  revenue_records: {kind: sample}\n", arrives),
        ("team.yaml", LAST_LINE, f"{LAST_LINE}teams:\n  sales: {{name: Sales, pagerduty: PAGERDUTY_SALES}}\n"),
    )

    place = handbook.sources.sources["revenue_records"]
    assert isinstance(place, SampleSource)
    assert ("02:00", "sales") == (place.arrives_by, place.tell)


def test_hours_limits_and_watch_are_as_written(tmp_path: Path) -> None:
    handbook = team_with(
        tmp_path,
        'business_hours: {from: "08:30", to: "12:00", days: [sunday]}\n'
        "limits: {messages: 3, within: 1h}\n"
        "watch: {queued: 1m, running: 1h, storage_at_least: 500 MB, silent: 5m, overdue: 1h}\n",
    )

    hours, watch = handbook.team.business_hours, handbook.team.watch
    assert ("08:30", "12:00", ["sunday"]) == (hours.start, hours.to, hours.days)
    assert (3, timedelta(hours=1)) == (handbook.team.limits.messages, handbook.team.limits.within)
    assert (timedelta(minutes=1), 500_000_000, timedelta(minutes=5)) == (
        watch.queued,
        watch.storage_at_least,
        watch.silent,
    )


def test_an_issue_may_be_seen_by_several_mechanisms(tmp_path: Path) -> None:
    seen = "detected_by: [source silent, run failed]"
    handbook = good_with(tmp_path, ("aggregate_profit.md", "detected_by: run failed", seen))

    assert ["source silent", "run failed"] == handbook.runbooks["aggregate_profit"].front.issues[
        "crash"
    ].detected_by
