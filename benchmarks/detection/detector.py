"""What all that may notice a fault have in common, so that ours and the rivals are asked the same question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.detection.nights import Night

OURS: Final = "ours"
PANDERA: Final = "pandera"
WITH_FILING: Final = "pandera with the filing"
SIGMA: Final = "3 sigma"
SIDES: Final = (OURS, PANDERA, WITH_FILING, SIGMA)


@dataclass(frozen=True, slots=True)
class Detector:
    """`alarms(night, table)` says whether it would call; `table` is the one that may be spoilt.

    `side` is whose it is, `reads` the tables it looks at: a fault in none of them, nor in anything they are
    computed from, cannot be found by it. `each` is whether it judges the tables one by one, and then only the
    spoilt one is judged anew.
    """

    side: str
    name: str
    reads: frozenset[str]
    alarms: Callable[[Night, str], bool]
    each: bool = False

    @property
    def asked_of(self) -> list[str]:
        """The tables to ask about when none is known to be spoilt."""
        return sorted(self.reads) if self.each else [min(self.reads)]

    def concerned(self, table: str, made_of_it: frozenset[str]) -> bool:
        """Whether a fault in the table could be seen."""
        return table in self.reads if self.each else bool(self.reads & made_of_it)
