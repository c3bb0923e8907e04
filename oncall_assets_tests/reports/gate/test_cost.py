"""How often a judgement asks its databases: by what a report is made of, and not by how much there is of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event

from oncall_assets.metrics.days import Days
from oncall_assets_tests.reports.gate.gated import MONTH, TABLES, Gated

CHECKS = ("landed", "once", "priced", "published")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that read, of all databases."""
    found: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            found.append(statement)

    event.listen(Engine, "after_cursor_execute", count)
    try:
        yield found
    finally:
        event.remove(Engine, "after_cursor_execute", count)


def asked(made: Gated) -> int:
    with counted() as found:
        assert () == made.judge().holds
    return len(found)


def test_a_month_is_judged_in_as_many_questions_as_it_has_tables_and_checks(month: Gated) -> None:
    # Dagster reads of each table what was wiped, in both its questions; the ledger is asked once.
    assert asked(month) <= 4 * len(TABLES) + len(CHECKS) + 1


def test_sixty_nights_before_it_make_no_difference(month: Gated) -> None:
    few = asked(month)
    month.now = MONTH.start - timedelta(days=60)
    for table in TABLES:
        month.compute(table, MONTH.widen(before=60))
    for day in Days(MONTH.first - timedelta(days=60), MONTH.first - timedelta(days=1)).each:
        for check in CHECKS:
            month.say(check, Days.one(day))
    month.now = MONTH.end + timedelta(days=3)
    month.compute_all()
    assert few == asked(month)


def test_a_month_judged_night_by_night_takes_no_more_questions(month: Gated) -> None:
    few = asked(month)
    for day in MONTH.each:
        for check in CHECKS:
            month.say(check, Days.one(day))
    assert few == asked(month)
