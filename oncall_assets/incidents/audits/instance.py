"""Whether Dagster's daemon lives and the pager keeps up, read from the instance, which lies when nobody looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dagster import DagsterInstance
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorTick,
    InstigatorType,
    SensorInstigatorData,
    TickStatus,
)

from oncall_assets.handbook.escalation import Watch
from oncall_assets.handbook.labels import PAGER
from oncall_assets.incidents.audits.finding import Finding, Sight, reason_of
from oncall_assets.incidents.signals.log import Cursor, CursorError, read
from oncall_assets.notify.message import length, printable, shorten

# Those that launch runs, see dead ones and evaluate the pager; Dagster's other daemons live in the same process.
_DAEMONS = ("SENSOR", "SCHEDULER", "QUEUED_RUN_COORDINATOR", "MONITORING")

# A tick that runs now and some before it.
_TICKS = 10


class InstanceLook:
    """The instance that DAGSTER_HOME names, kept open between looks and opened anew after one that failed."""

    def __init__(self) -> None:
        self._instance: DagsterInstance | None = None

    def __call__(self, watch: Watch, now: datetime) -> Sight:
        try:
            if self._instance is None:
                self._instance = DagsterInstance.get()
            return Sight(tuple(instance_findings(self._instance, watch, now)))
        except Exception as error:  # noqa: BLE001 - whatever it is, Dagster's storage cannot be read
            self._close()
            title = "Dagster's own storage cannot be read"
            return Sight((Finding("storage", title, reason_of(error)),), frozenset({"daemon", "pager", "events"}))

    def _close(self) -> None:
        instance, self._instance = self._instance, None
        if instance is not None:
            instance.dispose()


def instance_findings(instance: DagsterInstance, watch: Watch, now: datetime) -> list[Finding]:
    """What is wrong with the daemon, the pager's sensor and its cursor. Raises whatever the storage does."""
    found = daemon_findings(instance, watch.silent, now)
    pagers = [
        state
        for state in instance.all_instigator_state(instigator_type=InstigatorType.SENSOR)
        if state.instigator_name == PAGER
    ]
    if not pagers:
        title = "The pager is silent: it has never run"
        detail = f"Dagster has evaluated no sensor called {PAGER} yet."
        return [*found, Finding("pager", title, detail, ("daemon",))]
    # A code location that was renamed leaves its sensor's state behind.
    pager = max(pagers, key=lambda state: _data(state).last_tick_start_timestamp or 0)
    return [
        *found,
        *pager_findings(instance, pager, watch.silent, now),
        *_events(instance, pager, watch.silent, now),
    ]


def daemon_findings(instance: DagsterInstance, silent: timedelta, now: datetime) -> list[Finding]:
    """One finding for all daemons that the instance needs and whose last heartbeat is older than `silent`."""
    heartbeats = instance.get_daemon_heartbeats()
    silences: dict[str, list[str]] = {}
    for name in _DAEMONS:
        if name not in instance.get_required_daemon_types():
            continue
        if name not in heartbeats:
            silences.setdefault("never yet", []).append(name)
        elif (age := now - _utc(heartbeats[name].timestamp)) > silent:
            silences.setdefault(f"for {length(age)}", []).append(name)
    if not silences:
        return []
    lines = "; ".join(f"{', '.join(names)}: {how_long}" for how_long, names in silences.items())
    detail = f"No heartbeat of {lines}. No sensor, schedule or queued run is served, so no page is written."
    return [Finding("daemon", "The pager is silent: Dagster's daemon has stopped", detail)]


def pager_findings(
    instance: DagsterInstance, pager: InstigatorState, silent: timedelta, now: datetime
) -> list[Finding]:
    """Whether the sensor is off, has made no tick for longer than `silent`, or failed at its last one."""
    causes = ("daemon", f"location {_location(pager)}")
    if not pager.is_running:
        detail = f"Somebody stopped the sensor {PAGER} of {_location(pager)}."
        return [Finding("pager", "The pager is silent: its sensor is switched off", detail)]
    ticks = instance.get_ticks(pager.instigator_origin_id, pager.selector_id, limit=_TICKS)
    began = max((_utc(tick.timestamp) for tick in ticks), default=None)
    if began is None or now - began > silent:
        since = f"Its last tick began {length(now - began)} ago." if began else "It has made no tick yet."
        return [Finding("pager", "The pager is silent: its sensor makes no ticks", since, causes)]
    ended = [tick for tick in ticks if tick.status is not TickStatus.STARTED]
    if ended and ended[0].status is TickStatus.FAILURE:
        return [
            Finding("pager", "The pager fails: its sensor raises an error", _error(ended[0]), ("ledger", *causes))
        ]
    return []


def oldest_waiting(instance: DagsterInstance, cursor: Cursor) -> datetime | None:
    """The instant of the oldest event that the pager is to judge and has not read; None if it has read all."""
    # With a limit of one event of each kind, the place read up to is that of the oldest one that waits: the last
    # of those asked about.
    signals, reached = read(instance, cursor, 1, lambda ids: set(list(ids)[-1:]))
    return signals[0].at if reached.after > cursor.after and signals else None


def _events(instance: DagsterInstance, pager: InstigatorState, silent: timedelta, now: datetime) -> list[Finding]:
    text = _data(pager).cursor
    if text is None:
        return []
    title = "The pager is behind: events wait for it"
    causes = ("daemon", "pager", "ledger", f"location {_location(pager)}")
    try:
        at = oldest_waiting(instance, Cursor.parse(text))
    except CursorError as error:
        return [Finding("events", "The pager's cursor cannot be read", str(error), causes)]
    if at is None or now - at <= silent:
        return []
    detail = f"The oldest one happened {length(now - at)} ago and is beyond the cursor of {PAGER}."
    return [Finding("events", title, detail, causes)]


def _data(state: InstigatorState) -> SensorInstigatorData:
    data = state.instigator_data
    return data if isinstance(data, SensorInstigatorData) else SensorInstigatorData()


def _location(state: InstigatorState) -> str:
    return shorten(printable(state.repository_selector.location_name), 100)


def _error(tick: InstigatorTick) -> str:
    text = tick.error.message.strip() if tick.error else ""
    return shorten(printable(text.splitlines()[0]), 500) if text else "Dagster keeps no reason for it."


def _utc(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
