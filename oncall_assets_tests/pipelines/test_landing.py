"""A source is bound by configuration, and one that breaks its contract lands nothing and says why."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from adbc_driver_postgresql import dbapi
from pyarrow import parquet

from oncall_assets.handbook import HandbookError
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.admission import BrokenContract
from oncall_assets.pipelines.arrival import Silent
from oncall_assets.pipelines.sources import Landing
from oncall_assets.pipelines.warehouse import Warehouse
from oncall_assets_tests.pipelines.handbooks import handbook_with

FEEDBACK = LANDED["feedback"]
DAY = Days.parse("2026-01-02")
AT = datetime(2026, 1, 2, 8, 30, tzinfo=UTC)
GOOD = {"feedback_id": "f1", "account_id": "a1", "submitted_at": AT, "score": 9, "comment": None}
CSV = "feedback_id,account_id,submitted_at,score,comment\nf1,a1,2026-01-02T08:30:00Z,9,\n"

Land = Callable[..., Landing]


@pytest.fixture
def land(tmp_path: Path, warehouse: Warehouse) -> Land:
    """Land feedback from a folder `data` beside the handbook, or from `place`."""

    def run(place: dict[str, Any] | None = None, days: Days = DAY, **folder: str) -> Landing:
        place = place or {"kind": "folder", "folder": "../data", **folder}
        handbook = handbook_with(tmp_path / "handbook", {"feedback": place})
        landing = Landing(warehouse, handbook, FEEDBACK)
        landing.land(days, "run")
        return landing

    (tmp_path / "data").mkdir()
    return run


def rows(warehouse: Warehouse, days: Days = DAY) -> list[dict[str, object]]:
    found: list[dict[str, object]] = warehouse.table(FEEDBACK, days).to_pyarrow().to_pylist()
    return found


def test_a_csv_lands_with_the_types_of_its_contract(land: Land, tmp_path: Path, warehouse: Warehouse) -> None:
    (tmp_path / "data" / "2026-01-02.csv").write_text(CSV)
    land(path="{day}.csv")
    assert rows(warehouse) == [GOOD]


def test_a_gzipped_csv_lands_too(land: Land, tmp_path: Path, warehouse: Warehouse) -> None:
    (tmp_path / "data" / "2026-01-02.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    land(path="{day}.csv.gz")
    assert rows(warehouse) == [GOOD]


def test_json_lines_land(land: Land, tmp_path: Path, warehouse: Warehouse) -> None:
    line = json.dumps({**GOOD, "submitted_at": AT.isoformat()}) + "\n"
    (tmp_path / "data" / "2026-01-02.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    land(path="{day}.jsonl.gz")
    assert rows(warehouse) == [GOOD]


def test_parquet_lands(land: Land, tmp_path: Path, warehouse: Warehouse) -> None:
    table = pa.Table.from_pylist([GOOD], FEEDBACK.schema.to_pyarrow())
    parquet.write_table(table, tmp_path / "data" / "2026-01-02.parquet")
    land(path="{day}.parquet")
    assert rows(warehouse) == [GOOD]


def test_a_query_maps_foreign_columns_on_to_the_contract(land: Land, tmp_path: Path, warehouse: Warehouse) -> None:
    (tmp_path / "data" / "2026-01-02.csv").write_text("nr,who,stars\n1,a1,4\n")
    query = (
        "SELECT 'f' || nr AS feedback_id, who AS account_id, stars::BIGINT * 2 + 1 AS score, "
        "TIMESTAMPTZ '2026-01-02 08:30:00+00' AS submitted_at, NULL::VARCHAR AS comment FROM raw"
    )
    land(path="{day}.csv", query=query)
    assert rows(warehouse) == [GOOD]


def test_a_query_sees_the_days_before_as_before(land: Land, tmp_path: Path, warehouse: Warehouse) -> None:
    for day, who in {"2026-01-01": "a1", "2026-01-02": "a1", "2026-01-04": "a2"}.items():
        (tmp_path / "data" / f"{day}.csv").write_text(f"who,moment\n{who},{day} 08:30:00+00\n")
    query = (
        "SELECT who AS feedback_id, who AS account_id, moment::TIMESTAMPTZ AS submitted_at, 9 AS score, "
        "NULL::VARCHAR AS comment FROM raw WHERE who NOT IN (SELECT who FROM before)"
    )
    stretch = Days.parse("2026-01-01", "2026-01-04")
    landing = land(days=stretch, path="{day}.csv", query=query, missing="empty")
    assert sorted(str(row["account_id"]) for row in rows(warehouse, stretch)) == ["a1", "a2"]
    assert [date(2026, 1, 3)] == landing.empty

    # One day alone sees the same past as the whole stretch did.
    land(days=Days.parse("2026-01-04"), path="{day}.csv", query=query)
    assert sorted(str(row["account_id"]) for row in rows(warehouse, stretch)) == ["a1", "a2"]


def test_a_query_that_does_not_run_names_its_line_in_the_handbook(land: Land, tmp_path: Path) -> None:
    (tmp_path / "data" / "2026-01-02.csv").write_text(CSV)
    with pytest.raises(
        ValueError, match=r"sources\.yaml:\d+:\d+: sources\.feedback\.query: does not run"
    ) as refused:
        land(path="{day}.csv", query="SELECT stars FROM raw")
    assert 'Referenced column "stars" not found' in str(refused.value)


def test_a_missing_file_is_a_silent_source(land: Land) -> None:
    with pytest.raises(Silent, match=r"no file .*2026-01-02\.csv for 2026-01-02"):
        land(path="{day}.csv")


def test_a_day_without_a_file_may_be_declared_empty(land: Land, warehouse: Warehouse) -> None:
    assert [DAY.first] == land(path="{day}.csv", missing="empty").empty
    assert rows(warehouse) == []


def test_a_file_that_is_no_csv_at_all_is_refused_with_its_name(land: Land, tmp_path: Path) -> None:
    (tmp_path / "data" / "2026-01-02.parquet").write_bytes(b"not parquet")
    with pytest.raises(ValueError, match=r"2026-01-02\.parquet cannot be read"):
        land(path="{day}.parquet")


BROKEN = {
    "a missing column": (
        "feedback_id,account_id,submitted_at,comment\nf1,a1,2026-01-02T08:30:00Z,\n",
        "column score: expected int64, found no such column "
        "(there are feedback_id, account_id, submitted_at, comment)",
    ),
    "a word for a number": (CSV.replace(",9,", ",nine,"), "column score: expected int64, found 'nine' in 1 rows"),
    "a fraction for a whole number": (
        CSV.replace(",9,", ",9.7,"),
        "column score: expected int64, found '9.7' in 1 rows",
    ),
    "no instant": (
        CSV.replace("T08:30:00Z", " noon"),
        "column submitted_at: expected timestamp, found '2026-01-02 noon' in 1 rows",
    ),
    "another day": (
        CSV.replace("01-02", "01-03"),
        "column submitted_at: expected only 2026-01-02, found 2026-01-03 among 1 rows of other days",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_lands_nothing_and_says_what(
    name: str, land: Land, tmp_path: Path, warehouse: Warehouse
) -> None:
    text, finding = BROKEN[name]
    path = tmp_path / "data" / "2026-01-02.csv"
    path.write_text(CSV)
    land(path="{day}.csv")
    path.write_text(text)

    with pytest.raises(BrokenContract) as refused:
        land(path="{day}.csv")

    assert [finding] == refused.value.findings
    assert rows(warehouse) == [GOOD], "what was there must stay"


def test_one_broken_day_of_a_stretch_lands_none_of_it(land: Land, tmp_path: Path, warehouse: Warehouse) -> None:
    (tmp_path / "data" / "2026-01-02.csv").write_text(CSV)
    (tmp_path / "data" / "2026-01-03.csv").write_text(CSV)
    stretch = Days.parse("2026-01-02", "2026-01-03")
    with pytest.raises(BrokenContract):
        land(days=stretch, path="{day}.csv")
    assert rows(warehouse, stretch) == []


@pytest.mark.parametrize(
    ("column", "kind", "finding"),
    [
        ("score", pa.string(), "column score: expected int64, found string"),
        ("score", pa.float64(), "column score: expected int64, found float64"),
        (
            "submitted_at",
            pa.timestamp("us"),
            "column submitted_at: expected timestamp, found timestamp without a zone",
        ),
    ],
)
def test_a_retyped_column_of_a_typed_file_is_refused(
    column: str, kind: pa.DataType, finding: str, land: Land, tmp_path: Path
) -> None:
    table = pa.Table.from_pylist([GOOD], FEEDBACK.schema.to_pyarrow())
    position = table.schema.names.index(column)
    table = table.set_column(position, column, table[column].cast(kind))
    parquet.write_table(table, tmp_path / "data" / "2026-01-02.parquet")
    with pytest.raises(BrokenContract) as refused:
        land(path="{day}.parquet")
    assert [finding] == refused.value.findings


def test_a_column_beyond_the_contract_is_told_and_does_not_land(
    land: Land, tmp_path: Path, warehouse: Warehouse
) -> None:
    (tmp_path / "data" / "2026-01-02.csv").write_text(
        "feedback_id,account_id,submitted_at,score,comment,mood\nf1,a1,2026-01-02T08:30:00Z,9,,sunny\n"
    )
    assert {"mood"} == land(path="{day}.csv").extra
    assert rows(warehouse) == [GOOD]


def test_a_path_out_of_the_folder_is_refused_by_the_handbook(land: Land) -> None:
    with pytest.raises(HandbookError, match="leads out of the folder"):
        land(path="../{day}.csv")


QUERY = "SELECT * FROM forms WHERE submitted_at >= {start} AND submitted_at < {end}"


def test_a_sqlite_database_lands(
    land: Land, tmp_path: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "forms.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE forms (feedback_id, account_id, submitted_at, score INTEGER, comment)")
        database.executemany(
            "INSERT INTO forms VALUES (?, 'a1', ?, 9, NULL)",
            [
                ("f0", "2026-01-01 23:59:59+00:00"),
                ("f1", "2026-01-02 08:30:00+00:00"),
                ("f2", "2026-01-03 00:00:00+00:00"),
            ],
        )
    database.close()
    monkeypatch.setenv("FORMS_URL", f"sqlite:///{path}")
    land({"kind": "database", "url_env": "FORMS_URL", "query": QUERY.format(start="?1", end="?2")})
    assert rows(warehouse) == [GOOD]


def test_a_postgres_database_lands(
    land: Land, warehouse: Warehouse, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dbapi.connect(postgres_url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS forms")
        cursor.execute(
            "CREATE TABLE forms "
            "(feedback_id text, account_id text, submitted_at timestamptz, score int, comment text)"
        )
        cursor.execute(
            "INSERT INTO forms VALUES ('f0', 'a1', '2026-01-01 23:59:59.999999+00', 9, NULL), "
            "('f1', 'a1', '2026-01-02 03:30:00-05', 9, NULL), ('f2', 'a1', '2026-01-03 00:00:00+00', 9, NULL)"
        )
    monkeypatch.setenv("FORMS_URL", postgres_url)
    land({"kind": "database", "url_env": "FORMS_URL", "query": QUERY.format(start="$1", end="$2")})
    assert rows(warehouse) == [GOOD]


def test_a_database_without_its_url_names_the_variable(land: Land) -> None:
    place = {"kind": "database", "url_env": "FORMS_URL", "query": "SELECT 1"}
    with pytest.raises(Silent, match="FORMS_URL is not set"):
        land(place)


@pytest.mark.parametrize(
    "place", ["127.0.0.1:1/forms", "[broken/forms", "127.0.0.1/forms?unknown=1", "127.0.0.1:port/forms"]
)
@pytest.mark.parametrize("password", ["hunter2", "hun ter2"])
def test_a_database_that_does_not_answer_keeps_its_password_to_itself(
    place: str, password: str, land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMS_URL", f"postgresql://reader:{password}@{place}")
    with pytest.raises(Silent, match="does not answer") as refused:
        land({"kind": "database", "url_env": "FORMS_URL", "query": "SELECT 1"})
    assert password not in str(refused.value)
