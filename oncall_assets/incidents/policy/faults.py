"""What is open: incidents as sets of faults, found by target, asset or run without looking at each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from oncall_assets.incidents.policy.spread import Spread, Tally

FaultKey = tuple[str, str | None]
Upstream = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: `target` is an asset, `asset:check`, `job:<name>`, or a trouble's own words.

    `assets` are those concerned, none where it is about no asset. `last_failed_at` is UTC; `run_id` is that of
    the last failure, empty where there was no run.
    """

    target: str
    partition: str | None
    assets: tuple[str, ...]
    last_failed_at: datetime
    run_id: str

    @property
    def key(self) -> FaultKey:
        return self.target, self.partition


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident by the id of the signal that opened it; `cause` are the assets of its first faults.

    `faults` are those still open, by their keys.
    """

    opened_by: str
    cause: frozenset[str]
    faults: Mapping[FaultKey, Fault]


@dataclass(frozen=True, slots=True)
class Mended:
    """What a success did: faults `cleared`, each with its incident, incidents `resolved` by that.

    `outdated`: something is open that it is a success of, but that failed again since.
    """

    cleared: tuple[tuple[str, FaultKey], ...]
    resolved: tuple[str, ...]
    outdated: bool


@dataclass
class _Entry:
    opened_by: str
    cause: frozenset[str]
    faults: dict[FaultKey, Fault] = field(default_factory=dict)


class OpenFaults:
    """The open incidents, oldest first, as they change. One fault may be open in two of them."""

    def __init__(self, incidents: Iterable[OpenIncident]) -> None:
        self._entries: list[_Entry] = []
        self._ages: dict[str, int] = {}
        self._by_target: defaultdict[str, Spread] = defaultdict(Spread)
        self._by_asset: defaultdict[str, Spread] = defaultdict(Spread)
        self._by_run: Tally[tuple[str, str]] = Tally()
        # Only of faults on the assets that are their incident's cause.
        self._by_cause: defaultdict[str, Spread] = defaultdict(Spread)
        for incident in incidents:
            self.begin(incident.opened_by, incident.cause)
            self.fail(incident.opened_by, incident.faults.values())

    def begin(self, opened_by: str, cause: frozenset[str]) -> None:
        """A new incident, the youngest of all and still without faults."""
        self._ages[opened_by] = len(self._entries)
        self._entries.append(_Entry(opened_by, cause))

    def failing_already(self, faults: Sequence[Fault]) -> str | None:
        """The oldest incident in which one of the faults is open, or else one of their targets."""
        return self._oldest(faults, self._same_fault) or self._oldest(faults, self._same_target)

    def cause_of(self, faults: Sequence[Fault], upstream: Upstream) -> str | None:
        """The oldest incident about the same asset, or else the oldest whose cause is upstream of one."""
        return self._oldest(faults, self._same_asset) or self._oldest(
            faults, lambda fault: self._upstream(fault, upstream)
        )

    def fail(self, opened_by: str, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """Add the faults to the incident, or let them fail again there; they come back as they stand then."""
        age = self._ages[opened_by]
        return tuple(self._put(age, fault) for fault in faults)

    def succeed(
        self, targets: Iterable[str], partition: str | None, at: datetime, concerns: Callable[[Fault], bool]
    ) -> Mended:
        """Clear the faults of these targets that a success at `at` mends and `concerns` accepts."""
        cleared: list[tuple[int, FaultKey]] = []
        outdated = False
        for age, fault in self._mended(sorted(targets), partition):
            if not concerns(fault):
                continue
            if fault.last_failed_at > at:
                outdated = True
            else:
                self._drop(age, fault)
                cleared.append((age, fault.key))
        over = [age for age in sorted({age for age, _ in cleared}) if not self._entries[age].faults]
        return Mended(
            tuple((self._entries[age].opened_by, key) for age, key in cleared),
            tuple(self._entries[age].opened_by for age in over),
            outdated,
        )

    def _mended(self, targets: Iterable[str], partition: str | None) -> list[tuple[int, Fault]]:
        return [
            (age, self._entries[age].faults[target, other])
            for target in targets
            if target in self._by_target
            for other in self._by_target[target].mended_by(partition)
            for age in sorted(self._by_target[target].partitions.at[other])
        ]

    def _oldest(self, faults: Iterable[Fault], having: Callable[[Fault], Iterator[int]]) -> str | None:
        ages = [age for fault in faults for age in having(fault)]
        return self._entries[min(ages)].opened_by if ages else None

    def _same_fault(self, fault: Fault) -> Iterator[int]:
        if fault.target in self._by_target:
            yield from self._by_target[fault.target].partitions.oldest(fault.partition)

    def _same_target(self, fault: Fault) -> Iterator[int]:
        if fault.target in self._by_target:
            yield from self._by_target[fault.target].all.oldest(None)

    def _same_asset(self, fault: Fault) -> Iterator[int]:
        for asset in fault.assets:
            if asset in self._by_asset:
                yield from self._by_asset[asset].meeting(fault.partition)
                yield from self._by_run.oldest((asset, fault.run_id))

    def _upstream(self, fault: Fault, upstream: Upstream) -> Iterator[int]:
        for asset in fault.assets:
            ancestors = upstream(asset)
            few, many = sorted((ancestors, self._by_cause.keys()), key=len)
            for ancestor in few:
                if ancestor in many:
                    yield from self._by_cause[ancestor].meeting(fault.partition)

    def _put(self, age: int, fault: Fault) -> Fault:
        known = self._entries[age].faults.get(fault.key)
        if known:
            self._drop(age, known)
            # Signals of two runs may be read in the other order.
            latest = max(known, fault, key=lambda one: one.last_failed_at)
            fault = replace(fault, last_failed_at=latest.last_failed_at, run_id=latest.run_id)
        self._entries[age].faults[fault.key] = fault
        for spread in self._spreads(age, fault):
            spread.add(fault.partition, age)
        for run in _runs(fault):
            self._by_run.add(run, age)
        return fault

    def _drop(self, age: int, fault: Fault) -> None:
        del self._entries[age].faults[fault.key]
        for spread in self._spreads(age, fault):
            spread.remove(fault.partition, age)
        for run in _runs(fault):
            self._by_run.remove(run, age)

    def _spreads(self, age: int, fault: Fault) -> Iterator[Spread]:
        yield self._by_target[fault.target]
        for asset in fault.assets:
            yield self._by_asset[asset]
            if asset in self._entries[age].cause:
                yield self._by_cause[asset]


def _runs(fault: Fault) -> Iterator[tuple[str, str]]:
    return ((asset, fault.run_id) for asset in fault.assets if fault.run_id)
