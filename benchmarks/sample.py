"""How fast the sample company is made, beside the least it could cost: writing the same rows once more.

.venv/bin/python benchmarks/sample.py [--accounts 11000] [--days 60]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

from oncall_assets.sample import Company, write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=11_000)
    parser.add_argument("--days", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        written = write(Company(accounts=options.accounts, days=options.days), Path(folder))
        made = time.perf_counter() - began
        again = rewriting(Path(folder))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    events, rows = written.rows["usage_events"], sum(written.rows.values())
    print(f"{rows:,} rows, {events:,} of them usage events, in {written.files} files")
    print(f"made and written   {made:6.1f} s   {rows / made:12,.0f} rows/s   {memory:.2f} GiB at most")
    print(f"read and rewritten {again:6.1f} s   {rows / again:12,.0f} rows/s   (PyArrow, same rows and codec)")
    print(f"ratio              {made / again:6.1f}")


def rewriting(folder: Path) -> float:
    """Seconds to read each file and write it again as it was written."""
    began = time.perf_counter()
    for path in sorted(folder.glob("*/*.parquet")):
        pq.write_table(pq.read_table(path), path.with_suffix(".again"), compression="zstd", compression_level=1)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
