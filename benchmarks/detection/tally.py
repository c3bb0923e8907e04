"""What all nights come to, kept in one place for several processes: who missed what, who called for nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

Key = tuple[str, str, str, float]
"""Fault, table, detector and size."""
Place = tuple[str, str]
"""Fault and table."""


@dataclass
class Tally:
    """Counts of nights; with more than `allowed` misses a probe has failed, whatever the other nights say."""

    allowed: int
    misses: Counter[Key] = field(default_factory=Counter)
    planted: Counter[Place] = field(default_factory=Counter)
    """Nights that had a row to spoil."""
    alarms: Counter[str] = field(default_factory=Counter)
    """Nights on which a detector called though nothing was wrong."""
    disturbed: Counter[str] = field(default_factory=Counter)
    """Nights on which any detector of a side did."""
    rows: dict[str, list[int]] = field(default_factory=dict)
    """Rows of each table, night by night."""

    def add(self, night: NightTally) -> None:
        self.misses.update(night.misses)
        self.planted.update(night.planted)
        self.alarms.update(night.alarms)
        self.disturbed.update(night.disturbed)
        for table, rows in night.rows.items():
            self.rows.setdefault(table, []).append(rows)

    def given_up(self) -> frozenset[Key]:
        """The probes that cannot reach their share any more."""
        return frozenset(key for key, count in self.misses.items() if count > self.allowed)

    def whole(self) -> Tally:
        """All of it, from another process."""
        return self


@dataclass(frozen=True, slots=True)
class NightTally:
    """What one night says."""

    misses: Iterable[Key]
    planted: Iterable[Place]
    alarms: Iterable[str]
    disturbed: Iterable[str]
    rows: dict[str, int]
