"""Sensors and schedules that fail: what they should have launched does not run, and so does not fail either."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dagster import DagsterInstance
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorTick,
    InstigatorType,
    TickStatus,
)

from oncall_assets.handbook.labels import PAGER
from oncall_assets.incidents.signals.failure import sentence
from oncall_assets.incidents.signals.kinds import Trouble, bounded
from oncall_assets.notify.message import printable

_ENDED = [TickStatus.FAILURE, TickStatus.SKIPPED, TickStatus.SUCCESS]

# Dagster sorts all ticks it is asked for: of a sensor's tens of thousands only the last few are wanted.
_RECENT = timedelta(hours=1)
_WATCHED = {InstigatorStatus.RUNNING, InstigatorStatus.DECLARED_IN_CODE}


def failing_automation(instance: DagsterInstance, now: datetime, since: datetime) -> list[Trouble]:
    """One for each sensor and schedule that is not stopped and whose latest tick after `since` failed."""
    if instance.schedule_storage is None:
        # An instance in memory schedules nothing.
        return []
    states = instance.all_instigator_state(instigator_statuses=_WATCHED)
    # The pager cannot see itself fail: the watchdog does.
    doubtful = [state for state in states if state.instigator_name != PAGER and not _worked(state)]
    looked = [(state, _latest(instance, state, now, since)) for state in doubtful]
    return [_failing(state, tick) for state, tick in looked if tick and tick.status is TickStatus.FAILURE]


def _worked(state: InstigatorState) -> bool:
    """Whether a sensor's state says that its latest tick ended well, which spares asking for the tick."""
    kept = state.sensor_instigator_data
    return kept is not None and kept.last_tick_success_timestamp is not None


def _latest(
    instance: DagsterInstance, state: InstigatorState, now: datetime, since: datetime
) -> InstigatorTick | None:
    """The latest tick that ended."""
    for after in dict.fromkeys((max(since, now - _RECENT), since)):
        ticks = instance.get_ticks(
            state.instigator_origin_id, state.selector_id, after=after.timestamp(), limit=1, statuses=_ENDED
        )
        if ticks:
            return ticks[0]
    return None


def _failing(state: InstigatorState, tick: InstigatorTick) -> Trouble:
    name = printable(state.instigator_name)
    what = "Schedule" if state.instigator_type is InstigatorType.SCHEDULE else "Sensor"
    return Trouble(
        id=bounded(f"automation/{name}/{tick.tick_id}"),
        at=datetime.fromtimestamp(tick.timestamp, UTC),
        run_id="",
        partition=None,
        kind="automation failing",
        target=f"automation {name}",
        assets=(),
        title=f"{what} {name} fails",
        finding=sentence(tick.error),
    )
