"""What a silence keeps quiet, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall_assets.incidents.policy.silences import Silence, silenced
from oncall_assets_tests.rota.teams import utc

NOON = utc("2026-02-10T12:00")
HOUR = timedelta(hours=1)
BARE = Silence(1, "ann", "the source moves", NOON, NOON + HOUR)
ORDERS = replace(BARE, asset="orders")


def _holds(
    silence: Silence,
    assets: tuple[str, ...] = ("orders",),
    pipeline: str | None = "sales",
    targets: tuple[str, ...] = ("orders:complete",),
) -> bool:
    return silenced([silence], assets, pipeline, targets, NOON) is silence


@pytest.mark.parametrize(("after", "expected"), [(-1, False), (0, True), (3599, True), (3600, False)])
def test_a_silence_holds_from_its_start_to_just_before_its_end(after: int, expected: bool) -> None:
    now = NOON + timedelta(seconds=after)
    assert expected == (silenced([ORDERS], ["orders"], None, ["orders"], now) is not None)


def test_a_silence_of_an_asset_covers_incidents_of_that_asset_alone() -> None:
    assert _holds(ORDERS)
    assert not _holds(ORDERS, assets=("orders", "rates"))
    assert not _holds(ORDERS, assets=("rates",))
    assert not _holds(ORDERS, assets=())


def test_a_silence_of_a_pipeline_covers_its_incidents() -> None:
    sales = replace(BARE, pipeline="sales")
    assert _holds(sales, assets=())
    assert not _holds(sales, pipeline="growth")
    assert not _holds(sales, pipeline=None)


def test_a_silence_of_a_check_covers_incidents_in_which_nothing_else_fails() -> None:
    complete = replace(BARE, check="complete")
    assert _holds(complete)
    assert _holds(complete, targets=("orders:complete", "rates:complete"))
    assert not _holds(complete, targets=("orders:complete", "orders:unique"))
    assert not _holds(complete, targets=("orders:incomplete",))
    assert not _holds(complete, targets=("complete",))
    assert not _holds(complete, targets=("job:complete",))
    assert not _holds(complete, targets=())


def test_a_check_may_be_named_with_its_asset() -> None:
    for silence in (replace(BARE, check="orders:complete"), replace(ORDERS, check="complete")):
        assert _holds(silence)
        assert not _holds(silence, assets=("rates",), targets=("rates:complete",))


def test_all_that_a_silence_names_must_fit() -> None:
    both = replace(ORDERS, pipeline="sales")
    assert _holds(both)
    assert not _holds(both, pipeline="growth")
    assert not _holds(both, assets=("rates",))
    assert not _holds(replace(both, check="unique"))


def test_a_silence_that_names_nothing_covers_nothing() -> None:
    assert not _holds(BARE)


def test_of_several_silences_the_one_that_ends_last_is_given() -> None:
    longer = replace(ORDERS, id=2, ends=NOON + 3 * HOUR)
    over = replace(ORDERS, id=3, starts=NOON - 9 * HOUR, ends=NOON)
    assert longer == silenced([over, longer, ORDERS], ["orders"], None, ["orders"], NOON)


def test_nothing_is_silenced_without_a_silence() -> None:
    assert silenced([], ["orders"], "sales", ["orders"], NOON) is None
