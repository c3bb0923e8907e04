"""The whole way on a real Dagster: an incident, its page with the link, a step done, and the backfill run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from oncall_assets.handbook import labels
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets_tests.dagster_dev import Dev
from oncall_assets_tests.incidents.actions.scene import BACKFILL, book
from oncall_assets_tests.incidents.company import DAY
from oncall_assets_tests.smtp_server import SmtpServer, smtp_server

_WORKSPACE = """
load_from:
  - python_module: {module_name: oncall_assets_tests.incidents.actions.location, location_name: oncall_assets}
"""
_LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
_JOB = {
    "repositoryLocationName": "oncall_assets",
    "repositoryName": "__repository__",
    "pipelineName": "oncall_run_step",
}


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[SmtpServer]:
    with smtp_server(tmp_path, security="none") as server:
        yield server


@pytest.fixture
def dev(tmp_path: Path, mail: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dev]:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "workspace.yaml").write_text(_WORKSPACE)
    environment = {
        "ONCALL_DATABASE_URL": f"sqlite:///{home / 'ledger.sqlite'}",
        "ONCALL_DAGSTER_URL": "https://dagster.example",
    }
    for variable in ("ONCALL_SMTP_USER", "ONCALL_SLACK_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    running = Dev(home, book(tmp_path / "book", mail.port).folder, environment, tmp_path / "workspace.yaml")
    yield running
    running.close()


def launched(dev: Dev, **config: object) -> str:
    """The id of a run of the job, launched as the UI does."""
    run_config = {"ops": {"run_step": {"config": {"incident": 1, "step": BACKFILL, "by": "ben"} | config}}}
    data = dev.ask(_LAUNCH, params={"selector": _JOB, "mode": "default", "runConfigData": run_config})
    assert "run" in data["launchRun"], data
    return str(data["launchRun"]["run"]["runId"])


@pytest.mark.waits
def test_the_page_links_to_a_step_that_dagster_does_and_runs(dev: Dev, mail: SmtpServer, tmp_path: Path) -> None:
    dev.wait_for("the pager's first round", dev.ticks)
    with dg.DagsterInstance.from_config(str(tmp_path / "home" / "dagster")) as instance:
        metadata: Mapping[str, Any] = {labels.STEP: 2, labels.PARTITION: DAY}
        failure = dg.AssetCheckEvaluation(dg.AssetKey("profit"), "complete", passed=False, metadata=metadata)
        instance.report_runless_asset_event(failure)
        dev.wait_for("the page", lambda: mail.received)
        body = mail.received[0].mail.get_body(("plain",))
        assert body is not None
        links = re.findall(r"https://dagster.example/locations/(\S+)\?config=ops%3A%0A", body.get_content())
        assert ["oncall_assets/jobs/oncall_run_step/playground/setup"] * 3 == links

        doing = launched(dev, confirm=True)
        dev.wait_for("the end of doing", lambda: dev.status(doing) == "SUCCESS")
        (backfill,) = instance.get_backfills()
        wanted = {"2026-01-06", DAY}
        dev.wait_for("both days of orders", lambda: _days(instance, "orders") == wanted)
        dev.wait_for("both days of profit", lambda: _days(instance, "profit") == wanted)
    with Ledger(f"sqlite:///{tmp_path / 'home' / 'ledger.sqlite'}") as ledger:
        ((who, text),) = [(one.who, one.text) for one in ledger.story(1) if one.what == f"step {BACKFILL}"]
    assert ("ben", True) == (who, text.endswith(f": https://dagster.example/runs/b/{backfill.backfill_id}"))


def _days(instance: dg.DagsterInstance, asset: str) -> set[str]:
    return instance.get_materialized_partitions(dg.AssetKey(asset))
