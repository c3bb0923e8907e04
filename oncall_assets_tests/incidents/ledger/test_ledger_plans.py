"""No read of a tick goes through all there ever was: a ledger is kept for years and read every few seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets_tests.incidents.ledger.entries import NOW, failed, sent, tell, write

# What stays small however long a ledger is kept, and no table at all.
_SMALL = ("channels", "silences", "CONSTANT")

Use = Callable[[Ledger], object]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        write(opened, failed(0))
        sent(opened, tell(opened, 1), NOW)
        opened.acknowledge(1, "ann", NOW)
        yield opened


def _writing(use: Callable[[Any], object]) -> Use:
    def within(ledger: Ledger) -> None:
        with ledger.writing() as pen:
            use(pen)

    return within


@pytest.mark.parametrize(
    "use",
    [
        lambda ledger: ledger.unknown(["s1"]),
        lambda ledger: ledger.open_count(),
        lambda ledger: ledger.open_troubles(),
        lambda ledger: ledger.history(NOW),
        lambda ledger: ledger.incidents(None, True),
        lambda ledger: ledger.opened(NOW, NOW),
        lambda ledger: ledger.story(1),
        lambda ledger: ledger.pending(NOW, "slack"),
        lambda ledger: ledger.claim([tell(ledger, 1, step="2.1")], NOW, NOW),
        lambda ledger: ledger.receipt(1, "ann", "slack"),
        lambda ledger: ledger.sent_times("ann", "slack", NOW),
        lambda ledger: ledger.waiting(),
        lambda ledger: ledger.overdue(NOW),
        lambda ledger: ledger.posted(["incident 1"]),
        lambda ledger: ledger.refusals(NOW),
        lambda ledger: ledger.unannounced(),
        lambda ledger: write(ledger, failed(1)),
        _writing(lambda pen: pen.open_incidents()),
        _writing(lambda pen: pen.standings()),
        _writing(lambda pen: pen.told(1)),
        _writing(lambda pen: pen.others(1, 5)),
        _writing(lambda pen: pen.incidents_of(["s1"])),
        _writing(lambda pen: pen.silences(NOW)),
    ],
)
def test_what_a_tick_reads_is_found_by_an_index(ledger: Ledger, use: Use) -> None:
    scanned: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE")) and not many:
            plan = connection.connection.dbapi_connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            scanned.extend(step for *_, step in plan if step.startswith("SCAN") and "INDEX" not in step)

    event.listen(ledger._engine, "before_cursor_execute", explain)
    use(ledger)
    assert [] == [step for step in scanned if step.split()[1] not in _SMALL]
