"""Watches tell the on-call in one digest what they found, and page for what is wrong as any other check does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.notify.console import as_text
from oncall_assets.notify.message import Notice
from oncall_assets_tests.incidents.conftest import down
from oncall_assets_tests.incidents.watchers import MONDAY, WEEKLY, Company, company

MONTH = """watch:
  - {name: weekly, on: monday, at: "09:00", days: 7}
  - {name: month_end, on: last week of the month, at: "09:00"}"""
ORDERS = """watch:
  - {name: weekly, on: monday, at: "09:00", days: 7}
  - {name: duplicates, on: friday, at: "09:00", days: 7, checks: [once]}"""

NOON = MONDAY + timedelta(hours=3)
MINUTE = timedelta(minutes=1)
WEEK = "2026-02-23…2026-03-01"


@pytest.fixture
def orders(instance: dg.DagsterInstance, tmp_path: Path) -> Iterator[Company]:
    """Only the runbook of orders asks for a watch, of a check that pages and one that warns."""
    with company(instance, tmp_path, "", WEEKLY) as made:
        yield made


@pytest.fixture
def both(instance: dg.DagsterInstance, tmp_path: Path) -> Iterator[Company]:
    """Both runbooks ask for a weekly watch at the same time."""
    with company(instance, tmp_path, WEEKLY, WEEKLY) as made:
        yield made


def rows(notice: Notice, label: str) -> list[str]:
    return [text for name, text in notice.rows if name == label]


def pages(made: Company) -> list[str]:
    return [f"{page.title} ({page.partition})" for page in made.watch.post.pages]


def the(notices: Sequence[Notice]) -> Notice:
    (notice,) = notices
    return notice


def test_a_month_of_watches_is_exactly_these_digests_at_nine_in_new_york(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with company(instance, tmp_path, MONTH, ORDERS) as one:
        assert [
            "Mon 02 14:01 ann: 2 watches: all well",
            "Fri 06 14:01 ann: Duplicates watch of orders: all well",
            # The clocks have changed.
            "Mon 09 13:01 ben: 2 watches: all well",
            "Fri 13 13:01 ben: Duplicates watch of orders: all well",
            "Mon 16 13:01 ann: 2 watches: all well",
            "Fri 20 13:01 ann: Duplicates watch of orders: all well",
            "Mon 23 13:01 ben: 2 watches: all well",
            "Wed 25 13:01 ben: Month end watch of profit: all well",
            "Thu 26 13:01 ben: Month end watch of profit: all well",
            "Fri 27 13:01 ben: 2 watches: all well",
            "Sat 28 13:01 ben: Month end watch of profit: all well",
            "Sun 29 13:01 ben: Month end watch of profit: all well",
            "Mon 30 13:01 ann: 3 watches: all well",
            "Tue 31 13:01 ann: Month end watch of profit: all well",
        ] == one.until(datetime(2026, 4, 1, 3, 59, tzinfo=UTC))
        assert [] == one.watch.post.pages
        assert {f"{MONDAY - timedelta(days=7):%Y-%m-%d}…2026-03-01", "2026-03-30"} <= set(one.shelf.asked)


def test_when_all_is_well_the_digest_says_what_was_looked_at_and_nobody_is_paged(orders: Company) -> None:
    orders.until(NOON)
    notice = the(orders.watch.post.notices)
    assert "Weekly watch of orders: all well" == notice.title
    assert (("Days", WEEK), ("Coverage", "2 checks judged"), ("Open", "none")) == notice.rows
    assert "2026-02-23" in as_text(notice)
    assert [] == orders.watch.post.pages


def test_a_failing_check_is_in_the_digest_and_one_incident(orders: Company) -> None:
    orders.shelf.faults = {"orders": {"2026-02-25"}}
    orders.until(NOON)
    notice = the(orders.watch.post.notices)
    assert "Weekly watch of orders: 1 of 2 checks fails" == notice.title
    (fails,) = rows(notice, "Fails")
    assert fails.startswith("once on orders: 1 of 8 rows repeat")
    assert ["#1 minor: once failed on orders"] == rows(notice, "Open")
    assert "Re-execute http://dagster.example/runs/" in rows(notice, "Again")[0]
    assert [f"once failed on orders ({WEEK})"] == pages(orders)


def test_a_warning_reaches_people_in_the_digest_alone(orders: Company) -> None:
    orders.shelf.priced = False
    orders.until(NOON)
    notice = the(orders.watch.post.notices)
    assert "Weekly watch of orders: 1 warning" == notice.title
    assert ["priced on orders: 7 of 7 rows have no price."] == rows(notice, "Warning")
    assert (["2 checks judged"], []) == (rows(notice, "Coverage"), orders.watch.post.pages)


def test_a_check_that_cannot_be_applied_is_told_as_not_judged(orders: Company) -> None:
    orders.shelf.columns = ("id",)
    orders.until(NOON)
    notice = the(orders.watch.post.notices)
    assert "Weekly watch of orders: 1 not judged" == notice.title
    assert rows(notice, "Not judged")[0].startswith("priced on orders: The rule cannot be applied")
    assert ["1 of 2 checks judged"] == rows(notice, "Coverage")


def test_checks_that_raise_are_told_with_their_error_and_paged_as_a_failed_run(orders: Company) -> None:
    orders.shelf.trouble = OSError("the disk is gone")
    orders.until(NOON)
    notice = the(orders.watch.post.notices)
    assert "Weekly watch of orders: 2 not judged" == notice.title
    assert ["once on orders: OSError: the disk is gone", "priced on orders: OSError: the disk is gone"] == rows(
        notice, "Not judged"
    )
    assert 1 == len(orders.watch.post.pages)


def test_all_watches_of_one_time_are_one_digest_and_what_fails_stands_first(both: Company) -> None:
    both.shelf.faults = {"orders": {"2026-02-25"}}
    both.until(NOON)
    notice = the(both.watch.post.notices)
    assert "2 watches: 1 of 3 checks fails" == notice.title
    assert [
        "weekly watch of orders: 1 of 2 checks fails",
        "weekly watch of profit: all well",
    ] == rows(notice, "Watch")
    assert [WEEK, WEEK] == rows(notice, "Days")
    # Of each pipeline its own.
    assert ["#1 minor: once failed on orders"] == rows(notice, "Open")


def test_findings_about_figures_for_investors_are_for_channels_that_may_show_them(both: Company) -> None:
    both.shelf.faults = {"orders": {"2026-02-25"}, "profit": {"2026-02-25"}}
    both.until(NOON)
    notice = the(both.watch.post.notices)
    assert 2 == len([row for row in rows(notice, "Fails") if ": 1 of 8 rows repeat" in row])
    discreet = rows(notice.model_copy(update={"rows": notice.discreet}), "Fails")
    assert "complete on profit: hidden here, as its figures go to investors" in discreet
    assert 1 == len([row for row in discreet if row.startswith("once on orders: 1 of 8 rows repeat")])


def launched(made: Company) -> list[tuple[str, dg.RunRequest]]:
    return [(job, request) for _, job, request in made.launches(NOON)]


def test_the_digest_waits_until_every_run_of_its_time_is_over(both: Company) -> None:
    (orders, profit) = launched(both)
    both.run(*orders, MONDAY + MINUTE)
    slow = both.begin(*profit, MONDAY + MINUTE)
    both.told(MONDAY + 29 * MINUTE)
    assert [] == both.digests()
    both.fail(slow, MONDAY + 29 * MINUTE)
    both.told(MONDAY + 30 * MINUTE)
    assert ["Mon 02 14:30 ann: 2 watches: 1 not judged"] == both.digests()


def test_a_run_that_takes_longer_than_half_an_hour_is_named_and_told_when_it_is_over(both: Company) -> None:
    (orders, profit) = launched(both)
    both.run(*orders, MONDAY)
    slow = both.begin(*profit, MONDAY)
    both.told(MONDAY + 32 * MINUTE)
    first = the(both.watch.post.notices)
    assert "2 watches: 1 is not over" == first.title
    assert [f"http://dagster.example/runs/{slow.run_id} was not over after 30 minutes."] == rows(first, "Not over")
    both.fail(slow, MONDAY + 40 * MINUTE)
    both.told(MONDAY + 41 * MINUTE)
    both.told(MONDAY + 42 * MINUTE)
    assert ["2 watches: 1 is not over", "Weekly watch of profit: 1 not judged"] == [
        notice.title for notice in both.watch.post.notices
    ]


def test_a_watch_without_a_run_is_named_in_the_digest_of_the_others(both: Company) -> None:
    (orders, _) = launched(both)
    both.run(*orders, MONDAY)
    both.told(MONDAY + 32 * MINUTE)
    notice = the(both.watch.post.notices)
    assert ["It has no run: its schedule may be stopped or failing."] == rows(notice, "Not over")


def test_a_digest_is_written_once_whoever_is_on_call_and_whatever_is_run_again(orders: Company) -> None:
    ((job, request),) = launched(orders)
    orders.run(job, request, MONDAY)
    orders.told(MONDAY + MINUTE)
    orders.run(job, request, MONDAY + 2 * MINUTE)
    orders.run(job, request, MONDAY + timedelta(hours=2))
    # Three days later somebody else is on call, under a ledger opened anew.
    for later in (timedelta(hours=3), timedelta(days=3), timedelta(days=7)):
        orders.told(MONDAY + later)
    assert ["Mon 02 14:01 ann: Weekly watch of orders: all well"] == orders.digests()


def test_two_pagers_write_one_digest(orders: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ((job, request),) = launched(orders)
    orders.run(job, request, MONDAY)
    # Its clock is slow, so that Ben is on call for it, who hands over to Ann.
    other = replace(orders.watch, now=MONDAY - MINUTE)
    looked, asked = Ledger.posted, list[Sequence[str]]()

    def posted(ledger: Ledger, subjects: Sequence[str]) -> set[str]:
        found = looked(ledger, subjects)
        asked.append(subjects)
        if len(asked) == 1:
            # The other pager comes first, in between.
            other.tick()
        return found

    monkeypatch.setattr(Ledger, "posted", posted)
    orders.told(MONDAY + MINUTE)
    assert ["ben"] == [notice.to.key for notice in orders.watch.post.notices]


def test_a_pager_killed_before_it_wrote_the_digest_writes_it_when_it_is_back(orders: Company) -> None:
    ((job, request),) = launched(orders)
    orders.run(job, request, MONDAY)
    orders.told(MONDAY + timedelta(days=3))
    assert ["Thu 05 14:00 ann: Weekly watch of orders: all well"] == orders.digests()


def test_a_digest_that_cannot_be_sent_arrives_later(orders: Company) -> None:
    orders.watch.post.trouble = down()
    assert [] == orders.until(MONDAY + 2 * MINUTE)
    orders.watch.post.trouble = None
    orders.told(NOON)
    assert 1 == len(orders.digests())


def test_watches_of_before_the_pager_began_are_not_told(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    with company(instance, tmp_path, "", WEEKLY) as one:
        launches = launched(one)
        one.watch.cursor, one.watch.now = None, MONDAY + MINUTE
        one.watch.tick()
        one.run(*launches[0], MONDAY + 2 * MINUTE)
        one.told(MONDAY + timedelta(hours=1))
        assert [] == one.digests()


def test_everyone_gets_the_digest_where_nobody_is_on_call(orders: Company) -> None:
    orders.watch.with_nobody_on_call()
    orders.until(NOON)
    assert ["ann", "ben"] == [notice.to.key for notice in orders.watch.post.notices]


def test_a_fault_in_the_digest_holds_up_no_page_and_is_said(
    orders: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no digest")

    monkeypatch.setattr("oncall_assets.incidents.watching.judgements", broken)
    orders.shelf.faults = {"orders": {"2026-02-25"}}
    assert [] == orders.until(NOON)
    assert 1 == len(orders.watch.post.pages)
    assert orders.watch.last is not None
    assert ("the digests of watches were not written: ZeroDivisionError: no digest",) == orders.watch.last.troubles
