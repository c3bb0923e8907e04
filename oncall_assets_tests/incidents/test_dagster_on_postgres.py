"""The pager where Dagster keeps its own records in PostgreSQL, as a team's server does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import make_url

from oncall_assets.incidents.policy.decide import Reason
from oncall_assets_tests.incidents.company import failing, orders, orders_check, profit, run
from oncall_assets_tests.incidents.conftest import Watch, new_database, opened

_STORAGE = """
telemetry: {{enabled: false}}
storage: {{postgres: {{postgres_url: "{url}"}}}}
"""


@pytest.fixture
def on_postgres(tmp_path: Path, postgres_url: str) -> Iterator[Watch]:
    """Dagster and the ledger in one database of a real server."""
    url = new_database(postgres_url)
    driver = make_url(url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text(_STORAGE.format(url=driver))
    with dg.DagsterInstance.from_config(str(home)) as instance, opened(instance, url, tmp_path) as made:
        made.tick()
        yield made


def test_a_failed_check_is_told_once_and_its_pass_resolves_it(on_postgres: Watch) -> None:
    instance = on_postgres.round.instance
    run(instance, orders, orders_check(passed=False, blocking=True), profit)
    assert {Reason.OPENED: 1, Reason.CAUSED: 1} == on_postgres.tick().reasons
    assert ["complete failed on orders"] == [page.title for page in on_postgres.post.pages]
    run(instance, orders, orders_check(passed=True))
    assert 1 == on_postgres.tick().reasons[Reason.RESOLVED]
    assert ["resolved"] == [update.what for update in on_postgres.post.updates]


def test_a_failed_run_is_told_with_its_error(on_postgres: Watch) -> None:
    run(on_postgres.round.instance, failing("rates", ValueError("no rate for EUR")))
    on_postgres.tick()
    assert ["ValueError: no rate for EUR"] == [page.finding.strip() for page in on_postgres.post.pages]
