"""Days that nobody wrote appear when they are due, and what is there stays as it is."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from oncall_assets.metrics.contracts import LANDED
from oncall_assets.sample import Company, fill, parse_fault, write

SHORT, LONG = Company(accounts=30, days=2, seed=4), Company(accounts=30, days=4, seed=4)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("*/*.parquet")}


def test_filling_an_empty_folder_writes_what_write_writes(tmp_path: Path) -> None:
    write(LONG, tmp_path / "written")
    assert 4 * len(LANDED) == fill(LONG, tmp_path / "filled")
    assert files(tmp_path / "written") == files(tmp_path / "filled")


def test_a_file_that_is_there_keeps_its_faults(tmp_path: Path) -> None:
    write(SHORT, tmp_path, [parse_fault("no-events@2026-09-02")])
    before = files(tmp_path)
    assert 2 * len(LANDED) == fill(LONG, tmp_path)
    after = files(tmp_path)
    assert before == {name: after[name] for name in before}
    assert 0 == pq.read_metadata(tmp_path / "usage_events" / "2026-09-02.parquet").num_rows


def test_filling_twice_writes_nothing_the_second_time(tmp_path: Path) -> None:
    fill(SHORT, tmp_path)
    assert 0 == fill(SHORT, tmp_path)
