"""What a tick of the pager costs: with nothing new, with a storm, and with a long history behind it.

`python benchmarks/tick.py [OLD]` prints, for a log of 10,000 and of OLD (1,000,000 unless told otherwise) old
evaluations on SQLite, the time of a tick that finds 0, 1,000 and 10,000 new failed ones. Beside it what it costs
to ask Dagster for the latest evaluation of each check instead, as a sensor without a cursor would.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg

from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.tick import Round
from oncall_assets.notify.console import Console
from oncall_assets.rota import Rota
from oncall_assets_tests.incidents.company import ASSETS, handbook

CHECKS = 50


def main(old: int) -> None:
    """Prints a line for each length of the log."""
    for length in (10_000, old):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["ONCALL_HOME"] = str(Path(folder) / "state")
            _measure(Path(folder), length)


def _measure(folder: Path, old: int) -> None:
    home = folder / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with (
        dg.DagsterInstance.from_config(str(home)) as instance,
        Ledger(f"sqlite:///{folder / 'l.sqlite'}") as ledger,
    ):
        _fail(instance, 1, 2024)
        _lengthen(home, old)
        rounds = _round(instance, ledger, folder)
        cursor = rounds.tick(None, datetime.now(UTC)).cursor
        quiet = [_timed(rounds, cursor)[0] for _ in range(9)]
        print(f"{old:>9,} old evaluations, nothing new: {1000 * statistics.median(quiet):6.0f} ms")
        for count, year in ((1_000, 2025), (10_000, 2026)):
            _fail(instance, count, year)
            seconds, ticks, opened, told, cursor = _drained(rounds, cursor)
            print(
                f"{old:>9,} old, {count:>6,} new failures: {seconds:6.2f} s in {ticks} ticks; "
                f"{opened} incidents, {told} messages"
            )
        print(f"{old:>9,} old, the latest evaluation of each of {CHECKS} checks: {_latest(instance):6.2f} s")


def _round(instance: dg.DagsterInstance, ledger: Ledger, folder: Path) -> Round:
    book = handbook(folder / "handbook")
    console = Console(lambda _: None)
    graph = dg.Definitions(assets=ASSETS).resolve_asset_graph()
    desk = Desk(book, Lineage(graph), "http://dagster.example", Rota(book))
    courier = Courier(ledger, [console], console, book.team.limits)
    return Round(instance, desk, ledger, courier, Teller(ledger, [console], console))


def _timed(rounds: Round, cursor: str) -> tuple[float, str, int, int]:
    began = time.perf_counter()
    tick = rounds.tick(cursor, datetime.now(UTC))
    return time.perf_counter() - began, tick.cursor, len(tick.opened), tick.delivered.sent


def _drained(rounds: Round, cursor: str) -> tuple[float, int, int, int, str]:
    """Time of all ticks until every new failure is decided; ticks, incidents and messages; the cursor."""
    seconds, ticks, opened, told = 0.0, 0, 0, 0
    while True:
        took, after, more, sent = _timed(rounds, cursor)
        if after == cursor:
            return seconds, ticks, opened, told, cursor
        seconds, ticks, opened, told, cursor = seconds + took, ticks + 1, opened + more, told + sent, after


def _fail(instance: dg.DagsterInstance, count: int, year: int) -> None:
    """`count` failed evaluations of 50 checks on the three assets, over up to 200 days of a year."""
    assets = [asset.key for asset in ASSETS]
    for number in range(count):
        evaluation = dg.AssetCheckEvaluation(
            asset_key=assets[number % CHECKS % len(assets)],
            check_name=f"check_{number % CHECKS}",
            passed=False,
            partition=str(date(year, 1, 1) + timedelta(days=number // CHECKS)),
        )
        instance.report_runless_asset_event(evaluation)


def _lengthen(home: Path, old: int) -> None:
    """Copies of the one evaluation in Dagster's index of events, `old` in all."""
    with sqlite3.connect(home / "history" / "runs" / "index.db") as index:
        names = [row[1] for row in index.execute("PRAGMA table_info(event_logs)") if row[1] != "id"]
        columns = ", ".join(names)
        newest = "SELECT max(id) FROM event_logs"
        index.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {old - 1}) "
            f"INSERT INTO event_logs ({columns}) SELECT {columns} FROM event_logs, n WHERE id = ({newest})"
        )


def _latest(instance: dg.DagsterInstance) -> float:
    began = time.perf_counter()
    for number in range(CHECKS):
        key = dg.AssetCheckKey(ASSETS[number % len(ASSETS)].key, f"check_{number}")
        instance.event_log_storage.get_latest_asset_check_execution_by_key([key])
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
