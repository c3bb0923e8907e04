"""A figure's code version changes with what is computed, and with nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from oncall_assets.metrics.days import Days
from oncall_assets.metrics.profit import aggregate_profit
from oncall_assets.pipelines.figure import HISTORY, PERIODS, SAME_DAY, Window
from oncall_assets.pipelines.fingerprint import fingerprint

SCRIPT = """
from oncall_assets.metrics.experiments import experiment_readout
from oncall_assets.metrics.profit import aggregate_profit
from oncall_assets.pipelines.figure import HISTORY, PERIODS
from oncall_assets.pipelines.fingerprint import fingerprint
reads = {"unit_level_profit": HISTORY, "experiment_assignments": HISTORY}
print(fingerprint(experiment_readout, reads, "experiment_readout"))
print(fingerprint(aggregate_profit, {"profit": PERIODS}, "aggregate_profit"))
"""

Compute = Callable[..., ir.Table]


def of(compute: Compute, window: Window = SAME_DAY) -> str:
    return fingerprint(compute, {"profit": window}, "aggregate_profit")


def summed(profit: ir.Table, days: Days) -> ir.Table:
    return profit.filter(profit.day <= days.last).group_by("day").aggregate(n=profit.profit_cents.sum())


def test_it_is_the_same_in_every_process_whatever_the_hash_seed() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    (lines,) = printed
    assert of_aggregate() == lines.splitlines()[1]


def of_aggregate() -> str:
    return of(aggregate_profit, PERIODS)


def test_the_same_computation_written_otherwise_is_the_same() -> None:
    def in_steps(profit: ir.Table, days: Days) -> ir.Table:
        """Another name, other lines, and a comment."""
        until = days.last
        kept = profit.filter(profit.day <= until)
        return kept.group_by("day").aggregate(n=profit.profit_cents.sum())

    assert of(summed) == of(in_steps)
    assert of(summed) == of(summed)


def test_another_computation_another_window_or_another_constant_is_another() -> None:
    def filtered(profit: ir.Table, days: Days) -> ir.Table:
        return summed(profit.filter(profit.profit_cents > 0), days)

    def filtered_otherwise(profit: ir.Table, days: Days) -> ir.Table:
        return summed(profit.filter(profit.profit_cents > 1), days)

    def averaged(profit: ir.Table, days: Days) -> ir.Table:
        return profit.filter(profit.day <= days.last).group_by("day").aggregate(n=profit.profit_cents.mean())

    found = [of(summed), of(filtered), of(filtered_otherwise), of(averaged), of(summed, HISTORY)]
    assert len(found) == len(set(found))


def test_rows_that_the_code_brings_along_count_and_their_random_name_does_not() -> None:
    def with_rate(cents: int) -> Compute:
        def compute(profit: ir.Table, days: Days) -> ir.Table:
            rates = ibis.memtable(pa.table({"day": days.each, "rate": [cents] * len(days.each)}))
            return profit.join(rates, "day")

        return compute

    assert of(with_rate(1)) == of(with_rate(1))
    assert of(with_rate(1)) != of(with_rate(2))
