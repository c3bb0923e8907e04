"""The benchmark of detection judges what it says it judges: its figures are only worth as much."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.detection.detector import Detector
from benchmarks.detection.faults import Case, cases
from benchmarks.detection.nights import Night, Past, working_engine
from benchmarks.detection.ours import checks_of, default_runbooks
from benchmarks.detection.report import smallest
from benchmarks.detection.run import Plan, tallied
from benchmarks.detection.search import key_of, missed
from benchmarks.detection.sigma import three_sigma
from benchmarks.detection.tally import NightTally, Tally
from oncall_assets.sample import Company

PLAN = Plan(nights=2, seeds=1, accounts=80)
TABLES = frozenset({"revenue_records", "expense_records", "account_events"})
FAULTS = [case for case in cases() if case.table in TABLES and case.fault in ("missing rows", "negative seats")]
TOTAL = "revenue_records: revenue_total_as_filed"
NOBODY: frozenset[tuple[str, str, str, float]] = frozenset()


@pytest.fixture(scope="module")
def detectors() -> list[Detector]:
    """The door, the checks on what lands, and the three sigmas."""
    ours = [one for one in checks_of(default_runbooks()) if one.reads <= TABLES]
    return [*ours, three_sigma()]


@pytest.fixture(scope="module")
def nights(detectors: list[Detector]) -> list[NightTally]:
    (company,) = PLAN.companies
    return list(tallied(PLAN, company, Tally(PLAN.allowed), FAULTS, detectors))


def missed_by(night: NightTally, fault: str, table: str, name: str) -> list[float]:
    return [size for *key, size in night.misses if key == [fault, table, name]]


def test_missing_revenue_is_found_by_the_check_against_the_filing(nights: list[NightTally]) -> None:
    assert [[], []] == [missed_by(night, "missing rows", "revenue_records", TOTAL) for night in nights]


def test_a_check_of_other_columns_stays_silent(nights: list[NightTally]) -> None:
    sizes = sorted(FAULTS[0].sizes)
    name = "revenue_records: revenue_in_dollars"
    assert [sizes, sizes] == [missed_by(night, "missing rows", "revenue_records", name) for night in nights]


def test_a_clean_night_has_no_alarm_of_ours(nights: list[NightTally]) -> None:
    assert [False, False] == ["ours" in night.disturbed for night in nights]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    company = Company(accounts=60, days=32, seed=3)
    with working_engine(tmp_path_factory.mktemp("night")) as engine:
        yield Night(Past(company, engine), company.calendar.last, {})


def test_what_is_computed_from_a_spoilt_table_is_computed_anew_and_nothing_else(night: Night) -> None:
    spoilt = night.spoil("revenue_records", night.tonight("revenue_records").slice(0, 0))
    assert night.tonight("profit") != spoilt.tonight("profit")
    assert night.tonight("growth") is spoilt.tonight("growth")
    earned = [grain["revenue_cents"] for grain in spoilt.tonight("aggregate_profit").to_pylist()]
    assert 0 in earned
    assert max(earned) > 0  # the days before are still in the week's and the month's figure


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.unit == "rows"], ids=lambda c: c.fault + c.table
)
def test_a_fault_changes_something_and_repeats_itself(case: Case, night: Night) -> None:
    tonight = night.past.read(case.table, night.past.company.calendar)
    twice = [case.plant(tonight, tonight, 0.03, np.random.default_rng(5)) for _ in range(2)]
    assert tonight != twice[0]
    assert twice[0] == twice[1]


def test_a_smaller_fault_is_within_a_larger_one(night: Night) -> None:
    (case,) = (case for case in FAULTS if (case.fault, case.table) == ("missing rows", "expense_records"))
    tonight = night.past.read(case.table, night.past.company.calendar)
    left = [case.plant(tonight, tonight, size, np.random.default_rng(5)) for size in (0.01, 0.1)]
    smaller, larger = ({*tonight["record_id"].to_pylist()} - {*rows["record_id"].to_pylist()} for rows in left)
    assert [round(len(tonight) * size) for size in (0.01, 0.1)] == [len(smaller), len(larger)]
    assert smaller < larger


@pytest.mark.parametrize(("rows", "calls"), [(97, True), (98, False), (104, False), (105, True)])
def test_three_sigmas_call_beyond_three_deviations_of_four_weeks(rows: int, calls: bool, night: Night) -> None:
    past = copy(night.past)
    line = night.tonight("expense_records").slice(0, 1)
    days = reversed(night.past.company.calendar.each)
    # What was before the four weeks counts for nothing.
    counts = [
        100 + 2 * (number % 2) if number <= 28 else 50 for number, _ in enumerate(night.past.tables["growth"])
    ]
    past.tables = {
        "expense_records": {day: pa.concat_tables([line] * count) for day, count in zip(days, counts, strict=True)}
    }
    spoilt = Night(past, night.day, {"expense_records": pa.concat_tables([line] * rows)})
    assert calls == three_sigma().alarms(spoilt, "expense_records")


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("threshold", [0.02, 0.01, 0.003, 0.0005, 0.0])
def test_the_search_misses_what_is_below_the_threshold(threshold: float, proven: bool, night: Night) -> None:
    keys = [("thinned", "expense_records", "sharp", size) for size in sorted(THINNED.sizes)]
    expected = [key for key in keys if key[3] < threshold]
    known = {keys[0][:3]} if proven else set()
    assert expected == missed(night, THINNED, [sharp(threshold)], NOBODY, known)
    assert expected[2:] == missed(night, THINNED, [sharp(threshold)], frozenset(keys[:2]), known)


def test_a_size_is_given_up_with_one_miss_more_than_is_allowed() -> None:
    tally, key = Tally(allowed=1), ("missing rows", "feedback", TOTAL, 0.01)
    tally.add(NightTally([key], [], [], [], {}))
    assert frozenset() == tally.given_up()
    tally.add(NightTally([key], [], [], [], {}))
    assert {key} == tally.given_up()


@pytest.mark.parametrize(("silent", "expected"), [(1, 0.0001), (2, 0.003), (40, None)])
def test_what_counts_is_found_on_19_of_20_nights(silent: int, expected: float | None) -> None:
    misses = [key_of(THINNED, sharp(0), size) for size in THINNED.sizes if size < (0.003 if silent < 40 else 1)]
    tally = Tally(allowed=2)
    for number in range(20):
        tally.add(NightTally(misses if number < silent else [], [("thinned", "expense_records")], [], [], {}))
    assert expected == smallest(tally, THINNED, sharp(0))


def thinned(rows: pa.Table, _: pa.Table, size: float, __: np.random.Generator) -> pa.Table:
    """As many rows as the share has millionths, in place of them all."""
    return pa.concat_tables([rows.slice(0, 1)] * round(1e6 * size))


THINNED = Case("thinned", "expense_records", "rows", FAULTS[0].sizes, thinned)


def sharp(threshold: float) -> Detector:
    """Finds the fault above from a size on."""

    def alarms(night: Night, table: str) -> bool:
        return len(night.tonight(table)) >= round(1e6 * threshold)

    return Detector("ours", "sharp", frozenset({"expense_records"}), alarms)
