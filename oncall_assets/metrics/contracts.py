"""What every table promises, so that a wrong column is refused at the door and not met in a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from oncall_assets.metrics.computed import COMPUTED_CONTRACTS
from oncall_assets.metrics.contract import Column, Contract, Kind
from oncall_assets.metrics.landed import LANDED_CONTRACTS

__all__ = ["COMPUTED", "CONTRACTS", "LANDED", "Column", "Contract", "Kind"]


def _by_name(contracts: Iterable[Contract]) -> dict[str, Contract]:
    return {contract.name: contract for contract in contracts}


LANDED: Final[dict[str, Contract]] = _by_name(LANDED_CONTRACTS)
COMPUTED: Final[dict[str, Contract]] = _by_name(COMPUTED_CONTRACTS)
CONTRACTS: Final[dict[str, Contract]] = LANDED | COMPUTED
