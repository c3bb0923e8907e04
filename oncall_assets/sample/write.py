"""The sample company on disk, as its sources would deliver it: a file for each table and day."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from oncall_assets.metrics.contracts import LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.sample.company import Company
from oncall_assets.sample.days import SampleDay, each_day
from oncall_assets.sample.faults import Fault, plant
from oncall_assets.sample.landing import Landing


@dataclass(frozen=True, slots=True)
class Written:
    """What was written where: files, rows by table as on disk, and the faults planted in them."""

    folder: Path
    days: Days
    files: int
    rows: Mapping[str, int]
    faults: tuple[Fault, ...]


def write(company: Company, out: Path, faults: Sequence[Fault] = ()) -> Written:
    """Write `out/<table>/<YYYY-MM-DD>.parquet`, a file for each landed table and UTC day of landing.

    Every file has its contract's columns and types, also without rows, unless a fault says otherwise. The
    control totals are of the data before the faults. Files of the same days are replaced, one by one.
    Raises ValueError for a fault outside the days or given twice, one with nothing to change, and a
    folder that holds other days; OSError where the folder cannot be written.
    """
    _check_faults(company, faults)
    _check_folder(company, out)
    for name in LANDED:
        (out / name).mkdir(parents=True, exist_ok=True)
    delayed = Landing("usage_events")
    rows: Counter[str] = Counter(dict.fromkeys(LANDED, 0))
    for sample in each_day(company):
        for name, table in _as_delivered(company, faults, sample, delayed).items():
            replace(out / name / f"{sample.day}.parquet", table)
            rows[name] += table.num_rows
    return Written(out, company.calendar, company.days * len(LANDED), dict(rows), tuple(faults))


def _as_delivered(
    company: Company, faults: Sequence[Fault], sample: SampleDay, delayed: Landing
) -> dict[str, pa.Table]:
    """The day's tables with its faults, and with the events that a fault has delayed until that day."""
    tables = dict(sample.tables)
    if any(fault.name == "late-events" for fault in faults):
        # Before the faults: on a day when the stream is down, a delayed event does not come through either.
        delayed.add(tables["usage_events"])
        tables["usage_events"] = delayed.take(sample.day)
    planted = {name: plant(company, faults, sample.day, name, table) for name, table in tables.items()}
    if Fault("late-events", sample.day) in faults:
        delayed.add(planted["usage_events"])
        planted["usage_events"] = delayed.take(sample.day)
    return planted


def replace(path: Path, table: pa.Table) -> None:
    """Write a day's file whole or not at all."""
    # For a reader who comes while a longer sample is written over a shorter one.
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    # A dictionary of identities that hardly repeat costs time and saves nothing.
    repeating = [name for name in table.column_names if name not in ("event_id", "record_id", "feedback_id")]
    pq.write_table(table, partial, compression="zstd", compression_level=1, use_dictionary=repeating)
    partial.replace(path)


def _check_faults(company: Company, faults: Sequence[Fault]) -> None:
    days = company.calendar
    for fault in faults:
        if not days.first <= fault.day <= days.last:
            raise ValueError(f"fault {fault}: the sample has the days {days.first} to {days.last} only")
    twice = [fault for fault, count in Counter(faults).items() if count > 1]
    if twice:
        raise ValueError(f"fault {twice[0]} is given twice; give it once")


def _check_folder(company: Company, out: Path) -> None:
    wanted = set(company.calendar.keys)
    strangers = [
        path for name in LANDED for path in sorted((out / name).glob("*.parquet")) if path.stem not in wanted
    ]
    if strangers:
        raise ValueError(
            f"{out} already holds {len(strangers)} files of other days, such as {strangers[0].relative_to(out)};"
            f" the sample has the days {company.calendar.first} to {company.calendar.last}: give an empty folder"
        )
