"""A Dagster daemon in a session of its own, so that SIGKILL takes its code server along as a power cut would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0

_SETTINGS = """
telemetry: {enabled: false}
sensors: {use_threads: true, num_workers: 2}
"""


@dataclass
class Daemon:
    """`home` is its DAGSTER_HOME, `state` its ONCALL_HOME; `ledger` is the URL of the ledger it writes."""

    home: Path
    state: Path
    handbook: Path
    ledger: str
    process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        (self.home / "dagster.yaml").write_text(_SETTINGS)
        self.state.mkdir(exist_ok=True)

    def start(self) -> None:
        with (self.state / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dagster._daemon", "run", "-m", "oncall_assets_tests.killed.location"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DAGSTER_HOME": str(self.home),
                    "ONCALL_HOME": str(self.state),
                    "ONCALL_HANDBOOK": str(self.handbook),
                    "ONCALL_DATABASE_URL": self.ledger,
                    "ONCALL_SLACK_TOKEN": "xoxb-of-the-test",
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL to the daemon and all that it started, at once."""
        if self.process is None:
            return
        family = psutil.Process(self.process.pid).children(recursive=True)
        os.killpg(self.process.pid, signal.SIGKILL)
        for child in family:
            if child.is_running():
                child.kill()
        self.process.wait(PATIENCE)
        psutil.wait_procs(family, PATIENCE)
        self.process = None

    def said(self) -> str:
        """The end of what it wrote."""
        return (self.state / "daemon.log").read_text(errors="replace")[-4000:]


def wait_for(what: str, found: Callable[[], Any], said: Callable[[], str], patience: float = PATIENCE) -> Any:
    """What `found` finds once it finds something. Raises TimeoutError, with the end of what the daemon said."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if result := found():
            return result
        # A poll of another process, bounded above: there is nothing to be notified by.
        time.sleep(0.05)
    raise TimeoutError(f"{what} never came; the daemon's log ends:\n{said()}")
