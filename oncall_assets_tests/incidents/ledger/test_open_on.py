"""What is open on an asset, for the gate of what is told from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.ledger.open_on import OpenOn, open_on
from oncall_assets_tests.incidents.ledger.entries import DAY, failed, passed, write

TITLE = "complete failed on orders"


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as made:
        yield made


def test_an_open_incident_tells_on_which_of_the_assets_and_for_which_days(ledger: Ledger) -> None:
    write(ledger, failed(1), failed(2, partition="2026-01-06"), failed(3, "rates", partition=None))
    assert [
        OpenOn(1, "critical", TITLE, ("orders",), (DAY, "2026-01-06")),
        OpenOn(2, "critical", TITLE, ("rates",), (None,)),
    ] == open_on(ledger, ["rates", "orders", "profit"])
    assert [1] == [one.number for one in open_on(ledger, {"orders"})]
    assert [] == open_on(ledger, ["profit"])
    assert [] == open_on(ledger, [])


def test_what_was_mended_is_open_no_more_although_what_it_caused_is(ledger: Ledger) -> None:
    def upstream(asset: str) -> frozenset[str]:
        return frozenset({"orders"} if asset == "profit" else ())

    write(ledger, failed(1), failed(2, "profit"), upstream=upstream)
    assert [("orders", "profit")] == [one.assets for one in open_on(ledger, ["profit", "orders"])]
    write(ledger, passed(3))
    assert [] == open_on(ledger, ["orders"])
    assert [("profit",)] == [one.assets for one in open_on(ledger, ["profit", "orders"])]
    write(ledger, passed(4, "profit"))
    assert [] == open_on(ledger, ["orders", "profit"])
