"""What a runbook may ask for as a watch, and the words for the days on which something comes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.recurring import falls_on
from oncall_assets.handbook.values import WEEKDAYS
from oncall_assets.handbook.watching import PlannedWatch
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.rota.watching import watch_instant, watches, watches_at

GOOD = Path(__file__).parents[1] / "handbooks" / "good"
WORKING = WEEKDAYS[:5]
WATCHES = """watch:
  - {name: weekly, on: monday, at: "09:00", days: 7}
  - {name: month_end, on: last week of the month, at: "09:00"}
  - {name: duplicates, on: friday, at: "08:30", days: 7, checks: [no_repeats]}
"""


@pytest.fixture
def handbook(tmp_path: Path) -> Handbook:
    """The good handbook, a team in London, whose runbook asks for three watches."""
    for file in GOOD.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    runbook = (GOOD / "aggregate_profit.md").read_text()
    (tmp_path / "aggregate_profit.md").write_text(runbook.replace("issues:\n", f"{WATCHES}issues:\n", 1))
    return load_handbook(tmp_path, frozenset(LANDED))


def test_a_runbook_lists_its_watches_and_one_day_and_all_checks_are_usual(handbook: Handbook) -> None:
    weekly, month_end, duplicates = (one.planned for one in watches(handbook))
    assert (7, None) == (weekly.days, weekly.checks)
    assert (1, None) == (month_end.days, month_end.checks)
    assert ["no_repeats"] == duplicates.checks
    assert "month end watch" == month_end.words
    assert [
        "aggregate_profit.weekly",
        "aggregate_profit.month_end",
        "aggregate_profit.duplicates",
    ] == [one.key for one in watches(handbook)]


def test_a_runbook_without_watches_is_as_it_was() -> None:
    assert [] == list(watches(load_handbook(GOOD, frozenset(LANDED))))


@pytest.mark.parametrize("days", [0, 367, "7", 1.5, True])
def test_a_watch_is_over_a_number_of_days_up_to_a_year(days: object) -> None:
    with pytest.raises(ValidationError):
        PlannedWatch.model_validate({"name": "w", "on": "monday", "at": "09:00", "days": days})


@pytest.mark.parametrize(
    ("instant", "names"),
    [
        # A Monday in the last week of March, after the clocks changed in London.
        (datetime(2026, 3, 30, 8, 0, tzinfo=UTC), ["weekly", "month_end"]),
        (datetime(2026, 3, 30, 9, 0, tzinfo=UTC), []),
        (datetime(2026, 3, 23, 9, 0, tzinfo=UTC), ["weekly"]),
        (datetime(2026, 3, 27, 8, 30, tzinfo=UTC), ["duplicates"]),
        (datetime(2026, 3, 27, 9, 0, tzinfo=UTC), ["month_end"]),
    ],
)
def test_the_watches_of_an_instant_are_those_whose_wall_time_it_is(
    instant: datetime, names: list[str], handbook: Handbook
) -> None:
    assert names == [one.planned.name for one in watches_at(handbook, instant)]


@settings(max_examples=100)
@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)))
def test_the_words_for_days_mean_what_a_calendar_shows(on: date) -> None:
    days = range(1, 32)
    month = [day for day in days if _is_date(on, day)]
    assert (on.day in month[-7:]) == falls_on("last week of the month", on, WORKING)
    assert (on.day == month[-1]) == falls_on("last day of the month", on, WORKING)
    assert (on.isoweekday() < 6) == falls_on("working days", on, WORKING)
    assert falls_on("every day", on, ())
    assert [WEEKDAYS[on.weekday()]] == [day for day in WEEKDAYS if falls_on(day, on, WORKING)]
    assert [on.day] == [day for day in days if falls_on(day, on, WORKING)]


@cache
def _good() -> Handbook:
    return load_handbook(GOOD, frozenset(LANDED))


def _is_date(on: date, day: int) -> bool:
    try:
        on.replace(day=day)
    except ValueError:
        return False
    return True


@settings(max_examples=100)
@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.sampled_from(["01:30", "02:30", "09:00", "23:59"]))
def test_a_watch_comes_once_on_each_of_its_days(on: date, at: str) -> None:
    handbook = _good()
    daily = PlannedWatch(name="w", on="every day", at=at)
    instants = [watch_instant(handbook, daily, date.fromordinal(on.toordinal() + more)) for more in range(2)]
    assert instants[0] is not None
    assert instants[1] is not None
    assert instants[0] < instants[1]
    mondays = PlannedWatch(name="w", on="monday", at=at)
    assert (instants[0] if on.weekday() == 0 else None) == watch_instant(handbook, mondays, on)
