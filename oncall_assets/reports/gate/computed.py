"""When each day of a table was computed last, and after what else: asked of Dagster here alone, and briefly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import dagster as dg

from oncall_assets.metrics.days import Days


@dataclass(frozen=True, slots=True)
class Computed:
    """The last materialisation of a day: the later one has the greater `number`, whatever the clocks say; UTC."""

    number: int
    at: datetime
    run_id: str


By = Mapping[dg.AssetKey, Mapping[date, Computed]]
"""The last materialisation of each day of each table."""


def computed(instance: dg.DagsterInstance, table: dg.AssetKey, days: Days) -> Mapping[date, Computed]:
    """The last materialisation of each of the days; no entry for a day without. In two questions to Dagster."""
    kind = dg.DagsterEventType.ASSET_MATERIALIZATION
    numbers = instance.get_latest_storage_id_by_partition(table, kind, set(days.keys))
    if not numbers:
        return {}
    wanted = dg.AssetRecordsFilter(table, storage_ids=sorted(numbers.values()))
    return {
        date.fromisoformat(str(record.partition_key)): Computed(
            record.storage_id, datetime.fromtimestamp(record.timestamp, UTC), record.run_id
        )
        for record in instance.fetch_materializations(wanted, limit=len(numbers)).records
    }
