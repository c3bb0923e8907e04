"""Rows of the fault matrix: what can be wrong with the reporting database, where people read the figures."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Final

from oncall_assets_tests.faults.row import FIGURES, OF_ALL, Row
from oncall_assets_tests.faults.world import World


def rewritten(statement: str) -> Callable[[World], None]:
    """Somebody changes what is published with a statement of SQL for each table, and that is judged."""

    def happens(world: World) -> None:
        with closing(sqlite3.connect(world.home / "reporting.sqlite")) as database, database:
            for table, figure in FIGURES.items():
                database.execute(statement.format(table=table, figure=figure), [str(world.day_before)])
        world.judge(*(f"reporting/{table}" for table in FIGURES))

    return happens


ROWS: Final = (
    Row(
        "a dashboard's figures are changed",
        rewritten("UPDATE {table} SET {figure} = {figure} + 1 WHERE day = ?"),
        (*(f"reporting/{table}:published_as_computed" for table in FIGURES),),
        (*(f"{table}.wrong_in_dashboards" for table in FIGURES), "investor_report.human_error"),
        OF_ALL,
        held=None,
    ),
    Row(
        "a dashboard's tables are emptied after they were published",
        rewritten("DELETE FROM {table} WHERE day = ?"),
        (*(f"reporting/{table}:published_as_computed" for table in FIGURES),),
        (*(f"{table}.not_in_dashboards" for table in FIGURES),),
        OF_ALL,
        held=None,
    ),
)
