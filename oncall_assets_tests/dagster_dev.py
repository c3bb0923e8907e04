"""A real `dagster dev` in a process of its own, for the tests and measurements that need all of Dagster."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PATIENCE = 180.0


class Dev:
    """`dagster dev` in a process of its own, asked over GraphQL as the UI asks it."""

    def __init__(
        self, home: Path, handbook: Path, environment: dict[str, str], workspace: Path = ROOT / "workspace.yaml"
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.log = home / "dev.log"
        dagster = home / "dagster"
        dagster.mkdir()
        (dagster / "dagster.yaml").symlink_to(ROOT / "dagster.yaml")
        self._file = self.log.open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "--workspace", str(workspace), "--port", str(self._port)],
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

    def launch(self, job: str, day: date, location: Mapping[str, str] | None = None) -> str:
        data = self.ask(
            _LAUNCH,
            params={
                "selector": {**(location or _LOCATION), "pipelineName": job},
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
