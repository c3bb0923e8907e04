"""How long a table usually takes, so that somebody is warned while there is still time to compute it once more."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from typing import Final

from dagster import AssetKey, AssetRecordsFilter, DagsterInstance, RunsFilter

# Of how many runs the usual one is told, and with how few nothing is said.
_RUNS: Final = 14
_FEWEST: Final = 3
# Of how many materialisations the runs are looked at: one of a whole month leaves others in sight.
_FARTHEST: Final = 100


def usual_duration(instance: DagsterInstance, asset_key: AssetKey, now: datetime) -> timedelta | None:
    """The median time from the start of a run until the table was there, of the last 14 runs before `now`.

    None with fewer than 3 runs that computed it.
    """
    there = _there(instance, asset_key, now)
    runs = instance.get_run_records(RunsFilter(run_ids=list(there))) if there else []
    took = [there[run.dagster_run.run_id] - run.start_time for run in runs if run.start_time is not None]
    return timedelta(seconds=median(took)) if len(took) >= _FEWEST else None


def _there(instance: DagsterInstance, asset_key: AssetKey, now: datetime) -> dict[str, float]:
    """When each of the last runs had computed the table, as Unix time; what came from outside came in no run."""
    wanted = AssetRecordsFilter(asset_key=asset_key, before_timestamp=now.timestamp())
    found: dict[str, float] = {}
    for record in instance.fetch_materializations(wanted, limit=_FARTHEST).records:
        if record.run_id and (record.run_id in found or len(found) < _RUNS):
            # The latest comes first.
            found.setdefault(record.run_id, record.timestamp)
    return found
