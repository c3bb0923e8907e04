"""The runs that were to send an edition: another is asked for when one failed, and never beside one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from dagster import DagsterInstance, RunRecord, RunsFilter

from oncall_assets.incidents.ledger.edition_records import EditionRecord
from oncall_assets.reports.cadence import Occasion

# Tag of a run that sends an edition: which one it is, as `aggregate_profit_daily 2026-10-06`.
EDITION: Final = "oncall/edition"

# After a run that sent nothing the next one waits, each time twice as long: mail servers are down for hours.
_WAIT: Final = timedelta(minutes=5)
_LONGEST_WAIT: Final = timedelta(minutes=30)
# A run takes seconds; after so long somebody has to look, and those who wait are told.
_PATIENCE: Final = timedelta(minutes=15)
# So many runs tell how long to wait and since when it is tried.
_LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True)
class Request:
    """A run that is to send an edition: its asset, as `a/b`, and the partition of it; `run_key` is of this try."""

    asset: str
    partition: str
    run_key: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Attempts:
    """The runs of one edition so far, the latest first, and what the ledger has of it."""

    occasion: Occasion
    runs: Sequence[RunRecord]
    edition: EditionRecord | None

    @classmethod
    def of(cls, instance: DagsterInstance, occasion: Occasion, edition: EditionRecord | None) -> Attempts:
        runs = instance.get_run_records(RunsFilter(tags={EDITION: name_of(occasion)}), limit=_LOOKED_AT)
        return cls(occasion, runs, edition)

    def next(self, now: datetime) -> Request | None:
        """The run to ask for now; None while one is under way, or for a while after one that sent nothing."""
        if any(not run.dagster_run.is_finished for run in self.runs if not self._died(run)):
            return None
        if self.runs and not self._died(self.runs[0]) and now < _ended(self.runs[0]) + self._wait:
            return None
        name = name_of(self.occasion)
        # The same in every round until that run is there, so that Dagster takes it once.
        after = f" after {self.runs[0].dagster_run.run_id}" if self.runs else ""
        planned = self.occasion.planned
        return Request(planned.asset, self.occasion.partition, name + after, {EDITION: name})

    def overdue(self, now: datetime) -> str | None:
        """One sentence on why it is not sent, if it has been due and tried for long; else None."""
        if not self.runs or now < max(self.occasion.due, self.runs[-1].create_timestamp) + _PATIENCE:
            return None
        last = self.runs[0].dagster_run
        return (
            f"Run {last.run_id} of {self.occasion.planned.asset}, which is to send it, is {last.status.value}: "
            "open it and mend what it names; another one is asked for by itself."
        )

    @property
    def _wait(self) -> timedelta:
        return min(_WAIT * (1 << len(self.runs) - 1), _LONGEST_WAIT)

    def _died(self, run: RunRecord) -> bool:
        """Whether its claim of the edition ended with the edition unsent, whatever Dagster believes of it."""
        edition = self.edition
        return (
            edition is not None and edition.run_id == run.dagster_run.run_id and edition.claimed_until is not None
        )


def name_of(occasion: Occasion) -> str:
    """The edition in a tag and in a key: `aggregate_profit_daily 2026-10-06`."""
    return f"{occasion.planned.key} {occasion.period}"


def _ended(run: RunRecord) -> datetime:
    if run.end_time is None:
        return run.update_timestamp.astimezone(UTC)
    return datetime.fromtimestamp(run.end_time, UTC)
