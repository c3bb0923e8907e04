"""The sensor that sends reports, on by default: one that must be switched on first has sent nothing by six."""

import weakref
from collections.abc import Sized
from datetime import datetime, timedelta
from typing import Any, Final

import dagster as dg
from dagster import partition_loading_context
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import ledger_url
from oncall_assets.incidents.current import CurrentHandbook
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.reports.attempts import Request
from oncall_assets.reports.cadence import Occasion, planned
from oncall_assets.reports.desk import Desk, Memory
from oncall_assets.reports.gate import Judgement, judge
from oncall_assets.reports.office import EditionOffice, published
from oncall_assets.reports.place import Place
from oncall_assets.reports.restating import Looked, look_for_restatements

DESK: Final = "oncall_editions"
_INTERVAL: Final = timedelta(seconds=30)
_RELOAD: Final = "the code that Dagster has loaded plans other periods; reload the code location"

_DESCRIPTION = (
    "Asks for the run of each report when it is due, unless the gate holds it: then the on-call is paged, and who "
    "waits for it hears in time that it will be late. Reset its cursor only to send nothing that is due by now."
)


def edition_sensor(handbook: Handbook) -> dg.SensorDefinition | None:
    """The desk of the handbook's reports; None where it promises none.

    Each tick reads the handbook as it is now. The reports that Dagster knows are those of `handbook`.
    """
    keys = [dg.AssetKey.from_user_string(one.asset) for one in planned(handbook)]
    if not keys:
        return None
    book, room = CurrentHandbook(handbook), _Room()

    @dg.sensor(
        name=DESK,
        asset_selection=dg.AssetSelection.assets(*keys),
        minimum_interval_seconds=int(_INTERVAL.total_seconds()),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=_DESCRIPTION,
    )
    def oncall_editions(context: dg.SensorEvaluationContext, office: EditionOffice) -> dg.SensorResult:
        if context.repository_def is None:
            raise dg.DagsterInvariantViolationError("the desk of reports was evaluated outside a code location")
        place = Place.parse(context.cursor) if context.cursor else None
        current, _ = book.look(context.log.error)
        now, graph = office.now(), context.repository_def.asset_graph
        found = room.desk(context.instance, current, graph).round(place, now)
        unknown = [one for one in found.requests if not _exists(one, graph, now)]
        for trouble in (*found.troubles, *(f"{one.run_key} is not asked for: {_RELOAD}" for one in unknown)):
            context.log.error(trouble)
        requests = [_run(one) for one in found.requests if one not in unknown]
        # Dagster takes a reason only where nothing is asked for.
        skipped = None if requests else dg.SkipReason(found.said)
        return dg.SensorResult(requests, skipped, str(found.place))

    return oncall_editions


class _Room:
    """What outlives a tick: the ledger, and what was found out already.

    Both begin anew when the handbook changes or another ledger is named.
    """

    def __init__(self) -> None:
        self._for: tuple[str, int] | None = None
        self._closing: weakref.finalize[..., _Room] | None = None

    def desk(self, instance: dg.DagsterInstance, handbook: Handbook, graph: BaseAssetGraph[Any]) -> Desk:
        wanted = ledger_url(), id(handbook)
        if self._for != wanted:
            self._open(handbook)
            self._for = wanted
        ledger, book = self._ledger, EditionBook(self._ledger)

        def gate(occasion: Occasion, now: datetime) -> Judgement:
            return judge(instance, graph, handbook, occasion, ledger, now)

        def restated(now: datetime) -> Sized:
            return look_for_restatements(instance, graph, handbook, book, self._read, now, self._looked)

        assets = frozenset(key.to_user_string() for key in graph.materializable_asset_keys)
        return Desk(instance, handbook, ledger, assets, gate, restated, self._memory)

    def _open(self, handbook: Handbook) -> None:
        if self._closing:
            self._closing()
        self._ledger = Ledger(ledger_url())
        self._closing = weakref.finalize(self, self._ledger.__exit__)
        self._handbook, self._read = handbook, published(handbook)
        self._memory, self._looked = Memory(), Looked()


def _exists(request: Request, graph: BaseAssetGraph[Any], now: datetime) -> bool:
    """Whether Dagster has the partition: a handbook may plan other periods than the code was loaded with."""
    partitions = graph.get(dg.AssetKey.from_user_string(request.asset)).partitions_def
    with partition_loading_context(effective_dt=now):
        return partitions is not None and partitions.has_partition_key(request.partition)


def _run(request: Request) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=request.run_key,
        asset_selection=[dg.AssetKey.from_user_string(request.asset)],
        partition_key=request.partition,
        tags=request.tags,
    )
