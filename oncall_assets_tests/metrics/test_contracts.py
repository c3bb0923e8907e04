from __future__ import annotations

import ibis
import pytest
from ibis.common.exceptions import IbisTypeError

from oncall_assets.metrics.contracts import COMPUTED, CONTRACTS, LANDED
from oncall_assets_tests.metrics.tables import table


def test_every_landed_table_lands_by_one_of_its_columns() -> None:
    assert [] == [name for name, contract in LANDED.items() if contract.lands_by not in contract.names]


def test_every_table_has_its_own_name_and_columns() -> None:
    assert len(LANDED) + len(COMPUTED) == len(CONTRACTS)
    for contract in CONTRACTS.values():
        assert len(contract.names) == len(set(contract.names))


def test_a_table_is_shaped_to_its_contract() -> None:
    raw = table("feedback", []).mutate(score=ibis.literal("3"), extra=1).order_by("feedback_id")
    assert LANDED["feedback"].schema == LANDED["feedback"].shape(raw).schema()


def test_a_missing_column_is_refused() -> None:
    with pytest.raises(IbisTypeError, match="score"):
        LANDED["feedback"].shape(table("feedback", []).drop("score"))
