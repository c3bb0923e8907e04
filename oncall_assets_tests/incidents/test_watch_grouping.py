"""What a watch finds belongs to the incident that is known of it, and ends only what it judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets_tests.incidents.watchers import MONDAY, WEEKLY, Company, company

NOON = MONDAY + timedelta(hours=3)
DAY, WEEK = "2026-02-25", "2026-02-23…2026-03-01"


@pytest.fixture
def orders(instance: dg.DagsterInstance, tmp_path: Path) -> Iterator[Company]:
    with company(instance, tmp_path, "", WEEKLY) as made:
        yield made


def judged(made: Company, *, passed: bool) -> None:
    """The nightly evaluation of the day, read by the pager."""
    made.watch.report("orders", "once", partition=DAY, passed=passed)
    made.watch.tick(timedelta(minutes=1))


def faults(made: Company) -> list[tuple[int, str | None]]:
    """The open faults by incident and partition."""
    found = made.watch.round.ledger.incidents(None, open_only=True)
    return [(one.number, fault.partition) for one in found for fault in one.faults if not fault.cleared_at]


def test_a_known_incident_of_a_day_is_not_paged_again_for_its_week(orders: Company) -> None:
    judged(orders, passed=False)
    orders.shelf.faults = {"orders": {DAY}}
    orders.until(NOON)
    # Ben has the turn until the watch comes, and Ann from then on.
    assert [("ben", 1, DAY), ("ann", 1, DAY)] == [
        (page.to.key, page.incident, page.partition) for page in orders.watch.post.pages
    ]
    assert [(1, DAY), (1, WEEK)] == faults(orders)
    (digest,) = orders.watch.post.notices
    assert "#1 minor: once failed on orders" == dict(digest.rows)["Open"]


def test_a_week_that_passes_as_a_whole_resolves_no_incident_of_a_day(orders: Company) -> None:
    judged(orders, passed=False)
    orders.until(NOON)
    assert ["Weekly watch of orders: all well"] == [notice.title for notice in orders.watch.post.notices]
    assert [(1, DAY)] == faults(orders)


def test_once_the_day_is_mended_the_same_watch_run_again_ends_the_incident(orders: Company) -> None:
    judged(orders, passed=False)
    orders.shelf.faults = {"orders": {DAY}}
    ((_, job, request),) = orders.launches(NOON)
    orders.until(NOON)
    orders.shelf.faults = {}
    judged(orders, passed=True)
    assert [(1, WEEK)] == faults(orders)
    orders.run(job, request, NOON + timedelta(hours=1))
    orders.told(NOON + timedelta(hours=2))
    assert [] == faults(orders)
    assert ["ben: resolved", "ann: resolved"] == [f"{one.to.key}: {one.what}" for one in orders.watch.post.updates]
    assert 1 == len(orders.digests())


def test_a_watch_that_could_not_judge_is_over_when_it_is_run_again(orders: Company) -> None:
    ((_, job, request),) = orders.launches(NOON)
    orders.shelf.trouble = OSError("the disk is gone")
    orders.until(NOON)
    assert [(1, WEEK), (1, WEEK)] == faults(orders)
    orders.shelf.trouble = None
    orders.run(job, request, NOON + timedelta(hours=1))
    orders.told(NOON + timedelta(hours=2))
    assert [] == faults(orders)


def test_a_run_on_disk_is_read_as_one_in_memory(on_disk: dg.DagsterInstance, tmp_path: Path) -> None:
    with company(on_disk, tmp_path, "", WEEKLY) as one:
        one.shelf.faults = {"orders": {DAY}}
        one.shelf.columns = ("id",)
        assert ["Mon 02 14:01 ann: Weekly watch of orders: 1 of 2 checks fails, 1 not judged"] == one.until(NOON)
        assert [(1, WEEK)] == faults(one)
