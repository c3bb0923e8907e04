"""A process that publishes in children of its own and kills each one call to the database later than the last."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from oncall_assets.pipelines.reporting.database import Database
from oncall_assets.pipelines.reporting.publish import publish, published
from oncall_assets_tests.pipelines.reporting.tables import DAYS, PROFIT, figures, sorted_rows

OLD, NEW = 100, 7


def main(url: str, before: str) -> None:
    """Prints, for each call that a child died at, which rows readers see; the last line is of one that lived."""
    if before == "old":
        publish(url, PROFIT, figures(cents=OLD), DAYS, ())
    call = 0
    while (child := os.fork()) or _die_at(call):
        if not child:
            publish(url, PROFIT, figures(cents=NEW), DAYS, ())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print("killed" if killed else os.waitstatus_to_exitcode(status), _seen(url), flush=True)
        if not killed:
            return
        call += 1


def _die_at(last: int) -> bool:
    """From here on, the process ends at its `last` call to the database, which is not made any more."""
    calls = 0

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            nonlocal calls
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)
            calls += 1
            return method(*arguments)

        return run

    for name in ("run", "rows", "append", "commit", "close"):
        setattr(Database, name, counted(getattr(Database, name)))
    return True


def _seen(url: str) -> str:
    found = published(url, PROFIT, DAYS)
    if found is None:
        return "nothing"
    rows = sorted_rows(found)
    wholes = {"old": sorted_rows(figures(cents=OLD)), "new": sorted_rows(figures(cents=NEW))}
    return next((name for name, whole in wholes.items() if rows == whole), "a part")


if __name__ == "__main__":
    main(*sys.argv[1:])
