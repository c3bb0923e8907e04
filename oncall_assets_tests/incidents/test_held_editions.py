"""A report that is held is part of what holds it, and pages by itself only where nothing else has paged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.open_on import open_on
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets_tests.incidents.company import ASSETS, DAY, DAYS, asset_tags, crew, profit, run
from oncall_assets_tests.incidents.conftest import NOW, Watch, crew_watch
from oncall_assets_tests.incidents.ledger.edition_entries import begun, left_in_doubt, send

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAILY, MONTHLY = "profit_daily", "profit_monthly"
MONTH = "2026-01-01…2026-01-31"
FIGURES = "of: aggregate_profit, to: [investors], figures: [{column: profit_cents, name: Profit, metric: profit}]"
REPORTS = f"""severity: critical
reports:
  - {{name: daily, title: Daily profit, period: day, due: {{at: "06:00"}}, {FIGURES}}}
  - {{name: monthly, title: Monthly profit, period: month, due: {{on: 2, at: "08:00"}}, {FIGURES}}}"""
WHY = ["complete failed on profit for 2026-01-07."]
TAGS = asset_tags("profit", "investors", "critical")


@dg.asset(key=["editions", DAILY], partitions_def=DAYS, deps=[profit], tags=TAGS)
def daily() -> None: ...


# Without tags: that a report is its pipeline's does not depend on who made the asset.
@dg.asset(
    key=["editions", MONTHLY],
    partitions_def=dg.MonthlyPartitionsDefinition(start_date="2026-01-01"),
    deps=[profit],
)
def monthly() -> None: ...


@pytest.fixture
def watch(instance: dg.DagsterInstance, tmp_path: Path) -> Iterator[Watch]:
    book = crew(tmp_path, front=REPORTS)
    with crew_watch(instance, tmp_path, book, assets=[*ASSETS, daily, monthly]) as made:
        yield made


@pytest.fixture
def book(watch: Watch) -> EditionBook:
    return EditionBook(watch.round.ledger)


def test_a_hold_with_no_other_cause_pages_at_its_severity_and_ends_when_it_is_over(
    watch: Watch, book: EditionBook
) -> None:
    book.hold(DAILY, DAY, WHY, NOW + 4 * HOUR, NOW)
    assert ["ann: opened 1"] == watch.hears()
    (page,) = watch.post.pages
    assert ("Edition of Daily profit for 2026-01-07 is held", "critical", "profit", "investors", DAY) == (
        page.title, page.severity, page.pipeline, page.audience, page.partition,
    )  # fmt: skip
    assert (WHY[0], "held since 2026-01-07 02:00 UTC", "due 2026-01-07 06:00 UTC", ("edition held",)) == (
        page.finding, page.observed, page.threshold, page.issues,
    )  # fmt: skip
    assert "1. Look at the run." == page.steps[0]
    book.hold(DAILY, DAY, [*WHY, "2026-01-06 is missing."], NOW + 4 * HOUR, NOW + MINUTE)
    assert [] == watch.hears(after=MINUTE)
    book.over(DAILY, DAY, NOW)
    assert ["ann: resolved 1"] == watch.hears(after=MINUTE)


def test_a_month_that_is_held_is_one_fault_and_not_one_a_day(watch: Watch, book: EditionBook) -> None:
    book.hold(MONTHLY, MONTH, WHY, NOW + 4 * HOUR, NOW)
    assert ["ann: opened 1"] == watch.hears()
    (page,) = watch.post.pages
    assert (MONTH, (), 0) == (page.partition, page.others, page.more_others)
    (fault,) = watch.round.ledger.incident(1).faults
    assert ("edition profit_monthly", MONTH) == (fault.target, fault.partition)
    assert [] == watch.hears(after=MINUTE)
    book.over(MONTHLY, MONTH, NOW)
    assert ["ann: resolved 1"] == watch.hears(after=MINUTE)


@pytest.mark.parametrize(("report", "period"), [(DAILY, DAY), (MONTHLY, MONTH)])
def test_a_hold_joins_the_incident_that_holds_it_and_pages_nobody_anew(
    watch: Watch, book: EditionBook, report: str, period: str
) -> None:
    watch.report("profit")
    assert ["ann: opened 1"] == watch.hears()
    book.hold(report, period, WHY, NOW + 4 * HOUR, NOW)
    assert [] == watch.hears(after=MINUTE)
    assert watch.last
    assert {Reason.CAUSED: 1} == watch.last.reasons
    faults = watch.round.ledger.incident(1).faults
    assert [("profit:complete", DAY, True), (f"edition {report}", period, False)] == [
        (one.target, one.partition, one.cause) for one in faults
    ]
    # Whoever mends the cause is not done before the report may go.
    watch.report("profit", passed=True)
    assert [] == watch.hears(after=MINUTE)
    book.over(report, period, NOW)
    assert ["ann: resolved 1"] == watch.hears(after=MINUTE)


def test_a_hold_and_its_cause_that_are_seen_at_once_are_one_incident(watch: Watch, book: EditionBook) -> None:
    book.hold(DAILY, DAY, WHY, NOW + 4 * HOUR, NOW)
    watch.report("profit")
    assert ["ann: opened 1"] == watch.hears()
    assert ("complete failed on profit", ("edition profit_daily @ 2026-01-07",)) == (
        watch.post.pages[0].title, watch.post.pages[0].others,
    )  # fmt: skip


def test_a_hold_of_another_period_than_what_failed_opens_its_own(watch: Watch, book: EditionBook) -> None:
    watch.report("profit")
    watch.tick()
    book.hold(DAILY, "2026-01-06", WHY, NOW + 4 * HOUR, NOW)
    book.hold(MONTHLY, "2025-12-01…2025-12-31", WHY, NOW + 4 * HOUR, NOW)
    assert ["ann: opened 2", "ann: opened 3"] == watch.hears(after=MINUTE)


@pytest.mark.parametrize(("report", "period"), [(DAILY, DAY), (MONTHLY, MONTH)])
def test_a_hold_makes_a_minor_incident_as_bad_as_the_report_but_for_the_gate_it_stays_what_it_was(
    watch: Watch, book: EditionBook, report: str, period: str
) -> None:
    watch.report("orders")
    watch.tick()
    assert ["minor"] == [one.severity for one in watch.round.ledger.incidents(None, True)]
    book.hold(report, period, WHY, NOW + 4 * HOUR, NOW)
    assert ["ann: raised 1"] == watch.hears(after=MINUTE)
    assert ["critical"] == [one.severity for one in watch.round.ledger.incidents(None, True)]
    # Or the edition would be held because it is held.
    assert ["minor"] == [one.severity for one in open_on(watch.round.ledger, ["orders", "profit"])]


def test_for_the_gate_an_incident_is_as_bad_as_what_else_it_caused(watch: Watch, book: EditionBook) -> None:
    watch.report("orders")
    watch.tick()
    watch.report("profit")
    book.hold(DAILY, DAY, WHY, NOW + 4 * HOUR, NOW)
    assert ["ann: raised 1"] == watch.hears(after=MINUTE)
    assert ["critical"] == [one.severity for one in open_on(watch.round.ledger, ["orders", "profit"])]


def test_a_run_of_the_report_that_fails_is_told_with_the_hold(watch: Watch, book: EditionBook) -> None:
    book.hold(DAILY, DAY, WHY, NOW + 4 * HOUR, NOW)
    watch.tick()

    @dg.asset(key=["editions", DAILY], partitions_def=DAYS)
    def fails() -> None:
        raise ConnectionError("no mail")

    watch.now += 48 * HOUR
    with watch.moment():
        run(watch.round.instance, fails)
    watch.tick()
    assert watch.last
    assert 1 == watch.last.reasons[Reason.CAUSED]
    # That a run of it succeeds says nothing of the hold: the gate does.
    watch.now += MINUTE
    with watch.moment():
        run(watch.round.instance, dg.asset(key=["editions", DAILY], partitions_def=DAYS)(lambda: None))
    watch.tick()
    open_faults = [one.target for one in watch.round.ledger.incident(1).faults if one.cleared_at is None]
    assert ["edition profit_daily"] == open_faults


def test_figures_that_changed_are_for_those_who_may_see_the_pipelines(watch: Watch, book: EditionBook) -> None:
    # Of an asset that this code location does not know nothing else tells whom its figures are for.
    one = send(book, begun(book, "ir", report="gone", period=DAY, pipeline="profit", title="Old profit"))
    book.restate(one.id, "margin", '{"amount": 1}', '{"amount": 2}', "late data", NOW)
    assert ["ann: opened 1"] == watch.hears()
    (page,) = watch.post.pages
    assert ("investors", "profit", "critical", True) == (page.audience, page.pipeline, page.severity, page.figures)
    left_in_doubt(book, "ir", report=DAILY, period="2026-01-05")
    assert ["ann: opened 2"] == watch.hears(after=MINUTE)
    assert ("investors", False) == (watch.post.pages[1].audience, watch.post.pages[1].figures)
    (record,) = book.restatements()
    book.close_restatement(record.id, "ann", NOW)
    assert ["ann: resolved 1"] == watch.hears(after=MINUTE)


def test_a_restatement_is_major_at_least(watch: Watch, book: EditionBook) -> None:
    one = send(book, begun(book, "ir", report="orders_daily", period=DAY, pipeline="orders", title="Orders"))
    book.restate(one.id, "margin", '{"amount": 1}', '{"amount": 2}', "late data", NOW)
    watch.tick()
    assert ["major"] == [page.severity for page in watch.post.pages]


def test_a_held_report_that_was_sent_or_is_promised_no_more_is_in_no_trouble(
    watch: Watch, book: EditionBook, tmp_path: Path
) -> None:
    book.hold(DAILY, DAY, WHY, NOW + 4 * HOUR, NOW)
    book.hold(MONTHLY, MONTH, WHY, NOW + 4 * HOUR, NOW)
    watch.tick()
    send(book, begun(book, "ir", report=DAILY, period=DAY))
    assert ["ann: resolved 1"] == watch.hears(after=MINUTE)
    watch.under(crew(tmp_path))
    assert ["ann: resolved 2"] == watch.hears(after=MINUTE)
