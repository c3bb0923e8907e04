"""The pager on real runs: who is told of what, and how often."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest

from oncall_assets.handbook import labels
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.signals.failure import instant_of
from oncall_assets.incidents.signals.log import CursorError
from oncall_assets.notify.message import Affected, Page, Person
from oncall_assets_tests.incidents.company import (
    DAY,
    asset_tags,
    dashboard,
    failing,
    orders,
    orders_check,
    profit,
    report,
    run,
)
from oncall_assets_tests.incidents.conftest import NOW, Watch, down

WARN = dg.AssetCheckSeverity.WARN


def on_call_of(page: Page) -> tuple[str, str]:
    """The names of the two on call."""
    assert page.primary
    assert page.secondary
    return page.primary.name, page.secondary.name


class ExchangeRateMissing(Exception):
    """What the tests' assets die of."""


def test_a_failed_check_in_a_green_run_is_one_page_with_everything_on_it(watch: Watch) -> None:
    result = run(watch.round.instance, orders, orders_check(passed=False))
    assert result.success
    assert (1,) == watch.tick().opened
    (page,) = watch.post.pages
    wanted = Page(
        id="incident 1/1.1 on_call.primary/ann",
        dedup=page.dedup,
        incident=1,
        to=Person(key="ann", name="Ann Archer", timezone="Europe/London"),
        why="you are on call (primary)",
        key=f"orders:complete @ {DAY}",
        title="complete failed on orders",
        severity="minor",
        what="check complete of asset orders",
        finding="71 of 100 rows are there.",
        observed="0.71",
        threshold="at least 0.99",
        partition=DAY,
        sample="cents  record_id\n199    r-1\n-      r-2",
        happened_at=page.happened_at,
        told_at=NOW,
        primary=page.primary,
        because=page.because,
        secondary=page.secondary,
        respond=timedelta(hours=4),
        resolve=timedelta(hours=24),
        respond_by=NOW + timedelta(hours=4),
        resolve_by=NOW + timedelta(hours=24),
        pipeline="orders",
        audience="stakeholders",
        owners=("Ann Archer", "Ben Baker"),
        affected=(Affected(asset="profit", investors=True), Affected(asset="dashboard", investors=False)),
        links=page.links,
    )
    assert wanted.model_dump() == page.model_dump()
    assert ("Ann Archer", "Ben Baker") == on_call_of(page)
    assert page.because[0].startswith("turn 1 of the rotation")
    assert [
        ("Check", "http://dagster.example/assets/orders?view=checks&checkDetail=complete"),
        ("Run", f"http://dagster.example/runs/{result.run_id}"),
    ] == [(link.title, link.url) for link in page.links]


def test_the_runbooks_steps_begin_at_the_checks_own(watch: Watch) -> None:
    report(watch.round.instance, "profit", "complete", metadata={"oncall/step": 2})
    watch.tick()
    (page,) = watch.post.pages
    assert ("2. Compare the filing.", "3. Land the file again.", "4. Re-run the day.") == page.steps
    assert str(watch.round.desk.handbook.folder / "profit.md") == page.runbook
    assert ("critical", "investors") == (page.severity, page.audience)


def test_a_check_upstream_brings_the_steps_and_severity_of_the_runbook_that_asked_for_it(watch: Watch) -> None:
    # Orders is a minor pipeline of Ann's; the runbook of profit, a critical one, checks it.
    metadata = {labels.PIPELINE: "profit", labels.STEP: "3"}
    report(watch.round.instance, "orders", "complete", metadata=metadata)
    watch.tick()
    (page,) = watch.post.pages
    assert ("orders", ("Ann Archer", "Ben Baker"), "critical") == (page.pipeline, page.owners, page.severity)
    assert ("3. Land the file again.", "4. Re-run the day.", "5. Tell finance.") == page.steps
    assert str(page.runbook).endswith("profit.md")


def test_whoever_is_on_call_when_told_is_told(watch: Watch) -> None:
    run(watch.round.instance, orders, orders_check(passed=False))
    watch.tick(after=timedelta(weeks=1))
    (page,) = watch.post.pages
    assert ("Ben Baker", "Ann Archer") == on_call_of(page)


def test_a_blocking_checks_two_signals_are_one_page(watch: Watch) -> None:
    result = run(watch.round.instance, orders, orders_check(passed=False, blocking=True), profit)
    assert not result.success
    assert {Reason.OPENED: 1, Reason.CAUSED: 1} == watch.tick().reasons
    assert ["complete failed on orders"] == [page.title for page in watch.post.pages]


def test_a_blocking_check_inside_its_assets_own_step_is_one_page_too(watch: Watch) -> None:
    @dg.asset(check_specs=[dg.AssetCheckSpec("inside", asset="stock", blocking=True)])
    def stock() -> dg.MaterializeResult:  # type: ignore[type-arg] # Dagster takes it with no argument only
        return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=False, check_name="inside")])

    assert not run(watch.round.instance, stock, partition=None).success
    assert {Reason.OPENED: 1, Reason.CAUSED: 1} == watch.tick().reasons
    assert ["inside failed on stock"] == [page.title for page in watch.post.pages]


