"""What was measured, in Markdown that names neither the day nor the machine."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from benchmarks.detection.detector import OURS, SIDES, Detector
from benchmarks.detection.faults import ROWS, Case
from benchmarks.detection.run import FOUND, Plan
from benchmarks.detection.search import concerned, key_of
from benchmarks.detection.tally import Tally

_NOTHING = "—"

_KNOWN = """\
What each knows, of the same tables on the same nights:

- **ours**: the default runbooks' checks with the thresholds written there, and the door that refuses rows of
  another day. They are given the accounting filing, the days before, and the tables computed from the spoilt one.
  The best single check counts; what several find together, each only some of the time, does not.
- **pandera**: expectations written by hand as a careful engineer would: types, empty cells, unique keys, accepted
  values, ranges, late and repeated shares, rows within bounds of the four same weekdays before, and what the
  columns of a row must be to one another. It is given the spoilt table and its row counts; where it has a rule of
  ours, it has our threshold.
- **pandera with the filing**: the same, and a function written by hand that looks up the night's control total and
  demands the same rows and cents to the unit. pandera can say it; finding the filing is the engineer's own code.
- **3 sigma**: alarms if rows, a sum of cents or the number of distinct accounts is more than three standard
  deviations from the mean of the 28 days before. It is given the spoilt table."""


def report(tally: Tally, plan: Plan, faults: Sequence[Case], detectors: Sequence[Detector], out: list[str]) -> str:
    """All tables; `out` names the checks that were left out."""
    return "\n".join(
        [
            "# What a mistake costs before it is noticed",
            "",
            *_setting(tally, plan),
            "",
            _KNOWN,
            "",
            "## The smallest fault found",
            "",
            *_smallest(tally, faults, detectors),
            "",
            "## False alarms",
            "",
            *_false_alarms(tally, plan, detectors),
            "",
            "## Every check",
            "",
            *_by_detector(tally, faults, detectors),
            "",
            "## Left out",
            "",
            *_left_out(out),
            "",
        ]
    )


def _setting(tally: Tally, plan: Plan) -> Iterator[str]:
    rows = ", ".join(f"{table} {_median(tally, table):,}" for table in sorted(tally.rows))
    yield (
        f"Made by `python -m benchmarks.detection --nights {plan.nights} --seeds {plan.seeds} "
        f"--accounts {plan.accounts} --events {plan.events_per_user_day:g} --write docs/detection.md`."
    )
    yield ""
    yield (
        f"{plan.nights} nights of {plan.seeds} sample companies of {plan.accounts:,} accounts, each with nine "
        f"weeks behind it, in all seasons. Rows of a middling night: {rows}. A fault is planted at "
        f"{', '.join(_percent(size) for size in ROWS)} of the night's rows, but in one row at least, so in the "
        "smaller tables several sizes are one row; a share of cents is spread over all lines. Every other fault "
        "has one size. The rows of a smaller fault are among those of a larger one, so what is found small counts "
        f"as found large. What is shown is the smallest size found on at least {_percent(FOUND)} of the nights; "
        f"{_NOTHING} is none."
    )


def _smallest(tally: Tally, faults: Sequence[Case], detectors: Sequence[Detector]) -> Iterator[str]:
    yield f"| Fault | Table | {' | '.join(SIDES)} | Our check |"
    yield f"|{'---|' * (len(SIDES) + 3)}"
    for case in faults:
        found = {one: smallest(tally, case, one) for one in concerned(case, detectors)}
        best = {side: min((size for one, size in found.items() if size and one.side == side), default=None)
                for side in SIDES}  # fmt: skip
        by = [one.name for one, size in found.items() if one.side == OURS and size and size == best[OURS]]
        cells = [_shown(tally, case, best[side]) for side in SIDES]
        yield f"| {case.fault} | `{case.table}` | {' | '.join(cells)} | {'; '.join(by) or _NOTHING} |"


def _false_alarms(tally: Tally, plan: Plan, detectors: Sequence[Detector]) -> Iterator[str]:
    yield f"Of {plan.nights} nights on which nothing was wrong, over all tables:"
    yield ""
    yield "| | Nights with an alarm |"
    yield "|---|---|"
    for side in SIDES:
        yield f"| {side} | {tally.disturbed[side]} |"
    loud = [one for one in detectors if one.side == OURS and tally.alarms[one.name]]
    yield ""
    yield "; ".join(f"{one.name}: {tally.alarms[one.name]}" for one in loud) or "None of our checks called."


def _by_detector(tally: Tally, faults: Sequence[Case], detectors: Sequence[Detector]) -> Iterator[str]:
    yield "| Check | Finds | False alarms |"
    yield "|---|---|---|"
    silent = []
    for one in detectors:
        if one.side == OURS:
            if found := list(_found(tally, faults, one)):
                yield f"| {one.name} | {'; '.join(found)} | {tally.alarms[one.name]} |"
            else:
                silent.append(one.name)
    yield ""
    yield f"For larger faults than these, or for others: {'; '.join(silent) or 'none'}."


def _found(tally: Tally, faults: Sequence[Case], detector: Detector) -> Iterator[str]:
    for case in faults:
        if any(concerned(case, [detector])) and (size := smallest(tally, case, detector)):
            yield f"{case.fault} in `{case.table}`: {_shown(tally, case, size)}"


def _left_out(out: list[str]) -> Iterator[str]:
    yield (
        "These checks ask what no table says, such as when something was computed or who may read it; the fault "
        "matrix among the tests makes each of them call."
    )
    yield ""
    yield from (f"- {name}" for name in out)
    if not out:
        yield "- none"


def smallest(tally: Tally, case: Case, detector: Detector) -> float | None:
    """The smallest size found on enough of the nights that had a row to spoil; None if there is none."""
    planted = tally.planted[case.fault, case.table]
    misses = {size: tally.misses[key_of(case, detector, size)] for size in case.sizes}
    return min(
        (size for size in case.sizes if planted and planted - misses[size] >= FOUND * planted), default=None
    )


def _shown(tally: Tally, case: Case, size: float | None) -> str:
    if size is None:
        return _NOTHING
    if case.unit == "file":
        return "found"
    if case.unit == "unit":
        return "1"
    if case.unit == "cents":
        return _percent(size)
    rows = case.rows(_median(tally, case.table), size)
    if rows == 1:
        return f"1 row ({_percent(1 / max(1, _median(tally, case.table)))})"
    return f"{_percent(size)} ({rows} rows)"


def _median(tally: Tally, table: str) -> int:
    return int(statistics.median(tally.rows[table]))


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
