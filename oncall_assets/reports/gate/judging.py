"""The gate itself: all that holds an edition, asked in one order so that a state is judged in one way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import dagster as dg
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.reports.cadence import Occasion
from oncall_assets.reports.gate.closed import unsettled
from oncall_assets.reports.gate.computed import computed
from oncall_assets.reports.gate.judgement import Judgement
from oncall_assets.reports.gate.lineage import lineage
from oncall_assets.reports.gate.order import out_of_order
from oncall_assets.reports.gate.passed import not_passed
from oncall_assets.reports.gate.present import presence
from oncall_assets.reports.gate.trouble import troubles


def judge(
    instance: dg.DagsterInstance,
    graph: BaseAssetGraph[Any],
    handbook: Handbook,
    occasion: Occasion,
    ledger: Database,
    now: datetime,
) -> Judgement:
    """Whether the edition may go out at `now` (UTC), and all that holds it.

    Holds are in the order: days missing, checks, tables out of order, late events, incidents. Dagster is asked two
    questions for each table upstream and one or two for each blocking check on them, however long its history is.
    Raises dagster's own error if the graph has not the edition's asset.
    """
    report, days = occasion.planned.report, occasion.days
    made_of = lineage(graph, dg.AssetKey.from_user_string(occasion.planned.asset))
    # Days behind the period may bring its last late events.
    by = {table: computed(instance, table, days.widen(after=made_of.after(table))) for table in made_of.tables}
    present = presence(made_of, {table: frozenset(by[table]) for table in by}, days, report.coverage)
    changing = unsettled(made_of, by, days, now, handbook.sources.last_day)
    open_on = troubles(ledger, (*made_of.tables, *made_of.others), days)
    waits = report.late_events == "wait"
    read = [one.at for table in made_of.read for day, one in by[table].items() if days.first <= day <= days.last]
    return Judgement(
        holds=(
            *present.holds,
            *not_passed(instance, handbook, made_of, by, days),
            *out_of_order(made_of, by, days, settling=bool(changing)),
            *(hold for one in changing for hold in one.holds if waits),
            *open_on.holds,
        ),
        coverage=present.coverage,
        computed_at=min(read, default=None),
        provisional=None if waits else " ".join(words for one in changing for words in one.words) or None,
        caveats=(*present.caveats, *open_on.caveats),
    )