def test_a_run_stopped_by_a_check_from_before_the_pager_still_pages(watch: Watch) -> None:
    instance = watch.round.instance
    run(instance, orders, orders_check(passed=False, blocking=True))
    # The evaluation counts as history, and only the run's failure is news.
    records = instance.fetch_run_status_changes(dg.DagsterEventType.RUN_FAILURE, limit=1).records
    # From the instant itself: a float less a microsecond may round to the same one.
    before = instant_of(records[0].event_log_entry) - timedelta(microseconds=1)
    watch.cursor = f'{{"after": 0, "history": {{"id": 1000000, "at": "{before.isoformat()}"}}}}'
    watch.tick()
    assert ["Run failed: orders"] == [page.title for page in watch.post.pages]


def test_a_failed_step_is_one_page_that_names_the_error_and_what_was_skipped(watch: Watch) -> None:
    fails = failing("rates", ExchangeRateMissing("EUR\x1b[0m for today"), tags=asset_tags("orders", "x", "major"))
    after = dg.asset(name="after", partitions_def=orders.partitions_def, deps=[fails])(lambda: None)
    run(watch.round.instance, fails, after)
    watch.tick()
    (page,) = watch.post.pages
    assert "Run failed: rates" == page.title
    assert f"rates @ {DAY}" == page.key
    assert page.finding.endswith("ExchangeRateMissing: EUR [0m for today")
    assert ("after",) == page.not_computed
    assert DAY == page.partition
    assert ["Run"] == [link.title for link in page.links]


def test_a_check_that_could_not_be_run_is_a_page_and_its_pass_resolves_it(watch: Watch) -> None:
    @dg.asset_check(asset=orders, name="complete")
    def raises() -> dg.AssetCheckResult:
        raise ExchangeRateMissing("no filing")

    run(watch.round.instance, orders, raises)
    watch.tick()
    (page,) = watch.post.pages
    assert ("Run failed: orders", f"orders:complete @ {DAY}") == (page.title, page.key)
    run(watch.round.instance, orders)
    assert {Reason.NOTHING_OPEN: 1} == watch.tick().reasons
    run(watch.round.instance, orders, orders_check(passed=True))
    assert 1 == watch.tick().reasons[Reason.RESOLVED]


def test_two_faults_in_one_run_are_two_pages(watch: Watch) -> None:
    fails = failing("rates", ExchangeRateMissing("EUR"))
    run(watch.round.instance, fails, orders, orders_check(passed=False, blocking=True))
    watch.tick()
    assert {"complete failed on orders", "Run failed: rates"} == {page.title for page in watch.post.pages}


def test_a_run_that_dies_without_a_failed_step_is_a_page(watch: Watch) -> None:
    instance = watch.round.instance
    job = dg.Definitions(assets=[orders, profit]).resolve_implicit_global_asset_job_def()
    dead = instance.create_run_for_job(job, tags={"dagster/partition": DAY})
    instance.report_run_failed(dead, "the worker was killed")
    watch.tick()
    (page,) = watch.post.pages
    assert ("Run failed: orders, profit", DAY) == (page.title, page.partition)
    assert "the worker was killed" == page.finding


def test_a_job_without_assets_is_paged_and_resolved_by_its_name(watch: Watch) -> None:
    broken = {"yes": True}

    @dg.op
    def step() -> None:
        if broken["yes"]:
            raise ExchangeRateMissing("EUR")

    @dg.job
    def nightly() -> None:
        step()

    instance = watch.round.instance
    nightly.execute_in_process(instance=instance, raise_on_error=False)
    watch.tick()
    assert [("Run failed: job nightly", "job:nightly")] == [(page.title, page.key) for page in watch.post.pages]
    broken["yes"] = False
    nightly.execute_in_process(instance=instance)
    assert {Reason.RESOLVED: 1} == watch.tick().reasons


def test_a_warning_pages_nobody(watch: Watch) -> None:
    run(watch.round.instance, orders, orders_check(passed=False, severity=WARN))
    assert 1 == watch.tick().reasons[Reason.BELOW]
    assert [] == watch.post.pages


def test_a_retry_that_fails_again_is_counted_and_pages_nobody(watch: Watch) -> None:
    fails = failing("rates", ExchangeRateMissing("EUR"))
    for _ in range(3):
        run(watch.round.instance, fails)
    assert {Reason.OPENED: 1, Reason.REPEATED: 2} == watch.tick().reasons
    run(watch.round.instance, fails)
    assert {Reason.REPEATED: 1} == watch.tick().reasons
    assert 1 == len(watch.post.pages)


def test_a_pass_resolves_and_a_later_failure_is_a_new_incident(watch: Watch) -> None:
    instance = watch.round.instance
    run(instance, orders, orders_check(passed=False))
    watch.tick()
    run(instance, orders, orders_check(passed=True))
    assert {Reason.RESOLVED: 1, Reason.NOTHING_OPEN: 1} == watch.tick().reasons
    run(instance, orders, orders_check(passed=False))
    assert (2,) == watch.tick().opened
    assert [1, 2] == [page.incident for page in watch.post.pages]


