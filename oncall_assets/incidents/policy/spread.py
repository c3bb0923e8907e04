"""Which incidents have faults where, counted as they come and go, so that nothing is looked for one by one."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from oncall_assets.incidents.policy.partitions import is_range, mends, overlap

Place = TypeVar("Place", bound=Hashable)


@dataclass
class Tally(Generic[Place]):
    """How many faults each incident, by its age, has at each place; an incident without any is not there."""

    at: dict[Place, dict[int, int]] = field(default_factory=dict)

    def add(self, place: Place, age: int) -> None:
        ages = self.at.setdefault(place, {})
        ages[age] = ages.get(age, 0) + 1

    def remove(self, place: Place, age: int) -> None:
        ages = self.at[place]
        ages[age] -= 1
        if not ages[age]:
            del ages[age]
        if not ages:
            del self.at[place]

    def oldest(self, place: Place) -> Iterator[int]:
        """The age of the oldest incident at the place, if there is one; the lower the older."""
        if place in self.at:
            yield min(self.at[place])


@dataclass
class Spread:
    """The faults of one target or asset, by partition."""

    partitions: Tally[str | None] = field(default_factory=Tally)
    ranges: set[str | None] = field(default_factory=set)
    all: Tally[None] = field(default_factory=Tally)

    def add(self, partition: str | None, age: int) -> None:
        self.partitions.add(partition, age)
        self.all.add(None, age)
        if is_range(partition):
            self.ranges.add(partition)

    def remove(self, partition: str | None, age: int) -> None:
        self.partitions.remove(partition, age)
        self.all.remove(None, age)
        if partition not in self.partitions.at:
            self.ranges.discard(partition)

    def meeting(self, partition: str | None) -> Iterator[int]:
        """The age of the oldest incident at each partition that overlaps this one; of all, if there is none."""
        if partition is None:
            yield from self.all.oldest(None)
            return
        # But for ranges, two partitions overlap only if they are equal or one is absent.
        others = tuple(self.partitions.at) if is_range(partition) else (partition, None, *self.ranges)
        for other in others:
            if overlap(partition, other):
                yield from self.partitions.oldest(other)

    def mended_by(self, partition: str | None) -> list[str | None]:
        """The partitions with faults that a success for this one mends."""
        if partition is None or is_range(partition):
            return [other for other in self.partitions.at if mends(partition, other)]
        return [other for other in (partition, None) if other in self.partitions.at]
