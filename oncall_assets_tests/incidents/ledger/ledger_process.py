"""Starting `one_ledger`, and letting several of it go at the same moment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_TIMEOUT = 90


@contextmanager
def ledger_process(url: str, dies: str = "", signals: int = 0) -> Iterator[subprocess.Popen[str]]:
    """A process that opens the ledger as soon as it gets a line."""
    script = [sys.executable, "-m", "oncall_assets_tests.incidents.ledger.one_ledger", url, dies, str(signals)]
    process = subprocess.Popen(
        script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    )
    try:
        assert process.stdout is not None
        assert "ready\n" == process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def run(url: str, *, at_once: int = 1, dies: str = "", signals: int = 0) -> list[tuple[int, str]]:
    """So many processes that open the ledger at the same moment: how each ended, and what it printed."""
    with ExitStack() as stack:
        processes = [stack.enter_context(ledger_process(url, dies, signals)) for _ in range(at_once)]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        printed = [process.communicate(timeout=_TIMEOUT)[0] for process in processes]
        return [(process.returncode, text) for process, text in zip(processes, printed, strict=True)]
