"""The company on the eve of a bad night, with weeks of good history: made once for all tests, copied for each."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

import dagster as dg
import pytest

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.book import handbook_files
from oncall_assets.layer import with_on_call
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets.pipelines import company
from oncall_assets.reports import editions
from oncall_assets.sample import Company, write
from oncall_assets_tests.faults.clock import clock

ROOT = Path(__file__).parents[2]
# The last, with the handbook that it is of.
_KNOWN_DEFINITIONS: dict[int, tuple[Handbook, dg.Definitions]] = {}
FIRST: Final = date(2026, 9, 1)
# The night's schedule: two o'clock in New York, in summer time.
NIGHT: Final = timedelta(days=1, hours=6)
# Beyond every night of the tests, so that no file is made up while they run.
_LAST: Final = date(2026, 11, 3)


@dataclass(frozen=True)
class Eve:
    """All is computed and well before `day`; if it is `begun`, on the day too but for what investors read."""

    name: str
    day: date
    after: Eve | None = None
    begun: bool = False

    @property
    def night(self) -> datetime:
        """When the night's run for `day` begins."""
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC) + NIGHT

    @property
    def history(self) -> Days:
        """The days computed beyond those of the eve before."""
        if self.begun:
            return Days.one(self.day)
        return Days(self.after.day if self.after else FIRST, self.day - timedelta(days=1))


# A Tuesday five weeks after the beginning: of the turns of a week since 2026-01-05 the fortieth, which is David's.
ORDINARY: Final = Eve("ordinary", date(2026, 10, 6))
# The same night, when a source is landed again: only what is made of it is computed.
BEGUN: Final = Eve("begun", ORDINARY.day, after=ORDINARY, begun=True)
# A day before the last of a month: the forty-third turn, which is Carol's.
MONTH_END: Final = Eve("month end", date(2026, 10, 30), after=ORDINARY)


def definitions_of(handbook: Handbook) -> dg.Definitions:
    """As `oncall_assets.definitions` has them; the same for the same handbook, as making them takes a second."""
    known = _KNOWN_DEFINITIONS.get(id(handbook))
    if known is None or known[0] is not handbook:
        known = handbook, with_on_call(dg.Definitions.merge(company(handbook), editions(handbook)), handbook)
        _KNOWN_DEFINITIONS.clear()
        _KNOWN_DEFINITIONS[id(handbook)] = known
    return known[1]


def load(folder: Path) -> Handbook:
    """The handbook in the folder; the same one as long as its files say the same."""
    files = tuple((path, path.read_bytes()) for path in handbook_files(folder))
    return _loaded(folder, files)


@lru_cache(maxsize=2)
def _loaded(folder: Path, files: tuple[tuple[Path, bytes], ...]) -> Handbook:  # noqa: ARG001 - what it is known by
    return load_handbook(folder, frozenset(LANDED))


@contextmanager
def quiet() -> Iterator[None]:
    """Dagster's log is in its events; on the screen it costs a tenth of the time."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


class Eves:
    """Makes each eve once, whatever the number of processes that ask for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, eve: Eve) -> Path:
        """The folder of the eve: `dagster`, `sample`, `warehouse`, `runbooks`. Not to be changed."""
        made = self._folder / eve.name.replace(" ", "-")
        base = self.of(eve.after) if eve.after else None
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                partial = self._folder / f"{made.name}.partial"
                shutil.rmtree(partial, ignore_errors=True)
                if base is None:
                    _found(partial)
                else:
                    copy(base, partial)
                _compute(partial, eve)
                partial.rename(made)
        return made


def copy(eve: Path, to: Path) -> None:
    """A world of one's own. What is never written in place is linked and not copied."""
    shutil.copytree(eve, to, copy_function=_copy)


def _copy(source: str, to: str) -> str:
    if source.endswith(".parquet"):
        os.link(source, to)
        return to
    return str(shutil.copy2(source, to))


def _found(home: Path) -> None:
    (home / "dagster").mkdir(parents=True)
    (home / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    shutil.copytree(ROOT / "runbooks", home / "runbooks")
    # The handbook names it as its neighbour.
    shutil.copy(ROOT / "constraints.txt", home)
    sources = load(home / "runbooks").sources
    assert sources.sample is not None
    assert FIRST == sources.first_day
    days = (_LAST - FIRST).days + 1
    write(Company(sources.sample.accounts, days, sources.sample.seed, FIRST), home / "sample")


def _compute(home: Path, eve: Eve) -> None:
    job = definitions_of(load(home / "runbooks")).resolve_job_def("night")
    if eve.begun:
        left_out = {dg.AssetKey("investor_report"), dg.AssetKey(["reporting", "investor_report"])}
        job = job.get_subset(asset_selection=set(job.asset_layer.executable_asset_keys) - left_out)
    with (
        pytest.MonkeyPatch.context() as patch,
        quiet(),
        # A day begins to exist for Dagster when it is over.
        clock(eve.night - timedelta(hours=1 if eve.begun else 24)),
        dg.DagsterInstance.from_config(str(home / "dagster")) as instance,
    ):
        patch.setenv("ONCALL_HOME", str(home))
        _arrive(instance, eve.history)
        result = job.execute_in_process(instance=instance, tags=run_tags(eve.history))
    failed = {
        f"{check.asset_key.to_user_string()}:{check.check_name}"
        for check in result.get_asset_check_evaluations()
        if not check.passed
    }
    assert set() == failed


def _arrive(instance: dg.DagsterInstance, days: Days) -> None:
    """Each day's expenses came in the night after it: computed at once, all but the last would come late."""
    for day in days.each:
        with clock(Days.one(day).start + NIGHT):
            instance.report_runless_asset_event(dg.AssetMaterialization("expense_records", partition=str(day)))
