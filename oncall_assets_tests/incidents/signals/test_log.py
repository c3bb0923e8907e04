"""The contract with Dagster's event log, on disk and in memory: what is read, in which order, and how far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import dagster as dg
import pytest

from oncall_assets.incidents.signals import log as signals_module
from oncall_assets.incidents.signals.kinds import CheckFailed, CheckPassed, RunFailed, RunSucceeded, Signal
from oncall_assets.incidents.signals.log import Cursor, CursorError, read, start
from oncall_assets_tests.incidents.company import DAY, failing, orders, orders_check, profit, report, run

NOW = datetime(2026, 1, 7, 2, 0, tzinfo=UTC)
BEGINNING = Cursor(0, 0, datetime(1970, 1, 1, tzinfo=UTC), NOW)


@pytest.fixture(params=["instance", "on_disk"])
def either(request: pytest.FixtureRequest) -> dg.DagsterInstance:
    made: dg.DagsterInstance = request.getfixturevalue(request.param)
    return made


def _read(
    instance: dg.DagsterInstance, cursor: Cursor = BEGINNING, limit: int = 200
) -> tuple[list[Signal], Cursor]:
    return read(instance, cursor, limit, set)


def _drained(instance: dg.DagsterInstance, cursor: Cursor, limit: int) -> Iterator[list[Signal]]:
    """Batches until the log is read, with the memory of what came before that a ledger has."""
    known: set[str] = set()

    def unknown(ids: Iterable[str]) -> set[str]:
        return set(ids) - known

    while True:
        batch, cursor = read(instance, cursor, limit, unknown)
        if not batch:
            return
        known.update(signal.id for signal in batch)
        yield batch


def test_every_kind_is_read_in_the_order_of_events(either: dg.DagsterInstance) -> None:
    run(either, orders, orders_check(passed=False, blocking=True), profit)
    run(either, orders, orders_check(passed=True))
    report(either, "feed", "fresh", partition="eu", metadata={"oncall/observed": 3})
    signals, _ = _read(either)
    failed, run_failed, passed, run_succeeded, reported = signals
    assert isinstance(failed, CheckFailed)
    assert ("orders", "complete", "error", DAY) == (failed.asset, failed.check, failed.severity, failed.partition)
    assert isinstance(run_failed, RunFailed)
    assert ("__ephemeral_asset_job__", DAY, ("profit",)) == (
        run_failed.job,
        run_failed.partition,
        run_failed.skipped,
    )
    assert ((failed.id,),) == tuple(step.caused_by for step in run_failed.steps)
    assert isinstance(passed, CheckPassed)
    assert isinstance(run_succeeded, RunSucceeded)
    assert {"orders", "orders:complete", "job:__ephemeral_asset_job__"} == run_succeeded.covers
    assert isinstance(reported, CheckFailed)
    assert ("", "eu", "3") == (reported.run_id, reported.partition, reported.evidence.observed)
    assert sorted(signal.at for signal in signals) == [signal.at for signal in signals]


def test_reading_again_gives_the_same_signals(either: dg.DagsterInstance) -> None:
    run(either, orders, orders_check(passed=False, blocking=True))
    assert _read(either) == _read(either)


def test_what_is_known_is_not_read_again(either: dg.DagsterInstance) -> None:
    report(either, "feed", "fresh")
    (first,), cursor = _read(either)
    report(either, "feed", "fresh")
    again, _ = read(either, cursor, 200, lambda ids: set(ids) - {first.id})
    assert 1 == len(again)
    assert first.id != again[0].id


def test_a_cursor_at_the_start_is_behind_all_history(either: dg.DagsterInstance) -> None:
    report(either, "feed", "fresh")
    begun = start(either, NOW)
    assert [] == _read(either, begun)[0]
    report(either, "feed", "complete")
    assert ["complete"] == [signal.check for signal in _read(either, begun)[0] if isinstance(signal, CheckFailed)]


def test_a_backlog_of_500_is_drained_200_at_a_time(instance: dg.DagsterInstance) -> None:
    for number in range(500):
        report(instance, f"feed_{number % 7}", "fresh")
    batches = list(_drained(instance, BEGINNING, 200))
    assert [200, 200, 100] == [len(batch) for batch in batches]
    assert 500 == len({signal.id for batch in batches for signal in batch})


def test_a_full_kind_makes_the_others_wait_for_it(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The overlap would read on past what a small backlog leaves behind.
    monkeypatch.setattr(signals_module, "_OVERLAP", 0)
    for _ in range(5):
        report(instance, "feed", "fresh")
    run(instance, failing("rates", ValueError("EUR")))
    report(instance, "feed", "fresh")
    batches = list(_drained(instance, BEGINNING, 2))
    kinds = [type(signal) for batch in batches for signal in batch]
    assert [CheckFailed] * 5 + [RunFailed] + [CheckFailed] == kinds


def test_ids_used_again_after_a_run_was_deleted_are_read(either: dg.DagsterInstance) -> None:
    report(either, "feed", "fresh")
    deleted = run(either, orders, orders_check(passed=False))
    begun = start(either, NOW)
    either.delete_run(deleted.run_id)
    run(either, orders, orders_check(passed=False))
    assert {CheckFailed, RunSucceeded} == {type(signal) for signal in _read(either, begun)[0]}


def test_a_log_that_began_anew_is_read_from_its_beginning(instance: dg.DagsterInstance) -> None:
    report(instance, "feed", "fresh")
    elsewhere = Cursor(70_000, 60_000, datetime(2020, 1, 1, tzinfo=UTC), NOW)
    signals, cursor = _read(instance, elsewhere)
    assert 1 == len(signals)
    assert cursor.after < 70_000


def test_a_failure_of_a_deleted_run_is_read_from_what_is_left(instance: dg.DagsterInstance) -> None:
    failed = run(instance, failing("rates", ValueError("EUR")))
    instance.run_storage.delete_run(failed.run_id)
    (signal,), _ = _read(instance)
    assert isinstance(signal, RunFailed)
    assert ("__ephemeral_asset_job__", None) == (signal.job, signal.partition)


def test_the_innermost_error_is_the_one_that_is_told(instance: dg.DagsterInstance) -> None:
    error = ValueError("no rate " + "x" * 2000)
    error.__cause__ = KeyError("EUR")
    run(instance, failing("rates", error))
    (signal,), _ = _read(instance)
    assert isinstance(signal, RunFailed)
    (step,) = signal.steps
    assert "KeyError: 'EUR'" == step.error


def test_runs_of_a_long_batch_are_loaded_a_few_at_a_time(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals_module, "_RUNS_AT_ONCE", 2)
    for _ in range(5):
        run(instance, orders)
    assert [DAY] * 5 == [signal.partition for signal in _read(instance)[0]]


def test_a_cursor_survives_being_kept_as_text() -> None:
    cursor = Cursor(12, 10, datetime(2026, 1, 7, 2, tzinfo=UTC), datetime(2026, 1, 8, 2, tzinfo=UTC))
    history = '"history": {"id": 10, "at": "2026-01-07T02:00:00+00:00"}'
    assert f'{{"after": 12, {history}, "since": "2026-01-08T02:00:00+00:00"}}' == str(cursor)
    assert cursor == Cursor.parse(str(cursor))


def test_a_cursor_of_before_deadlines_were_watched_watches_them_from_where_history_ends() -> None:
    old = Cursor.parse('{"after": 12, "history": {"id": 10, "at": "2026-01-07T02:00:00+00:00"}}')
    assert datetime(2026, 1, 7, 2, tzinfo=UTC) == old.since


def test_reading_on_keeps_when_the_pager_began_to_watch(instance: dg.DagsterInstance) -> None:
    begun = start(instance, NOW)
    report(instance, "feed", "fresh")
    assert NOW == _read(instance, begun)[1].since


@pytest.mark.parametrize(
    "text",
    ["{", "17", "null", "[]", '{"after": 1}', '{"after": 1, "history": {"id": 0, "at": "2026-01-01"}}',
     '{"after": true, "history": {"id": 0, "at": "2026-01-01T00:00:00+00:00"}}',
     '{"after": "1", "history": {"id": 0, "at": "2026-01-01T00:00:00+00:00"}}',
     '{"after": 1, "history": {"id": 0, "at": "2026-01-01T00:00:00+00:00"}, "since": "2026-01-01T00:00:00"}',
     '{"after": 1, "history": {"id": 0, "at": "2026-01-01T00:00:00+00:00"}, "since": null}'],
)  # fmt: skip
def test_a_cursor_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(CursorError, match="reset the sensor's cursor to start from now"):
        Cursor.parse(text)
