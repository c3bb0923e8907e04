"""The eves of the bad nights, shared by all processes of a test session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from oncall_assets_tests.faults.eves import Eve, Eves, copy
from oncall_assets_tests.faults.world import World, opened


@pytest.fixture(scope="session")
def eves(tmp_path_factory: pytest.TempPathFactory) -> Eves:
    own = tmp_path_factory.getbasetemp()
    # The processes of pytest-xdist have a folder each, in one that is the session's.
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "eves"
    folder.mkdir(exist_ok=True)
    return Eves(folder)


@pytest.fixture
def world_of(eves: Eves, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Eve], World]]:
    """Gives the test a world of its own, on an eve."""
    with ExitStack() as stack:

        def made(eve: Eve) -> World:
            copy(eves.of(eve), tmp_path / "home")
            monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "home"))
            monkeypatch.delenv("ONCALL_DATABASE_URL", raising=False)
            return stack.enter_context(opened(tmp_path / "home", eve))

        yield made
