"""`python -m benchmarks.detection [--nights 200] [--seeds 10] [--accounts 10000] [--write docs/detection.md]`"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.detection.faults import cases
from benchmarks.detection.ours import default_runbooks, left_out
from benchmarks.detection.report import report
from benchmarks.detection.run import Plan, detectors_of, measure


def main() -> None:
    plan = Plan()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    parser.add_argument("--nights", type=int, default=plan.nights)
    parser.add_argument("--seeds", type=int, default=plan.seeds, help="companies that share the nights")
    parser.add_argument("--accounts", type=int, default=plan.accounts)
    parser.add_argument("--events", type=float, default=plan.events_per_user_day, help="of a user on a day of use")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", type=Path, help="a Markdown file to write beside printing")
    options = parser.parse_args()
    plan = Plan(options.nights, options.seeds, options.accounts, options.events)
    handbook = default_runbooks()
    tally = measure(plan, handbook, options.workers)
    detectors = detectors_of(handbook, rivals=True)
    text = report(tally, plan, list(cases()), detectors, left_out(handbook))
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
