"""The eves of the bad nights, shared by all processes of a test session."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import pytest

from oncall_assets_tests.faults.eves import Eve, Eves, copy
from oncall_assets_tests.faults.world import World, opened
from oncall_assets_tests.pipelines.reporting.tables import ask

# What a developer's own environment may hold, and no test may reach.
_ELSEWHERE = ("ONCALL_DATABASE_URL", "REPORTING_DATABASE_URL", "ONCALL_SMTP_USER", "ONCALL_SMTP_PASSWORD")


@pytest.fixture(scope="session")
def eves(tmp_path_factory: pytest.TempPathFactory) -> Eves:
    own = tmp_path_factory.getbasetemp()
    # The processes of pytest-xdist have a folder each, in one that is the session's.
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "eves"
    folder.mkdir(exist_ok=True)
    return Eves(folder)


@pytest.fixture
def world_of(
    eves: Eves,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[[Eve], World]]:
    """Gives the test a world of its own, on an eve; all at one place, where a handbook is known again."""
    home = tmp_path_factory.getbasetemp() / "world"
    with ExitStack() as stack:

        def server() -> str:
            return stack.enter_context(database_on(request.getfixturevalue("postgres_url")))

        def made(eve: Eve) -> World:
            copy(eves.of(eve), home)
            monkeypatch.setenv("ONCALL_HOME", str(home))
            for variable in _ELSEWHERE:
                monkeypatch.delenv(variable, raising=False)
            return stack.enter_context(opened(home, eve, server))

        yield made
    shutil.rmtree(home)


@contextmanager
def database_on(url: str) -> Iterator[str]:
    """A database of one's own on a server, gone in the end."""
    name = f"reports_{uuid4().hex[:12]}"
    ask(url, f"CREATE DATABASE {name}", autocommit=True)
    yield url.replace("/postgres?", f"/{name}?")
    ask(url, f"DROP DATABASE {name} WITH (FORCE)", autocommit=True)
