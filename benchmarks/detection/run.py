"""All nights of all companies, on as many processes as asked for, into one tally."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from multiprocessing import get_context
from multiprocessing.managers import BaseManager
from pathlib import Path
from typing import Final, Protocol

from benchmarks.detection.detector import Detector
from benchmarks.detection.faults import Case, cases
from benchmarks.detection.nights import HISTORY_DAYS, Night, Past, working_engine
from benchmarks.detection.ours import checks_of
from benchmarks.detection.search import concerned, key_of, missed
from benchmarks.detection.sigma import three_sigma
from benchmarks.detection.tally import Key, NightTally, Tally
from oncall_assets.handbook import Handbook
from oncall_assets.sample import Company

FOUND: Final = 0.95
"""The share of nights on which a detector must find a size for it to count."""

# So that the companies' nights fall on all seasons of a year and all days of a month.
_FIRST_DAY: Final = date(2025, 1, 1)
_APART: Final = timedelta(days=41)


@dataclass(frozen=True, slots=True)
class Plan:
    """`nights` in all, the same number of each of the `seeds`; each company has `accounts` when its books open."""

    nights: int = 200
    seeds: int = 10
    accounts: int = 10_000
    events_per_user_day: float = 1.5

    @property
    def companies(self) -> list[Company]:
        return [
            Company(
                accounts=self.accounts,
                days=HISTORY_DAYS + -(-self.nights // self.seeds),
                seed=seed,
                first_day=_FIRST_DAY + seed * _APART,
                events_per_user_day=self.events_per_user_day,
            )
            for seed in range(self.seeds)
        ]

    def nights_of(self, company: Company) -> list[date]:
        """The company's days behind its history; the first ones have one more where nights do not share evenly."""
        each, more = divmod(self.nights, self.seeds)
        count = each + (company.seed < more)
        return company.calendar.each[HISTORY_DAYS : HISTORY_DAYS + count]

    @property
    def allowed(self) -> int:
        """How many nights may be missed."""
        return int(self.nights * (1 - FOUND) + 1e-9)


class Counts(Protocol):
    """A tally, here or in another process."""

    def add(self, night: NightTally) -> None: ...

    def given_up(self) -> frozenset[Key]: ...

    def whole(self) -> Tally: ...


class _Shared(BaseManager):
    pass


_Shared.register("Tally", Tally, exposed=("add", "given_up", "whole"))


def detectors_of(handbook: Handbook, *, rivals: bool) -> list[Detector]:
    """Ours, and the rivals if they are wanted."""
    found = list(checks_of(handbook))
    if rivals:
        # Nothing else here needs the rival's library.
        from benchmarks.detection.expectations import expectations  # noqa: PLC0415

        found += [three_sigma(), *expectations()]
    return found


def measure(plan: Plan, handbook: Handbook, workers: int) -> Tally:
    """Every night of every company. The handbook is read once, whoever changes its files meanwhile."""
    context = get_context("spawn")
    with _Shared(ctx=context) as shared, ProcessPoolExecutor(workers, context) as pool:
        counts: Counts = shared.Tally(plan.allowed)  # type: ignore[attr-defined]  # registered above
        list(pool.map(partial(_company, plan, handbook, counts), plan.companies))
        return counts.whole()


def _company(plan: Plan, handbook: Handbook, counts: Counts, company: Company) -> None:
    detectors = detectors_of(handbook, rivals=True)
    for night in tallied(plan, company, counts, list(cases()), detectors):
        counts.add(night)
        print(".", end="", file=sys.stderr, flush=True)


def tallied(
    plan: Plan, company: Company, counts: Counts, faults: Sequence[Case], detectors: Sequence[Detector]
) -> Iterator[NightTally]:
    """What each night of a company says."""
    with tempfile.TemporaryDirectory() as folder, working_engine(Path(folder)) as engine:
        # The processes share the machine among them.
        engine.raw_sql("SET threads = 1")
        engine.raw_sql("SET enable_progress_bar = false")
        past = Past(company, engine)
        proven: set[tuple[str, str, str]] = set()
        for day in plan.nights_of(company):
            yield _night(Night(past, day, {}), faults, detectors, counts.given_up(), proven)


def _night(
    night: Night,
    faults: Sequence[Case],
    detectors: Sequence[Detector],
    given_up: frozenset[Key],
    proven: set[tuple[str, str, str]],
) -> NightTally:
    misses = []
    planted = [case for case in faults if len(night.tonight(case.table))]
    for case in planted:
        silent = missed(night, case, detectors, given_up, proven)
        misses += silent
        largest = {key_of(case, detector, max(case.sizes)) for detector in concerned(case, detectors)}
        proven |= {key[:3] for key in largest - given_up - set(silent)}
    called = [detector for detector in detectors if _called(detector, night)]
    return NightTally(
        misses,
        [(case.fault, case.table) for case in planted],
        [detector.name for detector in called],
        {detector.side for detector in called},
        {table: len(night.tonight(table)) for table in {case.table for case in faults}},
    )


def _called(detector: Detector, night: Night) -> bool:
    """Whether it calls on a night when nothing is wrong."""
    return any(detector.alarms(night, table) for table in detector.asked_of)
