"""A week and a month that may go out, each to be broken by a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets_tests.reports.gate.gated import MONTH, WEEK, Gated, gated


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def week(instance: dg.DagsterInstance, tmp_path: Path) -> Iterator[Gated]:
    with gated(instance, tmp_path, WEEK) as made:
        made.compute_all()
        yield made


@pytest.fixture
def month(instance: dg.DagsterInstance, tmp_path: Path) -> Iterator[Gated]:
    with gated(instance, tmp_path, MONTH) as made:
        made.compute_all()
        yield made
