"""The smallest size of a fault that each detector finds on one night, with as few judgements as that takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from functools import lru_cache, partial

from benchmarks.detection.detector import Detector
from benchmarks.detection.faults import Case
from benchmarks.detection.nights import Night, made_of
from benchmarks.detection.tally import Key


def concerned(case: Case, detectors: Sequence[Detector]) -> Iterator[Detector]:
    """The detectors that look at what the fault spoils."""
    spoilt = made_of(case.table)
    return (detector for detector in detectors if detector.concerned(case.table, spoilt))


def missed(
    night: Night, case: Case, detectors: Sequence[Detector], given_up: Set[Key], proven: Set[tuple[str, str, str]]
) -> list[Key]:
    """Each probe that stays silent. A fault is within every larger one: what is found small counts as found large.

    Probes that are `given_up` are neither judged nor told. A detector that is `proven`, by having found this fault
    on another night, is asked for the smallest size first; others for the largest, for most find none.
    """
    tonight, yesterday = night.tonight(case.table), night.past.tables[case.table][night.yesterday]

    @lru_cache
    def spoilt(size: float) -> Night:
        # Drawn anew for each size, so that the rows of a smaller one are among those of a larger one.
        chance = night.past.company.chance(f"{case.fault} of {case.table}", night.day)
        return night.spoil(case.table, case.plant(tonight, yesterday, size, chance))

    silent: list[Key] = []
    for detector in concerned(case, detectors):
        keys = [key_of(case, detector, size) for size in sorted(case.sizes)]
        asked = [key for key in keys if key not in given_up]
        finds = partial(_finds, detector, case.table, spoilt)
        silent += asked[: _first(asked, finds, smallest_first=keys[0][:3] in proven)]
    return silent


def key_of(case: Case, detector: Detector, size: float) -> Key:
    return case.fault, case.table, detector.name, size


def _finds(detector: Detector, table: str, spoilt: Callable[[float], Night], key: Key) -> bool:
    return detector.alarms(spoilt(key[3]), table)


def _first(keys: Sequence[Key], finds: Callable[[Key], bool], *, smallest_first: bool) -> int:
    """The place of the first one that finds something; how many there are if none does."""
    if not keys or not (smallest_first or finds(keys[-1])):
        return len(keys)
    unknown = keys if smallest_first else keys[:-1]
    return next((place for place, key in enumerate(unknown) if finds(key)), len(unknown))
