"""How a run's tags say which days it is about, so that all who launch or read runs agree with Dagster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oncall_assets.metrics.days import Days

# Dagster's own names.
PARTITION: Final = "dagster/partition"
RANGE_START: Final = "dagster/asset_partition_range_start"
RANGE_END: Final = "dagster/asset_partition_range_end"


def run_tags(days: Days) -> dict[str, str]:
    """The tags of a run over `days`: a partition if it is one day, else a range of them."""
    if days.first == days.last:
        return {PARTITION: str(days.first)}
    return {RANGE_START: str(days.first), RANGE_END: str(days.last)}


def days_of_run(tags: Mapping[str, str]) -> Days | None:
    """The days in a run's tags, or None if the run is about no days in particular.

    Raises ValueError if a partition is not a day.
    """
    if PARTITION in tags:
        return Days.parse(tags[PARTITION])
    if RANGE_START in tags and RANGE_END in tags:
        return Days.parse(tags[RANGE_START], tags[RANGE_END])
    return None
