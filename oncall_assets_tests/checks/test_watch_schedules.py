"""The schedules that watches become: when they tick, for which days, and under which names."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.checks.watching import cron_of, days_before, job_names, watch_automation
from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.recurring import falls_on
from oncall_assets.handbook.sources import Sources
from oncall_assets.handbook.values import WEEKDAYS
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.metrics.days import Days

GOOD = Path(__file__).parents[1] / "handbooks" / "good"
NEW_YORK = ZoneInfo("America/New_York")
WORKING = WEEKDAYS[:5]
ON = ["every day", "working days", *WEEKDAYS, "last week of the month", "last day of the month", 1, 15, 28]


def book(folder: Path, *watches: str, first_day: str = "2026-01-01", last_day: str = "") -> Handbook:
    """The good handbook of the tests in New York, whose runbook asks for these watches."""
    team = (GOOD / "team.yaml").read_text()
    (folder / "team.yaml").write_text(team.replace("timezone: Europe/London", "timezone: America/New_York", 1))
    sources = (GOOD / "sources.yaml").read_text().splitlines()
    kept = [line for line in sources if not line.startswith(("first_day", "last_day"))]
    bounds = [f"first_day: {first_day}", *([f"last_day: {last_day}"] if last_day else [])]
    (folder / "sources.yaml").write_text("\n".join([*bounds, *kept, ""]))
    runbook = (GOOD / "aggregate_profit.md").read_text()
    listed = "".join(f"  - {watch}\n" for watch in watches)
    (folder / "aggregate_profit.md").write_text(runbook.replace("issues:\n", f"watch:\n{listed}issues:\n", 1))
    return load_handbook(folder, frozenset(LANDED))


def asked(handbook: Handbook, start: datetime, end: datetime) -> list[dg.RunRequest | str]:
    """What the only watch of the handbook asks for between two instants: a run, or why none."""
    (schedule,) = watch_automation(handbook)["schedules"]
    ticks = schedule_execution_time_iterator(
        start.timestamp(), schedule.cron_schedule, schedule.execution_timezone, ascending=True
    )
    found: list[dg.RunRequest | str] = []
    for tick in ticks:
        if tick > end:
            return found
        with dg.build_schedule_context(scheduled_execution_time=tick) as context:
            data = schedule.evaluate_tick(context)
            found += data.run_requests or [str(data.skip_message)]
    raise AssertionError("a schedule ticks for ever")


def between(handbook: Handbook, first: str, last: str) -> list[tuple[str, str]]:
    """The instant and the last day of each run in these days of New York."""
    start, end = (datetime.fromisoformat(day).replace(tzinfo=NEW_YORK) for day in (first, f"{last}T23:59"))
    return [
        (one.tags["oncall/watched_at"], one.tags.get("dagster/partition") or one.tags[_END])
        for one in asked(handbook, start, end)
        if isinstance(one, dg.RunRequest)
    ]


_START, _END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def test_a_week_is_the_seven_utc_days_before_and_one_run_a_day(tmp_path: Path) -> None:
    made = book(tmp_path, '{name: weekly, on: monday, at: "09:00", days: 7}')
    (request,) = asked(made, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC))
    assert isinstance(request, dg.RunRequest)
    assert "aggregate_profit.weekly-2026-03-02" == request.run_key
    tags = {name: text for name, text in request.tags.items() if name != "dagster/schedule_name"}
    assert {
        _START: "2026-02-23",
        _END: "2026-03-01",
        "oncall/watch": "aggregate_profit.weekly",
        "oncall/watched_at": "2026-03-02T14:00:00+00:00",
    } == tags


def test_an_evening_in_new_york_is_another_utc_day(tmp_path: Path) -> None:
    made = book(tmp_path, '{name: evening, on: every day, at: "20:00"}')
    assert [("2026-03-03T01:00:00+00:00", "2026-03-02")] == between(made, "2026-03-02", "2026-03-02")


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [("2026-02", 22, 28), ("2028-02", 23, 29), ("2026-04", 24, 30), ("2026-03", 25, 31)],
)
def test_the_last_week_of_a_month_is_its_last_seven_days(
    month: str, first: int, last: int, tmp_path: Path
) -> None:
    made = book(tmp_path, '{name: end, on: last week of the month, at: "12:00"}', first_day="2026-01-01")
    found = between(made, f"{month}-01", f"{month}-{last}")
    assert [f"{month}-{day:02}" for day in range(first, last + 1)] == [at[:10] for at, _ in found]


@pytest.mark.parametrize(
    ("hour", "day", "instants"),
    [
        # 02:30 does not exist, and comes at 03:00.
        ("02:30", "2026-03-08", ["2026-03-08T07:00:00+00:00"]),
        # 01:30 comes twice: Dagster ticks the second time, and the watch is of the first.
        ("01:30", "2026-11-01", ["2026-11-01T05:30:00+00:00"]),
    ],
)
def test_it_comes_once_on_a_day_on_which_clocks_change(
    hour: str, day: str, instants: list[str], tmp_path: Path
) -> None:
    made = book(tmp_path, f'{{name: night, on: every day, at: "{hour}"}}')
    assert instants == [at for at, _ in between(made, day, day)]


def test_days_without_figures_are_not_asked_for(tmp_path: Path) -> None:
    made = book(
        tmp_path,
        '{name: weekly, on: every day, at: "09:00", days: 7}',
        first_day="2026-03-02",
        last_day="2026-03-05",
    )
    found = asked(made, datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 12, 23, tzinfo=UTC))
    spans = [
        "none"
        if isinstance(one, str)
        else one.tags.get("dagster/partition", f"{one.tags.get(_START)} {one.tags.get(_END)}")
        for one in found
    ]
    assert [
        "none",
        "2026-03-02",
        "2026-03-02 2026-03-03",
        "2026-03-02 2026-03-04",
        *["2026-03-02 2026-03-05"] * 4,
        "2026-03-03 2026-03-05",
        "2026-03-04 2026-03-05",
        "2026-03-05",
    ] == spans
    assert "none of these days has figures: see first_day and last_day of sources.yaml" == found[0]


@settings(max_examples=150)
@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.integers(1, 366), st.integers(-9, 400))
def test_the_days_are_the_last_that_ended_and_have_figures(today: date, count: int, length: int) -> None:
    first = date(2026, 6, 1)
    last = first.fromordinal(first.toordinal() + length) if length >= 0 else None
    found = days_before(today, count, Sources(first_day=first, last_day=last, sources={}))
    wanted = [
        day
        for ordinal in range(today.toordinal() - count, today.toordinal())
        if first <= (day := date.fromordinal(ordinal)) and (last is None or day <= last)
    ]
    assert (Days(wanted[0], wanted[-1]) if wanted else None) == found


@pytest.mark.parametrize("on", ON)
def test_the_schedule_ticks_on_every_day_that_is_named_and_hardly_more(on: str | int) -> None:
    start, end = datetime(2028, 1, 1, tzinfo=NEW_YORK), datetime(2028, 12, 31, 23, tzinfo=NEW_YORK)
    ticked = set()
    cron = cron_of(on, "09:05", list(WORKING))
    for tick in schedule_execution_time_iterator(start.timestamp(), cron, "America/New_York", ascending=True):
        if tick > end:
            break
        assert (9, 5) == (tick.hour, tick.minute)
        ticked.add(tick.date())
    days = [date.fromordinal(start.date().toordinal() + number) for number in range(366)]
    named = {day for day in days if falls_on(on, day, WORKING)}
    assert named <= ticked
    assert len(ticked) - len(named) <= 3 * 12


def _check(name: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset="revenue_records", name=name)
    def check() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    return check


def test_only_the_checks_that_are_named_are_run_and_nothing_is_computed(tmp_path: Path) -> None:
    handbook = book(
        tmp_path,
        '{name: all, on: monday, at: "09:00"}',
        '{name: some, on: monday, at: "09:00", checks: [no_repeats]}',
    )
    definitions = dg.Definitions(
        assets=[dg.AssetSpec("revenue_records")],
        asset_checks=[_check("complete"), _check("no_repeats")],
        **watch_automation(handbook),
    )
    graph = definitions.resolve_asset_graph()
    selected = {
        job.name: sorted(key.name for key in job.selection.resolve_checks(graph))
        for job in watch_automation(handbook)["jobs"]
    }
    assert {
        "watch_aggregate_profit_all": ["complete", "no_repeats"],
        "watch_aggregate_profit_some": ["no_repeats"],
    } == selected
    assert [set(), set()] == [job.selection.resolve(graph) for job in watch_automation(handbook)["jobs"]]


def test_they_run_by_default_in_the_zone_of_the_team(tmp_path: Path) -> None:
    (schedule,) = watch_automation(book(tmp_path, '{name: weekly, on: monday, at: "09:00"}'))["schedules"]
    assert (dg.DefaultScheduleStatus.RUNNING, "America/New_York", "0 9 * * 1") == (
        schedule.default_status,
        schedule.execution_timezone,
        schedule.cron_schedule,
    )


def renamed(handbook: Handbook, *pipelines: str) -> Handbook:
    """The handbook with its only runbook under each of these names."""
    (runbook,) = handbook.runbooks.values()
    return replace(handbook, runbooks={name: replace(runbook, pipeline=name) for name in pipelines})


def test_names_that_no_job_may_have_become_names_that_are_distinct_and_stay(tmp_path: Path) -> None:
    handbook = book(
        tmp_path, '{name: weekly, on: monday, at: "09:00"}', '{name: b_weekly, on: monday, at: "09:00"}'
    )
    names = job_names(renamed(handbook, "profit", "a-b", "a.b", "a"))
    assert "watch_profit_weekly" == names["profit.weekly"]
    assert len(names) == len(set(names.values()))
    assert {True} == {re.fullmatch("[A-Za-z0-9_]+", name) is not None for name in names.values()}
    # `a_b_weekly` is the weekly watch of a-b and of a.b, and the watch b_weekly of a.
    assert names == job_names(renamed(handbook, "a", "a.b", "a-b", "profit"))


def test_the_longest_names_make_a_job_and_a_schedule(tmp_path: Path) -> None:
    longest = "n" * 63
    handbook = renamed(book(tmp_path, f'{{name: {longest}, on: monday, at: "09:00"}}'), "p.-" * 21)
    definitions = dg.Definitions(
        assets=[dg.AssetSpec("revenue_records")],
        asset_checks=[_check("complete"), _check("no_repeats")],
        **watch_automation(handbook),
    )
    (name,) = job_names(handbook).values()
    run = definitions.get_repository_def().get_job(name).execute_in_process()
    assert {"complete", "no_repeats"} == {one.check_name for one in run.get_asset_check_evaluations()}
