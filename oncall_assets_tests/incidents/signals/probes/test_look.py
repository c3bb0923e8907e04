"""All probes together: none stops another, whatever happens to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from dagster._core.scheduler.instigation import TickStatus
from sqlalchemy import make_url

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.signals import probes
from oncall_assets.incidents.signals.kinds import TroubleKind
from oncall_assets.incidents.signals.probes import look
from oncall_assets_tests.incidents.conftest import new_database
from oncall_assets_tests.incidents.signals.probes.book import handbook
from oncall_assets_tests.incidents.signals.probes.test_automation import schedule, ticked

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)

KINDS = frozenset[TroubleKind](get_args(TroubleKind))
PROMISES = {
    "deadlines": '[{asset: profit, by: "06:00"}]',
    "sources": '{revenue_records: {kind: sample, arrives_by: "04:30"}}\nsample: {accounts: 5, seed: 1}',
}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "state"))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as made:
        yield made


@pytest.fixture
def book(tmp_path: Path) -> Handbook:
    return handbook(tmp_path / "handbook", **PROMISES)


@pytest.fixture
def graph() -> AssetGraph:
    days = dg.DailyPartitionsDefinition(start_date="2026-01-01")
    specs = [dg.AssetSpec(name, partitions_def=days) for name in ("profit", "revenue_records")]
    return dg.Definitions(assets=specs).resolve_asset_graph()


@pytest.fixture(params=["sqlite", "postgresql"])
def persistent(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """On disk, and on a PostgreSQL server: what the probes ask for is not all public."""
    if request.param == "sqlite":
        yield request.getfixturevalue("on_disk")
        return
    url = make_url(new_database(request.getfixturevalue("postgres_url"))).set(drivername="postgresql+psycopg2")
    shown = url.render_as_string(hide_password=False)
    settings = {"telemetry": {"enabled": False}, "storage": {"postgres": {"postgres_url": shown}}}
    (tmp_path / "dagster.yaml").write_text(json.dumps(settings))
    with dg.DagsterInstance.from_config(str(tmp_path)) as made:
        yield made


def test_on_a_quiet_instance_there_is_nothing_to_see(
    on_disk: dg.DagsterInstance, book: Handbook, graph: AssetGraph, ledger: Ledger
) -> None:
    assert ([], frozenset(), []) == look(on_disk, book, graph, ledger, NOW, NOW)


def test_what_each_probe_finds_is_told(
    persistent: dg.DagsterInstance, graph: AssetGraph, ledger: Ledger, tmp_path: Path
) -> None:
    @dg.asset
    def orders() -> None: ...

    run = persistent.create_run_for_job(dg.Definitions(assets=[orders]).resolve_implicit_global_asset_job_def())
    ticked(persistent, schedule(persistent), TickStatus.FAILURE, 1)
    book = handbook(tmp_path / "handbook", team="watch: {storage_at_least: 900 TiB}", **PROMISES)
    found = look(persistent, book, graph, ledger, datetime.now(UTC) + timedelta(hours=1), SINCE)
    kinds = {trouble.kind for trouble in found.troubles}
    assert {"asset late", "source silent", "storage short", "run stuck", "automation failing"} == kinds
    assert run.run_id in {trouble.run_id for trouble in found.troubles}
    assert (frozenset(), []) == (found.blind, found.problems)


@pytest.mark.parametrize("password", ["hunter2", "hunter/2", "hunt@er2"])
def test_a_probe_that_fails_makes_its_kind_blind_and_stops_no_other(
    on_disk: dg.DagsterInstance,
    book: Handbook,
    graph: AssetGraph,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    password: str,
) -> None:
    def fails(*_: object) -> None:
        raise OSError(f"no route to\npostgresql://pager:{password}@db.example/dagster")

    monkeypatch.setattr(probes, "stuck_runs", fails)
    found = look(on_disk, book, graph, ledger, NOW, SINCE)
    assert {"asset late", "source silent"} == {trouble.kind for trouble in found.troubles}
    assert {"run stuck"} == found.blind
    assert [
        "could not look for 'run stuck': OSError: no route to postgresql://db.example/dagster"
    ] == found.problems


def test_when_nothing_can_be_looked_at_every_kind_is_blind(
    book: Handbook, graph: AssetGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        """Whatever is asked of it, it is not there."""

        def __getattr__(self, name: str) -> object:
            raise ConnectionError("gone")

    monkeypatch.setattr("shutil.disk_usage", Gone().__getattr__)
    found = look(Gone(), book, graph, Gone(), NOW, SINCE)  # type: ignore[arg-type] # neither answers
    assert [] == found.troubles
    assert KINDS == found.blind
    assert 9 == len(found.problems)


def test_what_is_open_in_the_ledger_is_looked_for_by_kind(
    on_disk: dg.DagsterInstance, book: Handbook, graph: AssetGraph, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = [
        # A source comes before what is made of it.
        ("source silent", ("silent revenue_records", "2026-01-02")),
        ("asset late", ("late profit", "2026-01-01")),
    ]
    monkeypatch.setattr(ledger, "open_troubles", lambda: opened)
    found = look(on_disk, book, graph, ledger, NOW + timedelta(days=60), NOW + timedelta(days=60))
    assert opened == [(one.kind, (one.target, one.partition)) for one in found.troubles]
