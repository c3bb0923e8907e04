"""What judging a day costs beside computing it, on 10 million usage events.

`python benchmarks/checks.py [EVENTS]` lands a day of that many events from a Parquet file, computes `engagement`
and `aggregate_engagement` of it, and runs every check that the default runbooks have on the three tables; each of
the two is one run of Dagster in this process, with an engine of its own. It prints the seconds of each step, of
each run, and their ratio. Only the day itself is there, so that computing it is as cheap as it can be.
"""

from __future__ import annotations

import logging
import os
import resource
import shutil
import sys
import tempfile
import time
import warnings
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb

from oncall_assets.handbook import Handbook
from oncall_assets.layer import with_on_call
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets.pipelines import company
from oncall_assets_tests.pipelines.handbooks import handbook_with

DAY = date(2026, 9, 15)
EVENTS_OF_A_USER = 30
USERS_OF_AN_ACCOUNT = 30
TABLES = ("usage_events", "engagement", "aggregate_engagement")
BESIDE = ("feedback", "control_totals", "account_events", "growth", "aggregate_growth")

# A visit is six events or so of one user within a quarter of an hour. One event in a hundred comes twice, two
# come hours late and one in a thousand days late, as in the sample company.
_EVENTS = """
WITH sent AS (
    SELECT i, CASE WHEN hash(i) % 100 = 0 AND i >= 500 THEN i - 1 - (hash(i, 1) % 500)::BIGINT ELSE i END AS event
    FROM range({events}) AS t(i)
), named AS (
    SELECT event, (i * 86400000000) // {events} AS came, (event * 86400000000) // {events} AS first_came,
        (hash(event, 2) % 1000)::BIGINT AS fate, (hash(event, 3) % 100000)::BIGINT AS chance,
        (hash(event * 96 // {events}, hash(event, 4) % greatest({events} // 576, 1)) % {users})::BIGINT AS person
    FROM sent
)
SELECT
    printf('evt-%012d', event) AS event_id,
    printf('acc-%06d', person // {seats}) AS account_id,
    printf('u%08d', person) AS user_id,
    TIMESTAMPTZ '2026-09-15 00:00:00+00' + to_microseconds(first_came - CASE
        WHEN fate = 0 THEN (49 + chance % 71) * 3600000000
        WHEN fate <= 20 THEN (1 + chance % 46) * 3600000000
        ELSE 1000000 + chance * 900 END) AS occurred_at,
    TIMESTAMPTZ '2026-09-15 00:00:00+00' + to_microseconds(came) AS ingested_at,
    ['editor', 'search', 'dashboard', 'comments', 'share', 'export'][1 + chance % 6] AS feature,
    ['web', 'ios', 'android', 'api'][1 + chance % 4] AS platform
FROM named
"""
_FEEDBACK = """
SELECT printf('f%06d', i) AS feedback_id, printf('acc-%06d', i) AS account_id,
    TIMESTAMPTZ '2026-09-15 12:00:00+00' AS submitted_at, (i % 11)::BIGINT AS score, '' AS comment
FROM range({events} // 10000 + 1) AS t(i)
"""
_ACCOUNTS = """
SELECT printf('s%06d', i) AS event_id, printf('acc-%06d', i) AS account_id,
    TIMESTAMPTZ '2026-09-15 00:00:00+00' AS occurred_at, 'signup' AS kind, {seats}::BIGINT AS seats
FROM range({users} // {seats} + 1) AS t(i)
"""
_TOTALS = """
SELECT source, DATE '2026-09-15' AS day, n::BIGINT AS rows, NULL::BIGINT AS amount_cents
FROM (VALUES ('usage_events', {events}), ('feedback', {events} // 10000 + 1)) AS t(source, n)
"""


def main(events: int) -> None:
    """Prints a line for each step, and the ratio."""
    with tempfile.TemporaryDirectory() as made, dg.DagsterInstance.ephemeral() as instance:
        folder = Path(made)
        os.environ["ONCALL_HOME"] = str(folder / "state")
        began = time.perf_counter()
        book = _handbook(folder, events)
        print(f"{events:,} events made in {time.perf_counter() - began:.1f} s")
        computing, judging = _definitions(book)
        _timed("other tables", _definitions(book, BESIDE)[0], instance)
        computed = _timed("computing", computing, instance)
        judged = _timed("judging", judging, instance)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"judging / computing: {judged / computed:.2f}; {memory:.1f} GiB at most")


def _handbook(folder: Path, events: int) -> Handbook:
    """The default runbooks over the files that the day is made of."""
    shutil.copy(Path(__file__).parents[1] / "constraints.txt", folder)
    size = {"events": events, "users": max(events // EVENTS_OF_A_USER, 1), "seats": USERS_OF_AN_ACCOUNT}
    queries = {
        "usage_events": _EVENTS,
        "feedback": _FEEDBACK,
        "account_events": _ACCOUNTS,
        "control_totals": _TOTALS,
    }
    (folder / "data").mkdir()
    with duckdb.connect(config={"threads": 2, "memory_limit": "6GB"}) as engine:
        for name, query in queries.items():
            path = folder / "data" / f"{name}-{DAY}.parquet"
            engine.execute(f"COPY ({query.format(**size)}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    kind = {"kind": "folder", "folder": "../data"}
    places = {name: {**kind, "path": f"{name}-{{day}}.parquet"} for name in queries}
    return handbook_with(folder / "book", places, "2026-09-01")


def _definitions(book: Handbook, tables: tuple[str, ...] = TABLES) -> tuple[dg.JobDefinition, dg.JobDefinition]:
    """A job that computes the tables, and one that judges them."""
    wanted = dg.AssetSelection.assets(*tables)
    jobs = dg.Definitions(
        jobs=[
            dg.define_asset_job("computing", wanted.without_checks()),
            dg.define_asset_job("judging", dg.AssetSelection.checks_for_assets(*(dg.AssetKey(n) for n in tables))),
        ]
    )
    whole = dg.Definitions.merge(with_on_call(company(book), book), jobs)
    return whole.resolve_job_def("computing"), whole.resolve_job_def("judging")


def _timed(name: str, job: dg.JobDefinition, instance: dg.DagsterInstance) -> float:
    """Seconds of one run; its steps are printed, the longest first."""
    began = time.perf_counter()
    result = job.execute_in_process(instance=instance, raise_on_error=False, tags=run_tags(Days.one(DAY)))
    whole = time.perf_counter() - began
    steps = instance.get_run_step_stats(result.run_id)
    seconds = {one.step_key: (one.end_time or 0) - (one.start_time or 0) for one in steps}
    print(f"{name}: {whole:.1f} s, {'done' if result.success else 'FAILED'}")
    for key, length in sorted(seconds.items(), key=lambda item: -item[1]):
        print(f"  {length:7.2f} s  {key}")
    for check in result.get_asset_check_evaluations():
        if not check.passed:
            print(f"  failed: {check.check_name}: {check.description}")
    return whole


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
