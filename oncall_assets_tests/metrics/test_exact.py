from __future__ import annotations

import ibis
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oncall_assets.metrics.exact import quotient, short_quotient, total
from oncall_assets_tests.metrics.tables import Run

PAIRS = st.tuples(st.integers(0, 2**62), st.integers(1, 2**31))


@settings(deadline=None, max_examples=30)
@given(st.lists(PAIRS, min_size=1, max_size=50))
@example([(2**62, 1), (2**62, 3), (2**62 - 1, 2**31), (2**53 + 1, 1), (0, 7), (6, 7), (7, 7)])
def test_a_quotient_is_exact_to_the_last_digit(run: Run, pairs: list[tuple[int, int]]) -> None:
    numbers = ibis.memtable(pa.table({"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}))
    rows = run(numbers.select("a", "b", q=quotient(numbers.a, numbers.b)))
    assert [row["a"] // row["b"] for row in rows] == [row["q"] for row in rows]


@settings(deadline=None, max_examples=10)
@given(st.lists(st.tuples(st.integers(0, 2**31), st.integers(0, 2**31), st.integers(1, 2**31)), max_size=50))
def test_a_short_quotient_is_exact_while_the_answer_is_short(
    run: Run, triples: list[tuple[int, int, int]]
) -> None:
    rows = [(answer * divisor + left % divisor, divisor) for answer, left, divisor in triples]
    schema = pa.schema({"a": pa.int64(), "b": pa.int64()})
    numbers = ibis.memtable(pa.Table.from_pylist([{"a": a, "b": b} for a, b in rows], schema=schema))
    found = run(numbers.select("a", "b", q=short_quotient(numbers.a, numbers.b)))
    assert [row["a"] // row["b"] for row in found] == [row["q"] for row in found]


def test_a_sum_leaves_the_engine_as_int64(engine: ibis.BaseBackend) -> None:
    numbers = engine.create_view("sums", ibis.memtable({"a": [3012, 3015]}), overwrite=True)
    engine.create_view("totals", numbers.aggregate(a=total(numbers.a)), overwrite=True)
    assert [("BIGINT",)] == engine.raw_sql("SELECT typeof(a) FROM totals").fetchall()


def test_a_sum_over_no_rows_is_0(run: Run) -> None:
    numbers = ibis.memtable({"a": [1]})
    assert [{"a": 0}] == run(numbers.filter(numbers.a > 1).aggregate(a=total(numbers.a)))
