"""What a run left undone: steps that failed, assets they kept from being computed, checks nobody judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest

from oncall_assets.incidents.signals.kinds import CheckNotRun, RunFailed, RunSucceeded, Signal
from oncall_assets.incidents.signals.log import Cursor, read
from oncall_assets_tests.incidents.company import DAY, DAYS, failing, orders, orders_check, profit, run

BEGINNING = Cursor(0, 0, datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 1, 7, tzinfo=UTC))


@pytest.fixture(params=["instance", "on_disk"])
def either(request: pytest.FixtureRequest) -> dg.DagsterInstance:
    made: dg.DagsterInstance = request.getfixturevalue(request.param)
    return made


def _read(instance: dg.DagsterInstance) -> list[Signal]:
    return read(instance, BEGINNING, 200, set)[0]


def raising(name: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=orders, name=name)
    def raises() -> dg.AssetCheckResult:
        raise ValueError("no table")

    return raises


@dg.multi_asset(
    specs=[dg.AssetSpec(name, skippable=name == "refunds", partitions_def=DAYS) for name in ("sales", "refunds")]
)
def half() -> Iterator[dg.MaterializeResult[Any]]:
    yield dg.MaterializeResult("sales")


def left_out(asset: str, beside: str) -> dg.AssetChecksDefinition:
    """A check that waits for `beside`, too, and so is not run where that was not computed."""

    @dg.asset_check(asset=asset, name="agrees", additional_deps=[beside])
    def agrees() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    return agrees


def died(
    instance: dg.DagsterInstance, *parts: dg.AssetsDefinition | dg.AssetChecksDefinition, tags: dict[str, str]
) -> None:
    """A run whose process died before its first step."""
    job = dg.Definitions(assets=parts).resolve_implicit_global_asset_job_def()
    instance.report_run_failed(instance.create_run_for_job(job, tags=tags), "The process died.")


def test_a_check_skipped_in_a_run_that_failed_is_told_with_the_run(either: dg.DagsterInstance) -> None:
    rates = failing("rates", ValueError("EUR"))

    @dg.asset_check(asset=rates)
    def plausible() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    run(either, rates, plausible)
    (signal,) = _read(either)
    assert isinstance(signal, RunFailed)
    assert (("rates:plausible",), (("rates",),)) == (signal.unjudged, tuple(step.targets for step in signal.steps))


def test_a_check_that_raised_is_a_failed_step_and_nothing_else(instance: dg.DagsterInstance) -> None:
    run(instance, orders, raising("fresh"), orders_check(passed=True))
    failed = [signal for signal in _read(instance) if isinstance(signal, RunFailed)]
    assert [(("orders:fresh",),)] == [tuple(step.targets for step in signal.steps) for signal in failed]
    assert [()] == [signal.unjudged for signal in failed]


def test_a_run_that_died_leaves_all_its_checks_unjudged(instance: dg.DagsterInstance) -> None:
    died(instance, orders, profit, orders_check(passed=True), tags={"dagster/partition": DAY})
    (signal,) = _read(instance)
    assert isinstance(signal, RunFailed)
    assert [("orders", "profit")] == [step.targets for step in signal.steps]
    assert ("orders:complete",) == signal.unjudged


def test_a_check_that_a_successful_run_left_out_is_a_signal_behind_it(either: dg.DagsterInstance) -> None:
    done = run(either, half, left_out("sales", "refunds"))
    assert done.success
    succeeded, left = _read(either)
    assert isinstance(succeeded, RunSucceeded)
    assert isinstance(left, CheckNotRun)
    assert ("sales", "agrees", DAY, succeeded.run_id) == (left.asset, left.check, left.partition, left.run_id)
    assert (f"unjudged/{done.run_id}/sales:agrees", succeeded.at) == (left.id, left.at)


def test_a_check_of_an_asset_that_was_not_computed_is_no_signal(instance: dg.DagsterInstance) -> None:
    run(instance, half, left_out("sales", "refunds"), left_out("refunds", "sales"))
    assert ["sales"] == [signal.asset for signal in _read(instance) if isinstance(signal, CheckNotRun)]


def test_what_a_known_run_left_out_is_known_with_it(instance: dg.DagsterInstance) -> None:
    run(instance, half, left_out("sales", "refunds"))
    succeeded, _ = _read(instance)
    asked: list[str] = []

    def unknown(ids: Iterable[str]) -> set[str]:
        asked.extend(ids)
        return set()

    assert [] == read(instance, BEGINNING, 200, unknown)[0]
    assert [succeeded.id] == asked


def test_a_run_over_several_days_has_them_all_for_its_partition(instance: dg.DagsterInstance) -> None:
    tags = {"dagster/asset_partition_range_start": "2026-01-02", "dagster/asset_partition_range_end": "2026-01-04"}
    died(instance, orders, tags=tags)
    assert ["2026-01-02…2026-01-04"] == [signal.partition for signal in _read(instance)]
