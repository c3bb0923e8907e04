"""One problem is one incident: what is the same, a repeat or a consequence is told as such, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.incidents.policy.decide import Reason
from oncall_assets_tests.incidents.company import (
    ASSETS,
    DAY,
    DAYS,
    asset_tags,
    failing,
    orders,
    orders_check,
    run,
)
from oncall_assets_tests.incidents.conftest import Watch, crew_watch

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
FIRST, LAST = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


# A Wednesday of Ann's turn, when there are partitions of a month to compute.
LATER = datetime(2026, 2, 4, 2, 0, tzinfo=UTC)


class NoRows(Exception):
    """What the tests' assets die of."""


@pytest.fixture
def watch(crewed: Watch) -> Watch:
    return crewed


def reports(**settings: object) -> list[dg.AssetsDefinition]:
    """Six assets computed from orders, that fail."""
    return [
        failing(f"report_{number}", NoRows("nothing to add"), deps=[orders], **settings) for number in range(6)
    ]


def test_a_check_and_the_six_assets_that_fail_of_it_are_one_incident_and_one_page(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    failed = reports(tags=asset_tags("orders", "stakeholders", "minor"))
    with crew_watch(instance, tmp_path, assets=[*ASSETS, *failed]) as watch:
        watch.now = LATER
        with watch.moment():
            run(instance, orders, orders_check(passed=False), *failed[:3])
        for one in failed[3:]:
            with watch.moment():
                run(instance, one)
        tick = watch.tick()
        assert ((1,), 1, 4) == (tick.opened, tick.reasons[Reason.OPENED], tick.reasons[Reason.CAUSED])
        (page,) = watch.post.pages
        assert ("complete failed on orders", "minor", "ann") == (page.title, page.severity, page.to.key)
        # They had failed by then: the first page names them.
        assert tuple(f"report_{number} @ {DAY}" for number in range(6)) == page.others
        assert (0, 0) == (page.more_others, page.repeats)
        # A pass of the check alone leaves the reports failing; the last of them ends it.
        watch.now += MINUTE
        watch.report("orders", passed=True)
        assert {Reason.CLEARED: 1} == watch.tick().reasons
        for number in range(6):
            mended = dg.asset(name=f"report_{number}", partitions_def=DAYS, deps=[orders])(lambda: None)
            with watch.moment():
                run(instance, mended)
            assert (["ann: resolved 1"] if number == 5 else []) == watch.hears(after=MINUTE)


def test_what_fails_later_of_it_is_in_the_next_message_and_what_passed_is_not(watch: Watch) -> None:
    watch.report("orders")
    assert ["ann: opened 1"] == watch.hears()
    assert () == watch.post.pages[0].others
    watch.now += HOUR
    watch.report("dashboard", metadata={"oncall/pipeline": "orders"})
    for number in range(7):
        watch.report("orders", f"check_{number}")
    for _ in range(3):
        watch.report("orders")
    watch.tick()
    watch.report("orders", "check_0", passed=True)
    watch.tick()
    watch.tick(after=8 * HOUR)
    page = watch.post.pages[-1]
    assert "escalated" == page.telling
    assert (f"dashboard:complete @ {DAY}", f"orders:check_1 @ {DAY}") == page.others[:2]
    assert (6, 1, 3) == (len(page.others), page.more_others, page.repeats)


def test_two_faults_that_have_nothing_to_do_with_each_other_stay_two(watch: Watch) -> None:
    watch.report("rates")
    watch.report("orders")
    assert ["ann: opened 1", "ann: opened 2"] == watch.hears()
    first, second = watch.post.pages
    assert first.dedup != second.dedup
    watch.report("rates", passed=True)
    assert ["ann: resolved 1"] == watch.hears()


def test_upstream_of_the_cause_and_another_day_downstream_are_incidents_of_their_own(watch: Watch) -> None:
    watch.report("profit")
    watch.report("orders")
    assert (1, 2) == watch.tick().opened
    watch.report("dashboard", partition="2026-01-05")
    assert (3,) == watch.tick().opened


def test_a_range_that_failed_is_over_when_the_last_of_its_days_is(watch: Watch) -> None:
    instance, watch.now = watch.round.instance, LATER
    days = [date(2026, 1, 2) + timedelta(days=number) for number in range(30)]
    fails = failing("books", NoRows("x"), backfill_policy=dg.BackfillPolicy.single_run())
    tags = {FIRST: str(days[0]), LAST: str(days[-1])}
    with watch.moment():
        dg.materialize([fails], instance=instance, tags=tags, raise_on_error=False)
    assert ["ann: opened 1"] == watch.hears()
    (page,) = watch.post.pages
    assert f"{days[0]}…{days[-1]}" == page.partition
    # Each of its days is failing.
    assert (6, 23) == (len(page.others), page.more_others)
    mended = dg.asset(name="books", partitions_def=DAYS)(lambda: None)
    watch.now += MINUTE
    for day in reversed(days[1:]):
        with watch.moment():
            run(instance, mended, partition=str(day))
    assert [] == watch.hears(after=MINUTE)
    assert watch.last
    assert {Reason.CLEARED: 29} == watch.last.reasons
    with watch.moment():
        run(instance, mended, partition=str(days[0]))
    assert ["ann: resolved 1"] == watch.hears(after=MINUTE)


def test_a_retry_that_works_resolves_it_and_one_that_fails_is_counted_in_the_next_message(watch: Watch) -> None:
    instance, watch.now = watch.round.instance, LATER
    for _ in range(3):
        with watch.moment():
            run(instance, failing("books", NoRows("x")))
    assert ["ann: opened 1"] == watch.hears()
    assert 2 == watch.post.pages[0].repeats
    with watch.moment():
        run(instance, failing("books", NoRows("x")))
    assert [] == watch.hears()
    assert ["ben: escalated 1"] == watch.hears(after=2 * HOUR)
    assert 3 == watch.post.pages[-1].repeats
    with watch.moment():
        run(instance, dg.asset(name="books", partitions_def=DAYS)(lambda: None))
    assert ["ann: resolved 1", "ben: resolved 1"] == watch.hears(after=MINUTE)


def test_two_thousand_failures_over_some_ticks_are_a_handful_of_incidents(watch: Watch) -> None:
    names = ("bonds", "rents", "taxes", "rates", "orders")
    for _ in range(4):
        for number in range(500):
            watch.report(names[number % 5], partition=f"2026-01-{1 + number // 5 % 4:02}")
        watch.tick(after=MINUTE)
    assert (1, 2, 3, 4, 5) == tuple(sorted(page.incident for page in watch.post.pages))
    records = watch.round.ledger.incidents(None, True)
    assert 5 * [399] == [one.repeats for one in records]
    assert 5 * [4 * [100]] == [[fault.failures for fault in one.faults] for one in records]
    assert [] == watch.post.digests


def test_many_batches_are_read_in_one_tick_and_what_is_left_in_the_next(
    watch: Watch,
) -> None:
    watch.round = replace(watch.round, limit=2)
    for number in range(7):
        watch.report(f"bond_{number}")
    assert 7 == len(watch.tick().opened)
    watch.round = replace(watch.round, reading=timedelta(0))
    for number in range(5):
        watch.report(f"rent_{number}")
    assert [2, 2, 1, 0] == [len(watch.tick().opened) for _ in range(4)]
