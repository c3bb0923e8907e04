"""The least spread of a window's loads by HiGHS: read as JSON, told as a number, in a process of its own.

The libraries of HiGHS and OR-Tools cannot be loaded into one process: one takes the other's functions for its own.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import highspy


def least_spread(shares: dict[str, float], start: dict[str, float], total: float, blocks: list[Any]) -> float:
    """`blocks` has for each block the points by person of each pair that may own it.

    `total` is what is settled, `start` what everybody has before, in points; `shares` what part of all is theirs.
    """
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    loads = {who: [(points, None)] for who, points in start.items()}
    everything = [(total, None)]
    for pairs in blocks:
        chosen = [solver.addBinary() for _ in pairs]
        solver.addConstr(solver.qsum(chosen) == 1)
        for literal, points in zip(chosen, pairs, strict=True):
            everything.append((sum(points.values()), literal))
            for who, more in points.items():
                loads[who].append((more, literal))
    low, high, sum_of_all = (solver.addVariable(lb=-highspy.kHighsInf) for _ in range(3))
    solver.addConstr(_sum(solver, everything) - sum_of_all == -total)
    for who, brought in loads.items():
        deviation = _sum(solver, brought) - shares[who] * sum_of_all
        solver.addConstr(deviation - low >= -start[who])
        solver.addConstr(deviation - high <= -start[who])
    solver.minimize(high - low)
    return float(solver.getObjectiveValue())


def _sum(solver: Any, terms: list[tuple[float, Any]]) -> Any:
    """Of what has a literal; the rest is a number that the caller has on the other side."""
    return solver.qsum([points * literal for points, literal in terms if literal is not None])


if __name__ == "__main__":
    print(least_spread(**json.load(sys.stdin)))
