"""What holds now and no event tells: each module here looks for one kind of trouble, and `look` asks them all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from dagster import DagsterInstance
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import state_folder
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.signals.kinds import Trouble, TroubleKind
from oncall_assets.incidents.signals.probes.automation import failing_automation
from oncall_assets.incidents.signals.probes.channels import MEMORY, refusing_channels
from oncall_assets.incidents.signals.probes.editions import (
    doubtful_editions,
    held_editions,
    restated_figures,
)
from oncall_assets.incidents.signals.probes.freshness import stale_assets
from oncall_assets.incidents.signals.probes.late import late_assets
from oncall_assets.incidents.signals.probes.overdue import Clock
from oncall_assets.incidents.signals.probes.silent import silent_sources
from oncall_assets.incidents.signals.probes.storage import short_storage
from oncall_assets.incidents.signals.probes.stuck import stuck_runs
from oncall_assets.notify.message import oneline

# A user and a password in an address; a password may hold what ends it elsewhere.
_SECRET = re.compile(r"(?<=://)\S*@")


class Look(NamedTuple):
    """The troubles that hold, the kinds that could not be looked for, and why not, a line each."""

    troubles: list[Trouble]
    blind: frozenset[TroubleKind]
    problems: list[str]


def look(
    instance: DagsterInstance,
    handbook: Handbook,
    graph: BaseAssetGraph[Any],
    ledger: Ledger,
    now: datetime,
    since: datetime,
) -> Look:
    """Ask every probe what holds at `now`; one that fails stops no other.

    `since` is when the pager began to watch: deadlines and ticks before it are history.
    """
    watch, clock = handbook.team.watch, Clock.of(handbook, now, since)
    book = EditionBook(ledger)

    def known(kind: TroubleKind) -> list[tuple[str, str | None]]:
        return [fault for one, fault in ledger.open_troubles() if one == kind]

    probes: list[tuple[TroubleKind, Callable[[], list[Trouble]]]] = [
        ("run stuck", lambda: stuck_runs(instance, watch, now)),
        # Before what is made of them: a pager that comes back finds both at once, and the first is the cause.
        ("source silent", lambda: silent_sources(instance, graph, handbook, clock, known("source silent"))),
        ("asset late", lambda: late_assets(instance, graph, handbook, clock, known("asset late"))),
        ("asset late", lambda: stale_assets(instance, graph)),
        ("automation failing", lambda: failing_automation(instance, now, since)),
        ("storage short", lambda: short_storage(state_folder(), watch.storage_at_least, now)),
        ("channel refusing", lambda: refusing_channels(ledger.refusals(now - MEMORY))),
        # After what an edition may be held for.
        ("edition held", lambda: held_editions(book, handbook)),
        ("edition in doubt", lambda: doubtful_editions(book)),
        ("figure restated", lambda: restated_figures(book)),
    ]
    troubles: list[Trouble] = []
    blind: set[TroubleKind] = set()
    problems: list[str] = []
    for kind, probe in probes:
        try:
            troubles += probe()
        except Exception as error:  # noqa: BLE001 - whatever it is, the other troubles are still looked for
            blind.add(kind)
            problems.append(_problem(kind, error))
    return Look(troubles, frozenset(blind), problems)


def _problem(kind: TroubleKind, error: Exception) -> str:
    text = _SECRET.sub("", str(error))
    return oneline(f"could not look for {kind!r}: {type(error).__name__}: {text}", 500)
