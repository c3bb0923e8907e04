from __future__ import annotations

import math

import ibis
import pyarrow as pa
import pytest

from oncall_assets.metrics.inference import even_split_p, t_quantile
from oncall_assets_tests.metrics.tables import Row, Run


def p_values(run: Run, cases: list[tuple[float, int]]) -> list[Row]:
    """One row per (chi-square, variants), in the order of chi-square as text."""
    squares, variants = zip(*cases, strict=True)
    numbers = ibis.memtable(pa.table({"x": pa.array(squares, pa.float64()), "k": pa.array(variants, pa.int64())}))
    return run(numbers.select("x", "k", p=even_split_p(numbers.x, numbers.k)))


@pytest.mark.parametrize(
    ("freedom", "quantile", "tolerance"),
    [(4, 2.776445, 1e-3), (5, 2.570582, 3e-4), (10, 2.228139, 1e-5), (30, 2.042272, 1e-6), (1000, 1.962339, 1e-6)],
)
def test_the_quantile_is_that_of_the_printed_tables(
    run: Run, freedom: float, quantile: float, tolerance: float
) -> None:
    numbers = ibis.memtable({"v": [float(freedom)]})
    (row,) = run(numbers.select(t=t_quantile(numbers.v)))
    assert quantile == pytest.approx(row["t"], abs=tolerance)


def test_there_is_no_quantile_below_four_degrees_of_freedom(run: Run) -> None:
    numbers = ibis.memtable({"v": [1.0, 3.99]})
    assert [{"t": None}] * 2 == run(numbers.select(t=t_quantile(numbers.v)))


@pytest.mark.parametrize("square", [1e-9, 1e-6, 1e-3, 0.1, 1.0, 3.84, 10.0, 77.9, 79.1, 200.0, 1300.0])
def test_an_even_split_over_two_is_the_error_function(run: Run, square: float) -> None:
    (row,) = p_values(run, [(square, 2)])
    assert math.erfc(math.sqrt(square / 2)) == pytest.approx(row["p"], rel=1e-8)


@pytest.mark.parametrize(
    ("variants", "square", "p"),
    [
        (2, 3.841459, 0.05),
        (3, 5.991465, 0.05),
        (4, 7.814728, 0.05),
        (5, 13.276704, 0.01),
        (6, 11.070498, 0.05),
        (11, 18.307038, 0.05),
        (12, 19.675138, 0.05),
        (31, 43.772972, 0.05),
        (32, 44.985343, 0.05),
    ],
)
def test_a_chi_square_has_the_probability_of_the_printed_tables(
    run: Run, variants: int, square: float, p: float
) -> None:
    (row,) = p_values(run, [(square, variants)])
    assert p == pytest.approx(row["p"], abs=1e-7)


def test_the_probability_falls_from_1_to_0_and_is_always_a_number(run: Run) -> None:
    for variants in (2, 3, 4, 9, 32):
        rows = p_values(run, [(square, variants) for square in (0.0, 1e-12, 1.0, 10.0, 1e3, 1e6, 1e18)])
        values = [row["p"] for row in sorted(rows, key=lambda row: row["x"])]
        assert all(math.isfinite(value) and 0 <= value <= 1 for value in values)
        assert values == sorted(values, reverse=True)
        assert values[0] == 1.0
        assert values[-1] < 1e-200


def test_one_variant_and_too_many_have_no_probability(run: Run) -> None:
    assert [None, None] == [row["p"] for row in p_values(run, [(1.0, 1), (2.0, 33)])]
