"""Rows of the fault matrix: what can become of a report on its way to investors, and after it reached them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import date, timedelta
from typing import Final

import pyarrow as pa

from oncall_assets.metrics.contracts import LANDED
from oncall_assets.metrics.days import Days
from oncall_assets_tests.faults.editions import DUE, Reports
from oncall_assets_tests.faults.row import FIGURES, OF_ALL, PUBLISHED, Row, checks, issues
from oncall_assets_tests.faults.world import World
from oncall_assets_tests.smtp_server import SmtpServer, smtp_server

MINUTE: Final = timedelta(minutes=1)
# For each report a source of it, and what is made of that for the report.
_MADE: Final = {
    "aggregate_profit": {"revenue_records", "profit", "aggregate_profit", "reporting/aggregate_profit"},
    "aggregate_growth": {"account_events", "growth", "aggregate_growth", "reporting/aggregate_growth"},
    "aggregate_engagement": {
        "usage_events",
        "engagement",
        "aggregate_engagement",
        "reporting/aggregate_engagement",
    },
    "investor_report": {
        "revenue_records",
        "profit",
        "aggregate_profit",
        "investor_report",
        "reporting/investor_report",
    },
}


def held(world: World) -> None:
    """Before the reports are due somebody changes what they are read from, the last day of each period."""
    reports = Reports.of(world)
    tables = {one.planned.table: one.days.last for one in reports.due}
    change = "UPDATE {table} SET {figure} = {figure} + 1 WHERE day = ?"
    with closing(sqlite3.connect(world.home / "reporting.sqlite")) as database, database:
        for table, day in tables.items():
            database.execute(change.format(table=table, figure=FIGURES[table]), [str(day)])
    for table, day in tables.items():
        world.judge(f"reporting/{table}", day=day, after=DUE - 40 * MINUTE)
    reports.look(DUE)
    world.tick(DUE + MINUTE)
    late = {notice.title for notice in world.mail.notices}
    assert {f"{one.planned.report.title} for {one.period} is late" for one in reports.due} == late


def in_doubt(world: World) -> None:
    """The mail server takes each report and hangs up before it says so."""
    with smtp_server(world.home, "none") as server:
        server.answers["BODY"] = "cut"
        sent(world, server)
    world.tick(DUE + MINUTE)


def restated(world: World) -> None:
    """Soon after, sources deliver half as much for the last day of each period that was told."""
    with smtp_server(world.home, "none") as server:
        reports = sent(world, server)
    world.tick(DUE + MINUTE)
    assert [] == world.post.pages
    again: dict[date, set[str]] = defaultdict(set)
    for one in reports.due:
        again[one.days.last] |= _MADE[one.planned.table]
    for day, tables in again.items():
        for source in tables & LANDED.keys():
            world.change(source, first_half, day)
        world.compute(*tables, days=Days.one(day), after=DUE + 10 * MINUTE)
    reports.look(DUE + 20 * MINUTE)
    world.tick(DUE + 21 * MINUTE)


def sent(world: World, server: SmtpServer) -> Reports:
    """The desk at the time the reports are due: the server was handed each once."""
    reports = Reports.of(world, server.port)
    reports.look(DUE)
    assert len(reports.due) == len(server.received)
    return reports


def first_half(rows: pa.Table) -> pa.Table:
    return rows.slice(0, len(rows) // 2)


ROWS: Final = (
    Row(
        "figures are changed that reports are about to tell",
        held,
        (*checks(PUBLISHED, "published_as_computed"), "edition held"),
        issues(FIGURES, "report_held"),
        OF_ALL,
        held=None,
    ),
    Row(
        "the mail server hangs up on reports",
        in_doubt,
        ("run failed", "edition in doubt"),
        issues(FIGURES, "report_in_doubt"),
        OF_ALL,
        held=None,
    ),
    Row(
        "figures change after reports have told them",
        restated,
        ("figure restated",),
        issues(FIGURES, "changed_after_sending"),
        OF_ALL,
        held=None,
    ),
)
