"""What Dagster remembers of how tables were computed, asked here alone so that rules know nothing of Dagster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import dagster as dg

from oncall_assets.checks.rules.facts import Computed
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import days_of_run

# Dagster's own name of the tag.
_CODE_VERSION: Final = "dagster/code_version"
_PAGE: Final = 200
# Of how many materialisations the runs are looked at; a month of daily runs is far less.
_FARTHEST: Final = 2_000


@dataclass(frozen=True)
class InstanceRecords:
    """The protocol `Records`, of `instance` as `run` sees it; `definitions` has the code version of each asset."""

    instance: dg.DagsterInstance
    run: dg.DagsterRun
    definitions: Mapping[str, str | None]

    def computed(self, table: str, days: Days) -> Mapping[date, Computed]:
        return {
            day: Computed(_at(record), record.run_id, code_version(record))
            for day, record in self._one_each(table, days, latest=True).items()
        }

    def arrived(self, table: str, days: Days) -> Mapping[date, datetime]:
        return {day: _at(record) for day, record in self._one_each(table, days, latest=False).items()}

    def filled_in(self, table: str, days: Days) -> frozenset[date]:
        first = self._one_each(table, days, latest=False)
        runs = {run_id: self.instance.get_run_by_id(run_id) for run_id in {one.run_id for one in first.values()}}
        # What was reported from outside came in no run.
        together = {run_id for run_id, run in runs.items() if run is not None and (_days(run) or 1) > 1}
        return frozenset(day for day, record in first.items() if record.run_id in together)

    def definition(self, table: str) -> str | None:
        return self.definitions.get(table)

    def running_time(self, table: str) -> timedelta | None:
        return self._took(self.run.run_id, self._own_step(table))

    def earlier_times(self, table: str, days: int, runs: int) -> Sequence[timedelta]:
        earlier: list[timedelta] = []
        for run_id, step in self._steps(table):
            if len(earlier) == runs:
                break
            run = self.instance.get_run_by_id(run_id) if run_id != self.run.run_id else None
            if run is not None and _days(run) == days and (took := self._took(run_id, step)) is not None:
                earlier.append(took)
        return earlier

    def _one_each(self, table: str, days: Days, *, latest: bool) -> Mapping[date, dg.EventLogRecord]:
        """The last materialisation of each day, or the first; no entry for a day without."""
        found: dict[date, dg.EventLogRecord] = {}
        for day, record in self._each(table, days, latest_first=latest):
            found.setdefault(day, record)
            if len(found) == len(days.each):
                break
        return found

    def _each(self, table: str, days: Days, *, latest_first: bool) -> Iterator[tuple[date, dg.EventLogRecord]]:
        """The materialisations of these days alone, a page at a time: history is never scanned."""
        key = dg.AssetKey(table.split("/"))
        wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=days.keys)
        cursor: str | None = None
        more = True
        while more:
            page = self.instance.fetch_materializations(wanted, _PAGE, cursor, ascending=not latest_first)
            for record in page.records:
                yield date.fromisoformat(str(record.partition_key)), record
            cursor, more = page.cursor, page.has_more

    def _own_step(self, table: str) -> str | None:
        """The step of this run that computed the table, if one did."""
        kind = dg.DagsterEventType.ASSET_MATERIALIZATION
        for record in self.instance.get_records_for_run(self.run.run_id, of_type=kind).records:
            if record.asset_key == dg.AssetKey(table.split("/")):
                return record.event_log_entry.step_key
        return None

    def _steps(self, table: str) -> Iterator[tuple[str, str]]:
        """The runs that computed the table, each with its step, the latest first."""
        seen: set[str] = set()
        cursor: str | None = None
        for _ in range(_FARTHEST // _PAGE):
            page = self.instance.fetch_materializations(dg.AssetKey(table.split("/")), _PAGE, cursor)
            for record in page.records:
                step = record.event_log_entry.step_key
                # Reported from outside, a table was computed in no run and no step.
                if record.run_id and step and record.run_id not in seen:
                    seen.add(record.run_id)
                    yield record.run_id, step
            cursor = page.cursor
            if not page.has_more:
                break

    def _took(self, run_id: str, step: str | None) -> timedelta | None:
        """From the start of the step to its end, or None if it is not known to have ended."""
        if step is None:
            return None
        for one in self.instance.get_run_step_stats(run_id, [step]):
            if one.start_time is not None and one.end_time is not None:
                return timedelta(seconds=one.end_time - one.start_time)
        return None


def _at(record: dg.EventLogRecord) -> datetime:
    return datetime.fromtimestamp(record.timestamp, UTC)


def code_version(record: dg.EventLogRecord) -> str | None:
    """The code version it was computed by; Dagster writes the run's id where the asset had none."""
    materialization = record.asset_materialization
    tags = materialization.tags if materialization and materialization.tags else {}
    version = tags.get(_CODE_VERSION)
    return None if version == record.run_id else version


def _days(run: dg.DagsterRun) -> int | None:
    """Over how many days the run was; one where it was about none, None where its partition is no day."""
    try:
        days = days_of_run(run.tags)
    except ValueError:
        return None
    return len(days.each) if days else 1
