"""The default runbooks' checks, with the thresholds written there, and the door that every source passes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.detection.detector import OURS, Detector
from benchmarks.detection.nights import Night
from oncall_assets.checks.rules import Evidence, Unjudged, judge
from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.rules import OF_THE_FILING, installation, records, reporting, tables_named
from oncall_assets.handbook.runbook import Check
from oncall_assets.metrics.contracts import CONTRACTS, LANDED
from oncall_assets.pipelines.admission import BrokenContract, admit
from oncall_assets.pipelines.arrival import Arrived

DOOR: Final = "the door"

_RUNBOOKS: Final = Path(__file__).parents[2] / "runbooks"
# What these rules ask cannot be read from tables: when a table was computed, who may read it, what is installed.
_OF_FACTS: Final = frozenset(module.__name__ for module in (installation, records, reporting))


def default_runbooks() -> Handbook:
    return load_handbook(_RUNBOOKS, frozenset(LANDED))


def checks_of(handbook: Handbook) -> Iterator[Detector]:
    """A detector for the door, and one for each check that reads nothing but tables."""
    yield Detector(OURS, DOOR, frozenset(LANDED), _refused, each=True)
    for _, _, check in handbook.checks():
        if type(check.expect).__module__ not in _OF_FACTS:
            yield _detector(check)


def left_out(handbook: Handbook) -> list[str]:
    """The checks that read more than tables, each as `asset: name (rule)`."""
    return [
        f"{_name(check)} ({check.expect.rule})"
        for _, _, check in handbook.checks()
        if type(check.expect).__module__ in _OF_FACTS
    ]


def _detector(check: Check) -> Detector:
    # A rule of the filing may be about another table than the one it stands at.
    source = getattr(check.expect, "source", None)
    reads = {check.asset, *(table for _, table in tables_named(check.expect))}
    if check.expect.rule in OF_THE_FILING and source:
        reads.add(source)

    def alarms(night: Night, _: str) -> bool:
        try:
            return not judge(check.expect, Evidence(check.asset, night.days, night.read)).passed
        except Unjudged:
            return True

    return Detector(OURS, _name(check), frozenset(reads), alarms)


def _name(check: Check) -> str:
    return f"{check.asset}: {check.name}"


def _refused(night: Night, table: str) -> bool:
    """Whether what the source gives would be landed at all."""
    engine = night.past.engine
    engine.create_table("arrived", night.tonight(table), overwrite=True)
    try:
        admit(engine, CONTRACTS[table], Arrived("arrived", False, "the night's file"), night.day)
    except BrokenContract:
        return True
    return False