def test_a_run_that_succeeds_resolves_only_its_own_day(watch: Watch) -> None:
    instance = watch.round.instance
    fixed = dg.asset(name="rates", partitions_def=orders.partitions_def)(lambda: None)
    run(instance, failing("rates", ExchangeRateMissing("EUR")))
    watch.tick()
    run(instance, fixed, partition="2026-01-08")
    assert {Reason.NOTHING_OPEN: 1} == watch.tick().reasons
    run(instance, fixed)
    assert {Reason.RESOLVED: 1} == watch.tick().reasons


def test_a_green_run_does_not_resolve_the_check_that_failed_in_it(watch: Watch) -> None:
    run(watch.round.instance, orders, orders_check(passed=False))
    assert {Reason.OPENED: 1, Reason.NOTHING_OPEN: 1} == watch.tick().reasons


def test_the_first_tick_pages_no_history(watch: Watch) -> None:
    instance = watch.round.instance
    run(instance, orders, orders_check(passed=False, blocking=True))
    run(instance, failing("rates", ExchangeRateMissing("EUR")))
    watch.cursor = None
    assert 0 == watch.tick().reasons.total()
    assert 0 == watch.tick().reasons.total()
    report(instance, "orders", "complete")
    assert 1 == watch.tick().reasons[Reason.OPENED]


def test_an_evaluation_without_a_run_is_paged(watch: Watch) -> None:
    report(
        watch.round.instance, "orders", "fresh", description="Nothing came since Monday.", partition="2026-01-02"
    )
    watch.tick()
    (page,) = watch.post.pages
    assert ("Nothing came since Monday.", "2026-01-02") == (page.finding, page.partition)
    assert ["Check"] == [link.title for link in page.links]


def test_an_asset_nobody_knows_still_pages_the_engineer_on_call(watch: Watch) -> None:
    report(watch.round.instance, "warehouse/unheard of\x00", "odd:name", metadata={"oncall/step": "x" * 9})
    watch.tick()
    (page,) = watch.post.pages
    assert "odd:name failed on warehouse/unheard of " == page.title
    assert ("ann", "major", None, ()) == (page.to.key, page.severity, page.pipeline, page.affected)


def test_a_check_can_name_the_pipeline_of_an_asset_that_is_gone(watch: Watch) -> None:
    report(watch.round.instance, "gone", "complete", metadata={"oncall/pipeline": "profit"})
    watch.tick()
    (page,) = watch.post.pages
    assert ("critical", ("Ben Baker", "Ann Archer")) == (page.severity, page.owners)


def test_names_of_any_length_fit_the_ledger(watch: Watch) -> None:
    report(watch.round.instance, "a" * 5000, "b" * 5000, partition="c" * 5000)
    watch.tick()
    assert 1 == len(watch.post.pages)
    assert 200 == len(watch.post.pages[0].title)


def test_a_run_over_a_range_of_days_is_one_incident_of_the_range(watch: Watch) -> None:
    fails = failing("rates", ExchangeRateMissing("EUR"), backfill_policy=dg.BackfillPolicy.single_run())
    first, last = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
    tags = {first: "2026-01-02", last: "2026-01-04"}
    dg.materialize([fails], instance=watch.round.instance, tags=tags, raise_on_error=False)
    watch.tick()
    assert ["2026-01-02…2026-01-04"] == [page.partition for page in watch.post.pages]


def test_a_page_that_cannot_be_sent_arrives_at_the_next_tick_and_once(watch: Watch) -> None:
    watch.post.trouble = down()
    run(watch.round.instance, orders, orders_check(passed=False))
    tick = watch.tick()
    assert (0, 1) == (tick.delivered.sent, tick.delivered.waiting)
    assert ("post to ann, incident 1: down; post rests until 02:00:05 UTC",) == tick.troubles
    watch.post.trouble = None
    assert 1 == watch.tick(after=timedelta(seconds=6)).delivered.sent
    assert 0 == watch.tick().delivered.sent
    assert 1 == len(watch.post.pages)


def test_a_tick_says_in_a_line_what_it_did(watch: Watch) -> None:
    run(watch.round.instance, orders, orders_check(passed=False), dashboard)
    assert "1 opened, 1 nothing is open for it; 1 messages sent, 0 waiting" == str(watch.tick())
    assert "nothing new; open: 1 all who are due were told; 0 messages sent, 0 waiting" == str(watch.tick())


def test_a_broken_cursor_is_refused_and_nothing_is_passed_over(watch: Watch) -> None:
    report(watch.round.instance, "orders", "complete")
    good, watch.cursor = watch.cursor, "{"
    with pytest.raises(CursorError, match=r"'{' is not the pager's cursor; expected"):
        watch.tick()
    watch.cursor = good
    assert 1 == watch.tick().delivered.sent
