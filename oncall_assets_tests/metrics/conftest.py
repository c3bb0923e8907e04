"""One DuckDB for the whole room: starting one per test would take longer than the tests."""

from __future__ import annotations

import ibis
import pytest

from oncall_assets_tests.metrics.tables import Row, Run


@pytest.fixture(scope="session")
def engine() -> ibis.BaseBackend:
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET TimeZone='UTC'")
    return connection


@pytest.fixture(scope="session")
def run(engine: ibis.BaseBackend) -> Run:
    """Rows of an expression as dictionaries, in a settled order."""

    def rows(expression: ibis.Table) -> list[Row]:
        found: list[Row] = engine.to_pyarrow(expression).to_pylist()
        return sorted(found, key=lambda row: [str(value) for value in row.values()])

    return rows
