"""The sensor that pages, on by default, because a pager that must be switched on is found to be off at 02:00."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic
from typing import Final

import dagster as dg
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import dagster_url, ledger_url
from oncall_assets.handbook.labels import PAGER
from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.current import CurrentHandbook
from oncall_assets.incidents.delivery.channels import channels_of, console_of
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.signals.log import newest
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.tick import Round, Tick
from oncall_assets.notify.channel import Channel
from oncall_assets.notify.console import Console

# Dagster's loop of sensors turns every five seconds; a tick that ends sooner leaves the rest of them unwatched.
LINGER: Final = timedelta(seconds=4.3)
_BETWEEN_LOOKS = 0.4

_DESCRIPTION = (
    "Pages the engineer on call: for checks that fail or are not run, failed and stuck runs, late assets, silent "
    "sources, failing automation, channels that refuse messages and short storage. Reset its cursor only to pass "
    "over what has happened until now."
)


def build_pager(
    handbook: Handbook, *, minimum_interval_seconds: int = 1, linger: timedelta = LINGER
) -> dg.SensorDefinition:
    """A plain sensor with a cursor of its own: one that raises keeps it, where a run-status sensor loses it.

    Where sensors run in threads of their own, a tick goes on looking for new events for `linger`.
    """
    book = CurrentHandbook(handbook)
    office = _Office()

    @dg.sensor(
        name=PAGER,
        minimum_interval_seconds=minimum_interval_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=_DESCRIPTION,
    )
    def oncall_pager(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        began = monotonic()
        rounds = office.round(context, book)
        # Before the tick, which may read no further than the last event that concerns it.
        seen = newest(context.instance)
        tick = _tick(rounds, context, context.cursor)
        if context.instance.get_sensor_settings().get("use_threads"):
            while (left := linger.total_seconds() - (monotonic() - began)) > 0:
                Event().wait(min(left, _BETWEEN_LOOKS))
                if (last := newest(context.instance)) > seen:
                    seen, tick = last, _tick(rounds, context, tick.cursor).after(tick)
        return dg.SensorResult(cursor=tick.cursor, skip_reason=dg.SkipReason(str(tick)))

    return oncall_pager


def _tick(rounds: Round, context: dg.SensorEvaluationContext, cursor: str | None) -> Tick:
    tick = rounds.tick(cursor, datetime.now(UTC))
    for trouble in tick.troubles:
        context.log.error(trouble)
    return tick


class _Office:
    """What outlives a tick: the ledger, and the courier, whose slow channels go on by themselves.

    Both begin anew when the handbook changes, a channel comes or goes, or another ledger is named.
    """

    def __init__(self) -> None:
        self._for: tuple[str, int, list[str]] | None = None
        self._print: Callable[[str], None] = print
        self._closing: weakref.finalize[..., _Office] | None = None

    def round(self, context: dg.SensorEvaluationContext, book: CurrentHandbook) -> Round:
        """Everything for a tick that is evaluated in `context`."""
        if context.repository_def is None:
            raise dg.DagsterInvariantViolationError("the pager was evaluated outside a code location")
        handbook, rota = book.look(context.log.error)
        # A page that a slow channel gives up on later is printed by the tick of that time.
        self._print = lambda page: context.log.info(f"\n{page}")
        # Made each time, so that every tick says which secret is missing.
        console = console_of(handbook.team, self._show)
        channels = channels_of(handbook.team, console, context.log.warning)
        wanted = ledger_url(), id(handbook), [channel.name for channel in channels]
        if self._for != wanted:
            self._open(handbook, channels, console)
            self._for, self._handbook = wanted, handbook
        desk = Desk(handbook, Lineage(context.repository_def.asset_graph), dagster_url(), rota, _location(context))
        return Round(context.instance, desk, self._ledger, self._courier, self._teller)

    def _open(self, handbook: Handbook, channels: Sequence[Channel], console: Console) -> None:
        if self._closing:
            self._closing()
        self._ledger = Ledger(ledger_url())
        self._courier = Courier(self._ledger, channels, console, handbook.team.limits)
        self._teller = Teller(self._ledger, channels, console)
        self._closing = weakref.finalize(self, _close, self._ledger, self._courier)

    def _show(self, page: str) -> None:
        self._print(page)


def _location(context: dg.SensorEvaluationContext) -> str | None:
    """The code location of the sensor, as the UI's addresses name it."""
    origin = context.code_location_origin
    if origin is None:
        return None
    if context.repository_name in (None, SINGLETON_REPOSITORY_NAME):
        return origin.location_name
    return f"{context.repository_name}@{origin.location_name}"


def _close(ledger: Ledger, courier: Courier) -> None:
    courier.close(timedelta(0))
    ledger.__exit__()
