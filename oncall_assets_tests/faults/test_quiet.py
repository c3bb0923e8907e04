"""No false alarms: two months of healthy days, a month's end and the end of summer time page nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from oncall_assets.metrics.days import Days
from oncall_assets_tests.faults.eves import MONTH_END, Eve
from oncall_assets_tests.faults.world import World

HOUR = timedelta(hours=1)


@pytest.mark.long
def test_two_months_of_healthy_days_page_nobody(world_of: Callable[[Eve], World]) -> None:
    # All days before were computed, and no check failed, when the eve was made.
    world = world_of(MONTH_END)
    assert 59 == len(Days(world.handbook.sources.first_day, world.day_before).each)

    # The last of the month, and the night in which New York's clocks are put back at two.
    for late in range(3):
        day = world.day + timedelta(days=late)
        since = timedelta(days=late)
        world.night(Days.one(day), after=since)
        world.tick(since + HOUR / 2)
        world.night(Days(day - timedelta(days=2), day - timedelta(days=1)), "late_events", after=since + HOUR)
        for hours in (1.5, 2.5, 3.5, 7.5, 15.5):
            world.tick(since + hours * HOUR)

    assert set() == world.failing()
    assert all(result.success for result in world.results)
    assert [] == world.post.pages
    assert [] == world.printed
    assert set() == world.mechanisms() | world.recorded()
