"""What is written comes back as promised, whole, and without disturbing its neighbours."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import ibis
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from pyarrow import parquet

from oncall_assets.metrics.contracts import CONTRACTS, LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.warehouse import Warehouse

PROFIT = CONTRACTS["profit"]
FIRST, SECOND = Days.parse("2026-01-01"), Days.parse("2026-01-02")
BOTH = Days.parse("2026-01-01", "2026-01-02")


def lines(*amounts: tuple[str, int], account: str = "acct-1") -> pa.Table:
    """Rows of `profit`, one for each day and amount given."""
    return pa.table(
        {
            "day": [date.fromisoformat(day) for day, _ in amounts],
            "account_id": [account] * len(amounts),
            **{
                name: [amount for _, amount in amounts]
                for name in PROFIT.names
                if name not in {"day", "account_id"}
            },
        }
    )


def stored(warehouse: Warehouse, days: Days) -> list[tuple[object, ...]]:
    rows = warehouse.table(PROFIT, days).select("day", "account_id", "profit_cents").to_pyarrow().to_pylist()
    return sorted(tuple(row.values()) for row in rows)


def test_a_sum_of_cents_keeps_its_value_and_its_type_on_disk(warehouse: Warehouse) -> None:
    # DuckDB sums int64 into HUGEINT while Ibis still says int64; written as they come, such columns have
    # been stored as doubles or with other rows' bytes (docs/decisions/001).
    cents = 9_007_199_254_740_993  # the first whole number that a double cannot hold
    warehouse.engine.create_table("ledger", pa.table({"account": ["a", "a", "b"], "cents": [cents, 2, 5]}))
    ledger = warehouse.engine.table("ledger")
    sums = ledger.group_by(account_id="account").aggregate(cents=ledger.cents.sum())
    rows = sums.select(
        day=ibis.date("2026-01-01"),
        account_id="account_id",
        **{name: sums.cents for name in PROFIT.names if name not in {"day", "account_id"}},
    )

    warehouse.replace(PROFIT, rows, FIRST, "run")

    assert [(date(2026, 1, 1), "a", cents + 2), (date(2026, 1, 1), "b", 5)] == stored(warehouse, FIRST)
    (path,) = DeltaTable(str(warehouse.folder / "profit")).file_uris()
    assert pa.int64() == parquet.read_schema(path).field("profit_cents").type


def test_replacing_a_day_leaves_the_other_days_alone(warehouse: Warehouse) -> None:
    warehouse.replace(PROFIT, ibis.memtable(lines(("2026-01-01", 1), ("2026-01-02", 2))), BOTH, "run-1")
    warehouse.replace(PROFIT, ibis.memtable(lines(("2026-01-02", 20))), SECOND, "run-2")

    assert [(date(2026, 1, 1), "acct-1", 1), (date(2026, 1, 2), "acct-1", 20)] == stored(warehouse, BOTH)


def test_a_replacement_is_one_commit_that_names_its_run(warehouse: Warehouse) -> None:
    warehouse.replace(PROFIT, ibis.memtable(lines(("2026-01-01", 1))), FIRST, "run-1")
    before = DeltaTable(str(warehouse.folder / "profit")).version()
    warehouse.replace(PROFIT, ibis.memtable(lines(("2026-01-01", 2))), FIRST, "run-2")
    table = DeltaTable(str(warehouse.folder / "profit"))

    assert before + 1 == table.version()
    assert table.history(1)[0]["run_id"] == "run-2"


def test_writing_the_same_day_twice_leaves_the_same_rows(warehouse: Warehouse) -> None:
    rows = ibis.memtable(lines(("2026-01-01", 1)))
    warehouse.replace(PROFIT, rows, FIRST, "run-1")
    once = stored(warehouse, FIRST)
    warehouse.replace(PROFIT, rows, FIRST, "run-2")

    assert once == stored(warehouse, FIRST)


def test_a_row_of_another_day_is_refused_and_nothing_is_written(warehouse: Warehouse) -> None:
    with pytest.raises(Exception, match="_partition"):
        warehouse.replace(PROFIT, ibis.memtable(lines(("2026-01-02", 2))), FIRST, "run")

    assert stored(warehouse, BOTH) == []


def test_a_table_never_written_has_its_columns_and_no_rows(warehouse: Warehouse) -> None:
    for contract in CONTRACTS.values():
        empty = warehouse.table(contract, FIRST)
        assert (contract.schema.names, 0) == (empty.schema().names, empty.count().to_pyarrow().as_py())


def test_an_instant_comes_back_as_the_same_instant_in_utc(warehouse: Warehouse) -> None:
    feedback = LANDED["feedback"]
    at = datetime(2026, 1, 1, 23, 59, 59, 999999, tzinfo=UTC)
    rows = pa.table(
        {"feedback_id": ["f"], "account_id": ["a"], "submitted_at": [at], "score": [9], "comment": ["ok"]}
    )
    warehouse.replace(feedback, ibis.memtable(rows), FIRST, "run")

    assert [at] == warehouse.table(feedback, FIRST).submitted_at.to_pyarrow().to_pylist()


_WRITER = """
import sys
from datetime import date
import ibis, pyarrow as pa
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.warehouse import Warehouse

root, day, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
contract = CONTRACTS["profit"]
warehouse = Warehouse(root=root)
for turn in range(turns):
    numbers = {name: [turn] * 50 for name in contract.names if name not in {"day", "account_id"}}
    rows = {"day": [date.fromisoformat(day)] * 50, "account_id": [f"{day}-{n}" for n in range(50)], **numbers}
    warehouse.replace(contract, ibis.memtable(pa.table(rows)), Days.parse(day), f"{day}-{turn}")
"""


def test_two_processes_writing_different_days_do_not_disturb_each_other(tmp_path: Path) -> None:
    # Both begin on a table that does not exist yet, so they race to create it too.
    root, days = tmp_path / "warehouse", ["2026-01-01", "2026-01-02"]
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(root), day, "6"], stderr=subprocess.PIPE, text=True)
        for day in days
    ]
    errors = [writer.communicate(timeout=120)[1] for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0], errors
    warehouse = Warehouse(root=str(root))
    for day in days:
        rows = stored(warehouse, Days.parse(day))
        assert [(date.fromisoformat(day), f"{day}-{n}", 5) for n in range(50)] == sorted(
            rows, key=lambda row: int(str(row[1]).rpartition("-")[2])
        )
    warehouse.engine.disconnect()
