"""What rules ask beside the rows of tables, as questions: a rule stays pure, and each answer has one home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa

from oncall_assets.metrics.days import Days


@dataclass(frozen=True, slots=True)
class Computed:
    """When a day of a table was computed last (UTC), by which run, and by which definition if it had one."""

    at: datetime
    run_id: str
    definition: str | None


class Records(Protocol):
    """What Dagster remembers of how tables were computed."""

    def computed(self, table: str, days: Days) -> Mapping[date, Computed]:
        """The last time each of the days was computed; no entry for a day that never was."""
        ...

    def arrived(self, table: str, days: Days) -> Mapping[date, datetime]:
        """The first time each of the days was computed (UTC); no entry for a day that never was."""
        ...

    def filled_in(self, table: str, days: Days) -> frozenset[date]:
        """Those of the days that were first computed together with others, by one run over several days."""
        ...

    def definition(self, table: str) -> str | None:
        """The definition in force, or None if the table has none."""
        ...

    def running_time(self, table: str) -> timedelta | None:
        """How long this run took to compute the table; None if it did not."""
        ...

    def earlier_times(self, table: str, days: int, runs: int) -> Sequence[timedelta]:
        """How long up to `runs` runs before this one took, those over `days` days, the latest first."""
        ...


class Reporting(Protocol):
    """The reporting database."""

    def published(self, table: str, days: Days) -> pa.Table | None:
        """The rows of the days as readers see them, with the contract's types; None if there is no such table."""
        ...

    def readers(self, table: str) -> frozenset[str]:
        """Who may read the table beside its owner; whoever may change it stands there as `NAME (may change)`."""
        ...

    def allowed(self, table: str) -> frozenset[str]:
        """Whom the handbook lets read the table."""
        ...


class Installation(Protocol):
    """The machine, and the libraries installed on it."""

    def free(self) -> int:
        """Bytes free where the tables are kept."""
        ...

    def used(self) -> int:
        """Bytes that the stored tables take up."""
        ...

    def installed(self, distribution: str) -> str | None:
        """The version of a library, or None if it is not installed."""
        ...

    def handbook(self) -> Path:
        """The handbook's folder."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the tables; None where this installation has no such thing."""

    records: Records | None = None
    reporting: Reporting | None = None
    installation: Installation | None = None


NO_FACTS: Final = Facts()
