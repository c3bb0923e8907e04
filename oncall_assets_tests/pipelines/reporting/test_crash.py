"""Whenever the process that publishes is killed, readers see what was there before, or all that is new."""

from __future__ import annotations

import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest


@pytest.mark.parametrize("before", ["nothing", "old"])
def test_a_kill_at_any_call_leaves_the_old_or_the_new(url: str, before: str) -> None:
    module = "oncall_assets_tests.pipelines.reporting.killed"
    done = subprocess.run(
        [sys.executable, "-m", module, url, before],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    lines = done.stdout.splitlines()
    # All that is done before the end of the transaction is undone, and the new is whole as soon as it has ended.
    assert [f"killed {before}", "killed new", "0 new"] == [line for line, _ in groupby(lines)]
    at_least = 12 if before == "nothing" else 8
    assert at_least < len(lines)
