"""Files are as the contracts say, faults stay where they were planted, and mistakes are refused in time."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from oncall_assets.metrics.contracts import LANDED
from oncall_assets.sample import FAULTS, Company, Fault, Written, each_day, write

COMPANY = Company(accounts=300, days=6, seed=9, first_day=date(2026, 10, 5))
DAY = date(2026, 10, 6)

Files = dict[tuple[str, str], pa.Table]


def _files(folder: Path) -> Files:
    return {(path.parent.name, path.stem): pq.read_table(path) for path in sorted(folder.rglob("*.parquet"))}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("clean")
    write(COMPANY, folder)
    return _files(folder)


def test_there_is_a_file_for_every_table_and_day_and_nothing_else(tmp_path: Path) -> None:
    written = write(COMPANY, tmp_path / "new" / "folder")
    found = sorted(str(path.relative_to(written.folder)) for path in written.folder.rglob("*") if path.is_file())
    assert sorted(f"{name}/{day}.parquet" for name in LANDED for day in COMPANY.calendar.keys) == found
    rows = {name: pq.read_table(written.folder / name).num_rows for name in LANDED}
    assert Written(written.folder, COMPANY.calendar, 42, rows, ()) == written


def test_every_file_has_its_contracts_schema_also_without_rows(tmp_path: Path) -> None:
    write(Company(accounts=1, days=8), tmp_path)
    files = _files(tmp_path)
    assert any(table.num_rows == 0 for table in files.values())
    for (name, _), table in files.items():
        assert LANDED[name].schema.to_pyarrow() == table.schema


def test_what_is_written_is_what_was_made(clean: Files) -> None:
    for sample in each_day(COMPANY):
        for name, table in sample.tables.items():
            assert table == clean[name, str(sample.day)]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_changes_its_table_on_its_day_and_nothing_else(tmp_path: Path, clean: Files, name: str) -> None:
    fault = Fault(name, DAY)
    written = write(COMPANY, tmp_path, [fault])
    files = _files(tmp_path)
    changed = {key for key in clean if clean[key] != files[key]}
    later = {(fault.kind.table, str(DAY + timedelta(days=offset))) for offset in (2, 3, 4)}
    expected = {(fault.kind.table, str(DAY))} | (later if name == "late-events" else set())
    assert expected == changed
    assert (fault,) == written.faults


def test_the_filing_does_not_know_of_faults(tmp_path: Path, clean: Files) -> None:
    write(COMPANY, tmp_path, [Fault("missing-revenue", DAY)])
    totals = pq.read_table(tmp_path / "control_totals" / f"{DAY}.parquet")
    filed = totals.filter(pc.field("source") == "revenue_records")["rows"][0].as_py()
    assert clean["revenue_records", str(DAY)].num_rows == filed
    assert filed > pq.read_table(tmp_path / "revenue_records" / f"{DAY}.parquet").num_rows


def test_delayed_events_come_on_later_days_and_none_is_lost(tmp_path: Path, clean: Files) -> None:
    write(COMPANY, tmp_path, [Fault("late-events", DAY)])
    files = _files(tmp_path)
    usage = [key for key in clean if key[0] == "usage_events"]
    assert sorted(_ids(clean, usage)) == sorted(_ids(files, usage))
    for name, day in usage:
        assert {day} == set(files[name, day]["ingested_at"].cast(pa.date32()).cast(pa.string()).to_pylist())


def _ids(files: Files, keys: list[tuple[str, str]]) -> list[str]:
    return [event for key in keys for event in files[key]["event_id"].to_pylist()]


def test_a_stream_that_is_down_lets_no_delayed_event_through(tmp_path: Path) -> None:
    down = DAY + timedelta(days=3)
    write(COMPANY, tmp_path, [Fault("late-events", DAY), Fault("no-events", down)])
    assert 0 == pq.read_table(tmp_path / "usage_events" / f"{down}.parquet").num_rows


def test_a_longer_sample_is_written_over_a_shorter_one(tmp_path: Path, clean: Files) -> None:
    write(Company(accounts=300, days=3, seed=9, first_day=date(2026, 10, 5)), tmp_path)
    write(COMPANY, tmp_path)
    assert clean == _files(tmp_path)


def test_a_folder_with_other_days_is_refused_and_left_alone(tmp_path: Path) -> None:
    write(Company(accounts=1, days=2, first_day=date(2026, 9, 1)), tmp_path)
    before = _files(tmp_path)
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the exact text is asserted below
        write(COMPANY, tmp_path)
    assert (
        f"{tmp_path} already holds 14 files of other days, such as revenue_records/2026-09-01.parquet;"
        " the sample has the days 2026-10-05 to 2026-10-10: give an empty folder" == str(refusal.value)
    )
    assert before == _files(tmp_path)


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        (
            [Fault("no-events", date(2026, 10, 11))],
            "fault no-events@2026-10-11: the sample has the days 2026-10-05 to 2026-10-10 only",
        ),
        ([Fault("no-events", DAY)] * 2, "fault no-events@2026-10-06 is given twice; give it once"),
    ],
)
def test_an_impossible_fault_is_refused_before_anything_is_written(
    tmp_path: Path, faults: list[Fault], message: str
) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the exact text is asserted below
        write(COMPANY, tmp_path, faults)
    assert message == str(refusal.value)
    assert [] == list(tmp_path.iterdir())
