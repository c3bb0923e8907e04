"""A step is done once, by whoever came first, and not at all where that makes no sense."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import dagster as dg
import pytest

from oncall_assets.incidents.actions.backfill import Site
from oncall_assets.incidents.actions.chosen import Asked
from oncall_assets.incidents.asked import Refused
from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets_tests.incidents.actions.scene import (
    BACKFILL,
    NOTIFY,
    SECONDARY,
    book,
    by,
    doer,
    incident,
    story,
)
from oncall_assets_tests.incidents.conftest import Watch

ALL = (SECONDARY, BACKFILL, NOTIFY)


@pytest.fixture
def watch(on_disk: dg.DagsterInstance, ledger_url: str, tmp_path: Path) -> Iterator[Watch]:
    with incident(on_disk, ledger_url, tmp_path) as made:
        yield made


@pytest.mark.parametrize("step", ALL)
def test_of_many_who_ask_at_once_one_does_it(watch: Watch, step: int) -> None:
    barrier = Barrier(4, timeout=60)

    def ask(_: int) -> str:
        barrier.wait()
        try:
            return doer(watch).do(by("ann", step), watch.now)[0][:2]
        except Refused:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        assert Counter({"#1": 1, "refused": 3}) == Counter(pool.map(ask, range(4)))
    assert 1 == len(story(watch, step))
    assert (1 if step == BACKFILL else 0) == len(watch.round.instance.get_backfills())


@pytest.mark.parametrize("step", ALL)
def test_nothing_is_done_for_an_incident_that_is_over_or_never_was(watch: Watch, step: int) -> None:
    def never() -> Site:
        raise AssertionError("the definitions were loaded for nothing")

    with pytest.raises(LedgerError, match="there is no incident 7; `oncall incidents` lists"):
        doer(watch, never).would(Asked(7, step, "ann"), watch.now)
    watch.round.ledger.resolve(1, "ben", "landed again", watch.now)
    for act in (doer(watch, never).would, doer(watch, never).do):
        with pytest.raises(LedgerError, match="incident 1 was resolved by ben at 2026-01-07 02:00 UTC: landed"):
            act(by("ann", step), watch.now)
    assert [] == story(watch, step)


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (1, "step 1 has no action, it is done by hand; of profit these have: 2, 3, 4, 5"),
        (6, "6 is no step of profit; its procedure has 5"),
        (0, "0 is no step of profit"),
        (-1, "-1 is no step of profit"),
    ],
)
def test_a_step_without_an_action_is_refused(watch: Watch, step: int, why: str) -> None:
    with pytest.raises(Refused, match=why):
        doer(watch).would(by("ann", step), watch.now)


def test_a_runbook_without_actions_says_so(watch: Watch, tmp_path: Path) -> None:
    watch.under(book(tmp_path / "plain", front="severity: critical"))
    with pytest.raises(Refused, match="step 2 has no action, it is done by hand; none of profit has"):
        doer(watch).would(by("ann", 2), watch.now)


def test_an_incident_without_a_runbook_has_no_steps(watch: Watch) -> None:
    watch.report("orders")
    watch.tick()
    with pytest.raises(Refused, match="incident 2 has no runbook"):
        doer(watch).would(Asked(2, 1, "ann"), watch.now)


def test_a_runbook_that_is_gone_is_named(watch: Watch) -> None:
    desk = watch.round.desk
    del desk.handbook.runbooks["profit"]
    with pytest.raises(Refused, match="the runbook of incident 1, profit, is in the handbook no more"):
        doer(watch).would(by("ann", 2), watch.now)


def test_asking_what_would_be_done_changes_nothing(watch: Watch) -> None:
    before = watch.round.ledger.story(1)
    for step in ALL:
        doer(watch).would(by("ann", step), watch.now)
    assert before == watch.round.ledger.story(1)
    assert [] == list(watch.round.instance.get_backfills())
