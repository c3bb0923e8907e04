"""What readers of the reporting database see: whole periods, exact figures, once, and never fewer columns."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from oncall_assets.handbook.reporting import PUBLISHED
from oncall_assets.metrics.contract import columns
from oncall_assets.metrics.contracts import COMPUTED, CONTRACTS, Contract
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.reporting.address import opened, reporting_url
from oncall_assets.pipelines.reporting.database import ReportingError
from oncall_assets.pipelines.reporting.publish import publish, published
from oncall_assets_tests.pipelines.reporting.tables import (
    DAYS,
    FIRST,
    PROFIT,
    SECOND,
    THIRD,
    ask,
    figures,
    sorted_rows,
)


def publish_another(url: str) -> None:
    """A database that is there and has no table of profit."""
    growth = CONTRACTS["aggregate_growth"]
    publish(url, growth, growth.schema.to_pyarrow().empty_table(), DAYS, ())


def test_what_is_published_is_a_figure_with_a_contract() -> None:
    assert set(PUBLISHED) <= set(COMPUTED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_table_comes_back_in_its_promised_types(url: str, name: str) -> None:
    contract = CONTRACTS[name]
    row = {"string": "x", "int64": -(2**53) - 1, "float64": 0.1, "boolean": True, "date": FIRST}
    rows = pa.Table.from_pylist(
        [{column.name: row[column.kind] for column in contract.columns}], contract.schema.to_pyarrow()
    )
    publish(url, contract, rows, DAYS, ())
    found = published(url, contract, DAYS)
    assert found is not None
    assert rows.schema == found.schema.remove_metadata()
    assert sorted_rows(rows) == sorted_rows(found)


def test_texts_instants_and_what_is_empty_come_back_as_they_were(url: str) -> None:
    contract = Contract(
        "kinds", "Every kind.",
        columns(
            ("day", "date", "Day."), ("word", "string", "Word."), ("at", "timestamp", "Instant."),
            ("ok", "boolean", "Whether."), ("ratio", "float64", "Ratio."), ("n", "int64", "Number."),
        ),
    )  # fmt: skip
    at = datetime(2026, 1, 5, 23, 59, 59, 123456, tzinfo=UTC)
    rows = pa.Table.from_pylist(
        [
            {"day": FIRST, "word": "O'Brien \"; DROP TABLE kinds; -- ü", "at": at, "ok": False, "n": 2**63 - 1},
            {"day": FIRST, "word": "", "ratio": -0.5},
            {"day": FIRST},
        ],
        contract.schema.to_pyarrow(),
    )
    publish(url, contract, rows, DAYS, ())
    assert sorted_rows(rows) == sorted_rows(published(url, contract, DAYS))


def test_a_database_that_was_never_published_to_has_no_table(url: str) -> None:
    assert published(url, PROFIT, DAYS) is None
    publish_another(url)
    assert published(url, PROFIT, DAYS) is None


def test_published_twice_is_published_once(url: str) -> None:
    for _ in range(2):
        publish(url, PROFIT, figures(), DAYS, ())
    assert sorted_rows(figures()) == sorted_rows(published(url, PROFIT, DAYS))


def test_other_days_stay_as_they_were(url: str) -> None:
    publish(url, PROFIT, figures(), DAYS, ())
    publish(url, PROFIT, figures(Days.one(SECOND), cents=999), Days.one(SECOND), ())
    assert sorted_rows(figures(Days.one(FIRST))) == sorted_rows(published(url, PROFIT, Days.one(FIRST)))
    assert sorted_rows(figures(Days.one(SECOND), 999)) == sorted_rows(published(url, PROFIT, Days.one(SECOND)))
    assert sorted_rows(figures(Days.one(THIRD))) == sorted_rows(published(url, PROFIT, Days.one(THIRD)))


def test_a_period_without_rows_leaves_none(url: str) -> None:
    publish(url, PROFIT, figures(), DAYS, ())
    publish(url, PROFIT, figures().slice(0, 0), Days(FIRST, SECOND), ())
    found = published(url, PROFIT, DAYS)
    assert found is not None
    assert {THIRD} == set(found["day"].to_pylist())


def test_who_reads_while_a_period_is_replaced_sees_the_old_one_and_does_not_wait(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(url, PROFIT, figures(), DAYS, ())
    seen = []

    def look(*_: object) -> None:
        seen.append(sorted_rows(published(url, PROFIT, DAYS)))
        raise InterruptedError

    # After the old rows are gone and the new ones are in, before the end of the transaction.
    monkeypatch.setattr("oncall_assets.pipelines.reporting.publish.relations", look)
    with pytest.raises(InterruptedError):
        publish(url, PROFIT, figures(cents=5), DAYS, ())
    assert [sorted_rows(figures())] == seen
    assert sorted_rows(figures()) == sorted_rows(published(url, PROFIT, DAYS))


def test_a_reader_in_the_middle_of_reading_keeps_nobody_waiting_and_sees_one_state(url: str) -> None:
    publish(url, PROFIT, figures(), DAYS, ())
    query = "SELECT max(revenue_cents) FROM aggregate_profit WHERE grain = 'day'"
    with opened(url) as reader:
        if url.startswith("sqlite"):
            reader.run("BEGIN")
        else:
            reader.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        before = reader.rows(query)
        publish(url, PROFIT, figures(cents=5), DAYS, ())
        assert [(100,)] == before == reader.rows(query)
        assert [(5,)] == ask(url, query)


def test_two_who_publish_the_same_new_table_at_once_leave_one_of_the_two(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(publish, url, PROFIT, figures(cents=n), DAYS, ()) for n in (1, 2, 3, 4)]
        for one in done:
            one.result()
    found = sorted_rows(published(url, PROFIT, DAYS))
    assert found in [sorted_rows(figures(cents=n)) for n in (1, 2, 3, 4)]


def test_a_column_that_the_contract_gains_is_added_and_no_row_is_lost(url: str) -> None:
    middle = PROFIT.columns.index(next(c for c in PROFIT.columns if c.name == "revenue_cents"))
    without = replace(PROFIT, columns=PROFIT.columns[:middle] + PROFIT.columns[middle + 1 :])
    old = figures(Days.one(FIRST)).drop_columns(["revenue_cents"])
    publish(url, without, old, Days.one(FIRST), ())
    publish(url, PROFIT, figures(Days.one(SECOND)), Days.one(SECOND), ())
    kept = published(url, PROFIT, Days.one(FIRST))
    assert kept is not None
    assert sorted_rows(old) == sorted_rows(kept.drop_columns(["revenue_cents"]))
    assert [None] * 3 == kept["revenue_cents"].to_pylist()
    assert sorted_rows(figures(Days.one(SECOND))) == sorted_rows(published(url, PROFIT, Days.one(SECOND)))
    query = "SELECT revenue_cents FROM aggregate_profit_daily ORDER BY day"
    assert [(None,), (100,)] == ask(url, query)


def test_a_column_that_somebody_retyped_is_refused_by_name_and_nothing_changes(url: str) -> None:
    publish_another(url)
    ask(url, "CREATE TABLE aggregate_profit (day DATE, grain TEXT, margin TEXT)")
    with pytest.raises(ReportingError, match=r"(?i)column margin of aggregate_profit .* is text, expected double"):
        publish(url, PROFIT, figures(), DAYS, ())
    assert [] == ask(url, "SELECT * FROM aggregate_profit")
    with opened(url) as database:
        assert ["day", "grain", "margin"] == list(database.columns("aggregate_profit"))


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_never_published(url: str, wrong: float) -> None:
    publish(url, PROFIT, figures(), DAYS, ())
    with pytest.raises(ReportingError, match="aggregate_profit has 9 values in column margin that are no number"):
        publish(url, PROFIT, figures(margin=wrong), DAYS, ())
    assert sorted_rows(figures()) == sorted_rows(published(url, PROFIT, DAYS))
    publish(url, PROFIT, figures(margin=None), DAYS, ())
    assert sorted_rows(figures(margin=None)) == sorted_rows(published(url, PROFIT, DAYS))


def test_a_view_has_every_period_once_as_of_its_last_day(url: str) -> None:
    january = Days(date(2026, 1, 30), date(2026, 2, 3))
    publish(url, PROFIT, figures(january), january, ())

    def seen(view: str) -> list[tuple[str, int]]:
        query = f"SELECT day, revenue_cents FROM aggregate_profit_{view} ORDER BY day"
        return [(str(day), cents) for day, cents in ask(url, query)]

    assert [(str(day), 100) for day in january.each] == seen("daily")
    assert [("2026-02-01", 700), ("2026-02-03", 200)] == seen("weekly")
    assert [("2026-01-31", 3100), ("2026-02-03", 300)] == seen("monthly")


def test_a_value_that_somebody_put_in_by_hand_is_read_as_it_is(file_url: str) -> None:
    publish(file_url, PROFIT, figures(), DAYS, ())
    ask(file_url, "UPDATE aggregate_profit SET revenue_cents = 'a lot' WHERE grain = 'day'")
    found = published(file_url, PROFIT, DAYS)
    assert found is not None
    assert {"a lot"} < {str(value) for value in found["revenue_cents"].to_pylist()}


def test_the_file_is_private_and_so_is_the_log_beside_it(file_url: str) -> None:
    publish(file_url, PROFIT, figures(), DAYS, ())
    path = Path(file_url.removeprefix("sqlite:///"))
    with opened(file_url) as database:
        database.begin("aggregate_profit")
        database.run("DELETE FROM aggregate_profit")
        found = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert {f"reporting.sqlite{end}": 0o600 for end in ("", "-wal", "-shm")} == found
    path.chmod(0o640)
    publish(file_url, PROFIT, figures(), DAYS, ())
    # Whoever opened it up is not overruled in silence: the check `grants` finds it.
    assert 0o640 == stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_is_one_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ReportingError, match="cannot be made: Permission denied"):
        publish(f"sqlite:///{tmp_path / 'x.sqlite'}", PROFIT, figures(), DAYS, ())


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "reporting.sqlite"
    path.write_text("no database " * 100)
    with pytest.raises(ReportingError, match=r"the reporting database refuses .* not a database"):
        publish(f"sqlite:///{path}", PROFIT, figures(), DAYS, ())


@pytest.mark.parametrize(
    "address",
    ["mysql://u:hunter2@db/x", "postgresql+psycopg2://u:hunter2@db/x", "sqlite:///", "sqlite://x", "u:hunter2@db"],
)
def test_an_address_of_another_kind_is_one_clear_error_and_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("OUR_REPORTS", address)
    with pytest.raises(ReportingError) as refusal:
        reporting_url("OUR_REPORTS")
    assert str(refusal.value) == (
        "OUR_REPORTS does not hold the address of a database that reports can be published to; expected "
        "postgresql://… or sqlite:///… with the path of a file"
    )


def test_a_server_that_does_not_answer_is_one_clear_error_without_the_password() -> None:
    url = "postgresql://reports:hun%20ter2@127.0.0.1:1/reports"
    with pytest.raises(ReportingError, match="Connection refused") as refusal:
        publish(url, PROFIT, figures(), DAYS, ())
    assert "hun" not in str(refusal.value)


def test_tables_and_columns_say_what_they_hold_with_units(server_url: str) -> None:
    publish(server_url, PROFIT, figures(), DAYS, ())
    for relation in ("aggregate_profit", "aggregate_profit_monthly"):
        query = f"SELECT obj_description('{relation}'::regclass, 'pg_class')"
        assert [(PROFIT.description,)] == ask(server_url, query)
        query = (
            "SELECT attname::text, col_description(attrelid, attnum) FROM pg_attribute "
            f"WHERE attrelid = '{relation}'::regclass AND attnum > 0"
        )
        assert {(column.name, column.description) for column in PROFIT.columns} == set(ask(server_url, query))
