"""The whole line: a real `dagster dev`, a fault in the data, and one page to the right person over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.rota import on_call
from oncall_assets.sample import Company, parse_fault, write
from oncall_assets_tests.slack_server import SlackServer, slack_server

ROOT = Path(__file__).parents[1]
NIGHT = date(2026, 9, 3)
PATIENCE = 180.0


class Dev:
    """`dagster dev` in a process of its own, asked over GraphQL as the UI asks it."""

    def __init__(self, home: Path, handbook: Path, environment: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.log = home / "dev.log"
        dagster = home / "dagster"
        dagster.mkdir()
        (dagster / "dagster.yaml").symlink_to(ROOT / "dagster.yaml")
        self._file = self.log.open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "--workspace", "workspace.yaml", "--port", str(self._port)],
            cwd=ROOT,
            env={
                **os.environ,
                **environment,
                "DAGSTER_HOME": str(dagster),
                "ONCALL_HOME": str(home),
                "ONCALL_HANDBOOK": str(handbook),
            },
            stdout=self._file,
            stderr=subprocess.STDOUT,
        )

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of an answer, or None while nobody answers."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/graphql", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)["data"]
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None

    def wait_for(self, what: str, found: Callable[[], Any]) -> Any:
        """What `found` finds once it finds something; fails loudly if it never does."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            if result := found():
                return result
            # A poll of another process, bounded above: there is nothing to be notified by.
            time.sleep(0.2)
        pytest.fail(f"{what} never came; the log of dagster dev ends:\n{self.log.read_text()[-4000:]}")

    def ticks(self) -> int:
        """How many rounds the pager has made."""
        data = self.ask(_TICKS, selector={**_LOCATION, "sensorName": "oncall_pager"})
        ticks = ((data or {}).get("sensorOrError") or {}).get("sensorState", {}).get("ticks", [])
        failures = [tick for tick in ticks if tick["status"] == "FAILURE"]
        assert not failures, f"the pager failed:\n{self.log.read_text()[-4000:]}"
        return sum(tick["status"] in {"SKIPPED", "SUCCESS"} for tick in ticks)

    def launch(self, job: str, day: date) -> str:
        data = self.ask(
            _LAUNCH,
            params={
                "selector": {**_LOCATION, "pipelineName": job},
                "executionMetadata": {"tags": [{"key": "dagster/partition", "value": str(day)}]},
            },
        )
        assert "run" in data["launchRun"], data
        return str(data["launchRun"]["run"]["runId"])

    def status(self, run: str) -> str:
        data = self.ask(_STATUS, run=run)
        return str(data["runOrError"]["status"]) if data else ""

    def close(self) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(30)
        self._file.close()


_LOCATION = {"repositoryLocationName": "oncall_assets", "repositoryName": "__repository__"}
_TICKS = """query($selector: SensorSelector!) { sensorOrError(sensorSelector: $selector) {
  ... on Sensor { sensorState { ticks(limit: 100) { status } } } } }"""
_LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message stack } } }"""
_STATUS = "query($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with slack_server() as server:
        yield server


@pytest.fixture
def handbook(tmp_path: Path, slack: SlackServer) -> Handbook:
    """The default handbook, with a Slack that is ours."""
    folder = tmp_path / "runbooks"
    shutil.copytree(ROOT / "runbooks", folder)
    team = (folder / "team.yaml").read_text()
    before = load_handbook(folder, frozenset(LANDED)).team.channels.slack
    assert before is not None
    lines = team.splitlines()
    (place,) = [number for number, line in enumerate(lines) if line.lstrip().startswith("slack: {")]
    indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    lines[place] = f"{indent}slack: {{token_env: ONCALL_SLACK_TOKEN, base_url: '{slack.url}'}}"
    (folder / "team.yaml").write_text("\n".join(lines) + "\n")
    return load_handbook(folder, frozenset(LANDED))


@pytest.fixture
def dev(tmp_path: Path, handbook: Handbook) -> Iterator[Dev]:
    home = tmp_path / "home"
    home.mkdir()
    sample = handbook.sources.sample
    assert sample is not None
    days = (NIGHT - handbook.sources.first_day).days + 1
    company = Company(sample.accounts, days, sample.seed, handbook.sources.first_day)
    write(company, home / "sample", [parse_fault(f"duplicate-revenue@{NIGHT}")])
    running = Dev(home, handbook.folder, {"ONCALL_SLACK_TOKEN": "xoxb-of-the-test"})
    yield running
    running.close()


def pages(slack: SlackServer) -> list[dict[str, Any]]:
    """What came about incidents; notices of the rota come too, by the calendar."""
    return [message for message in slack.messages if message["text"].startswith("Incident ")]


def test_a_fault_in_the_data_pages_the_engineer_on_call_once_and_by_name(
    dev: Dev, slack: SlackServer, handbook: Handbook
) -> None:
    dev.wait_for("the pager's first round", dev.ticks)
    assert [] == pages(slack), "the first round pages no history"

    expected = {on_call(handbook, datetime.now(UTC)).primary}
    run = dev.launch("night", NIGHT)
    dev.wait_for("the page", lambda: pages(slack))
    expected.add(on_call(handbook, datetime.now(UTC)).primary)
    dev.wait_for("the end of the run", lambda: dev.status(run) in {"FAILURE", "SUCCESS"})
    seen = dev.ticks()
    dev.wait_for("three more rounds", lambda: dev.ticks() >= seen + 3)

    # The blocking check fails in two ways, as an evaluation and as a failed run; they are one fault.
    (page,) = pages(slack)
    engineer = next(
        e for key, e in handbook.team.engineers.items() if e.slack == page["channel"] and key in expected
    )
    text = json.dumps(page, ensure_ascii=False)
    assert "FAILURE" == dev.status(run)
    for words in (engineer.name, "revenue_records", str(NIGHT), "record_id", "investor_report", run):
        assert words in text
    assert "xoxb-of-the-test" not in dev.log.read_text()
