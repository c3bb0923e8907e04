"""`python -m benchmarks.planner [--sizes 4x13 8x52] [--seeds 5] [--effort 30] [--write docs/planner-speed.md]`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from benchmarks.planner.report import report
from benchmarks.planner.run import PLANNER, Run, Size, plan
from oncall_assets.rota.planner.solver import EFFORT

SIZES: Final = ("4x13", "5x13", "8x13", "20x13", "50x13", "4x52", "8x52", "20x52", "50x52")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planner", description=__doc__)
    parser.add_argument("--sizes", type=_size, nargs="+", default=list(map(_size, SIZES)), help="people x weeks")
    parser.add_argument("--seeds", type=int, default=5, help="random teams of each size")
    parser.add_argument("--effort", type=float, default=EFFORT, help="of the planner, as `solve` takes it")
    parser.add_argument("--write", type=Path, help="a Markdown file to write beside printing")
    options = parser.parse_args()
    runs = []
    for size in options.sizes:
        for seed in range(options.seeds):
            runs.append(plan(size, seed, options.effort))
            sys.stderr.write(_told(runs[-1]) + "\n")
    text = report(runs, options.effort)
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")


def _size(text: str) -> Size:
    people, _, weeks = text.partition("x")
    try:
        return Size(int(people), int(weeks))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; expected one such as 8x52") from None


def _told(run: Run) -> str:
    size = f"{run.size.people} people, {run.size.weeks} weeks, seed {run.seed}"
    proof = "proved" if run.load.proven else f"bound {run.load.bound:g}"
    return f"{size}: spread {run.spreads[PLANNER]:.1f} in {run.seconds:.1f} s, {proof}"


if __name__ == "__main__":
    main()
