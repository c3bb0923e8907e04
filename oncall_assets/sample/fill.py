"""The sample company as a source that goes on by itself: days nobody has written yet appear when they are due."""

from __future__ import annotations

from pathlib import Path

from oncall_assets.sample.company import Company
from oncall_assets.sample.days import each_day
from oncall_assets.sample.write import replace


def fill(company: Company, out: Path) -> int:
    """Write the files of the company's days that `out` lacks, and leave those it has, faults and all.

    Returns how many were written. Several processes may fill one folder: they write the same.
    """
    written = 0
    for sample in each_day(company):
        for name, table in sample.tables.items():
            path = out / name / f"{sample.day}.parquet"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                replace(path, table)
                written += 1
    return written
