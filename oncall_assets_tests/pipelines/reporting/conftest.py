"""Two reporting databases, each empty for its test: a file, and a database of the session's PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from oncall_assets_tests.pipelines.reporting.tables import ask


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'made' / 'reporting.sqlite'}"


@pytest.fixture
def server_url(postgres_url: str) -> Iterator[str]:
    """A database of its own; roles are the server's, so tests name theirs by `role`."""
    name = f"reports_{uuid4().hex[:12]}"
    ask(postgres_url, f"CREATE DATABASE {name}", autocommit=True)
    yield postgres_url.replace("/postgres?", f"/{name}?")
    ask(postgres_url, f"DROP DATABASE {name} WITH (FORCE)", autocommit=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Each of the two in turn."""
    name = "file_url" if request.param == "sqlite" else "server_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def role(server_url: str) -> Iterator[str]:
    """A role that may log in and nothing else."""
    name = f"reader_{uuid4().hex[:12]}"
    ask(server_url, f"CREATE ROLE {name} LOGIN")
    yield name
    ask(server_url, f"DROP OWNED BY {name}")
    ask(server_url, f"DROP ROLE {name}")
