"""What all runs come to, as the Markdown that `docs/planner-speed.md` keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from benchmarks.planner.run import PLANNER, RIVALS, Run, Size
from oncall_assets.rota.fairness import FAIR

_NAMES = (*RIVALS, PLANNER)
_HEAD = """\
# How fair plans are, and what the proof costs

Made by `python -m benchmarks.planner --write docs/planner-speed.md`: random teams over four countries, everybody
with two vacations a year; public holidays excuse, nobody has a role in two turns in a row, everybody has one major
holiday off. The spread is the largest less the smallest deviation from the share, in points: {fair:g} or less is
fair, a week of primary duty is 90. Medians and, in brackets, the worst of {seeds}.
"""
_BETWEEN = """
Proved: on how many seeds the load was proved to be the best that the rules allow, with up to {effort:g} of effort
(CP-SAT's deterministic time); where it was not, the largest gap to the bound, in points.

## Rules broken, as the independent auditor counts them
"""


def report(runs: Sequence[Run], effort: float) -> str:
    """A table of the spread and of the proof by size, and one of the rules broken; medians over the seeds."""
    sizes = list(dict.fromkeys(run.size for run in runs))
    seeds = len({run.seed for run in runs})
    lines = [
        _HEAD.format(fair=FAIR, seeds=f"{seeds} seed{'s' * (seeds != 1)}"),
        *_table(("people × weeks", *_NAMES, "seconds", "proved"), (_spreads(runs, size) for size in sizes)),
        _BETWEEN.format(effort=effort),
        *_table(("people × weeks", *_NAMES), (_broken(runs, size) for size in sizes)),
    ]
    return "\n".join(lines) + "\n"


def _spreads(runs: Sequence[Run], size: Size) -> Iterator[str]:
    own = [run for run in runs if run.size == size]
    yield f"{size.people} × {size.weeks}"
    for name in _NAMES:
        yield _middle([run.spreads[name] for run in own], 0 if name != PLANNER else 1)
    yield _middle([run.seconds for run in own], 1)
    open_gaps = [run.load.value - run.load.bound for run in own if not run.load.proven]
    proven = f"{len(own) - len(open_gaps)} of {len(own)}"
    yield f"{proven}, gap {max(open_gaps):.0f}" if open_gaps else proven


def _broken(runs: Sequence[Run], size: Size) -> Iterator[str]:
    own = [run for run in runs if run.size == size]
    yield f"{size.people} × {size.weeks}"
    for name in _NAMES:
        yield _middle([float(run.broken[name]) for run in own], 0)


def _middle(values: Sequence[float], digits: int) -> str:
    middle, worst = (f"{value:.{digits}f}" for value in (median(values), max(values)))
    return middle if middle == worst else f"{middle} ({worst})"


def _table(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(row)} |"
