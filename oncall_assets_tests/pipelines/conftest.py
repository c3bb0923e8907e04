"""A warehouse and handbooks to run the pipelines on, each in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_assets.pipelines.warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    made = Warehouse(root=str(tmp_path / "warehouse"))
    yield made
    made.engine.disconnect()
