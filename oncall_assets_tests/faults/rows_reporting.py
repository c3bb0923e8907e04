"""Rows of the fault matrix: what can be wrong with the reporting database, where people read the figures."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Final
from unittest.mock import patch

from oncall_assets.metrics.days import Days
from oncall_assets_tests.faults.row import FIGURES, OF_ALL, PUBLISHED, Row, checks, issues
from oncall_assets_tests.faults.world import World
from oncall_assets_tests.pipelines.reporting.tables import ask


def rewritten(statement: str) -> Callable[[World], None]:
    """Somebody changes what is published with a statement of SQL for each table, and that is judged."""

    def happens(world: World) -> None:
        with closing(sqlite3.connect(world.home / "reporting.sqlite")) as database, database:
            for table, figure in FIGURES.items():
                database.execute(statement.format(table=table, figure=figure), [str(world.day_before)])
        world.judge(*PUBLISHED)

    return happens


def opened_to_all(world: World) -> None:
    """Everybody on the machine may read the file."""
    (world.home / "reporting.sqlite").chmod(0o644)
    world.judge(*PUBLISHED)


def granted(world: World) -> None:
    """On a server, somebody lets a role read that the handbook does not name."""
    url = world.server()
    roles = [*world.handbook.team.reporting.readers, "intruder"]
    for role in roles:
        ask(url, f"CREATE ROLE {role}")
    tables = PUBLISHED
    try:
        with patch.dict(os.environ, REPORTING_DATABASE_URL=url):
            world.compute(*tables, days=Days.one(world.day_before))
            ask(url, "GRANT SELECT ON investor_report TO intruder")
            world.judge(*tables)
    finally:
        for role in roles:
            ask(url, f"DROP OWNED BY {role}")
            ask(url, f"DROP ROLE {role}")


ROWS: Final = (
    Row(
        "a dashboard's figures are changed",
        rewritten("UPDATE {table} SET {figure} = {figure} + 1 WHERE day = ?"),
        checks(PUBLISHED, "published_as_computed"),
        (*issues(FIGURES, "wrong_in_dashboards"), "investor_report.human_error"),
        OF_ALL,
        held=None,
    ),
    Row(
        "a dashboard's tables are emptied after they were published",
        rewritten("DELETE FROM {table} WHERE day = ?"),
        checks(PUBLISHED, "published_as_computed"),
        issues(FIGURES, "not_in_dashboards"),
        OF_ALL,
        held=None,
    ),
    Row(
        "everybody may read the reporting database",
        opened_to_all,
        checks(PUBLISHED, "readers_as_agreed"),
        (
            *issues(FIGURES, "unauthorised_access"),
            "aggregate_profit.leak",
            "aggregate_engagement.leak",
        ),
        OF_ALL,
        held=None,
    ),
    Row(
        "a role is let read that nobody named",
        granted,
        ("reporting/investor_report:readers_as_agreed",),
        ("investor_report.unauthorised_access",),
        ("david: critical investor_report",),
        held=None,
    ),
)
