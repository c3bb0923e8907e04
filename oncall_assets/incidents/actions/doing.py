"""Doing a step once: what is done, and that it was, are decided in one transaction of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import dagster as dg

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import dagster_url
from oncall_assets.incidents.actions.backfill import BY, INCIDENT, Backfilling, Site, backfilling, request, running
from oncall_assets.incidents.actions.chosen import Asked, Chosen, chosen
from oncall_assets.incidents.actions.telling import Escalating, Notifying, Scene, escalating, notifying
from oncall_assets.incidents.asked import Refused
from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.delivery.addressed import LAST_RESORT, addressed
from oncall_assets.incidents.ledger.ledger import Ledger, Pen
from oncall_assets.incidents.ledger.records import Event
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.page import dedup_of
from oncall_assets.incidents.tell import Teller
from oncall_assets.rota import Rota

Plan = Backfilling | Notifying | Escalating


def desk_for_telling(handbook: Handbook, location: str | None = None) -> Desk:
    """What messages of steps are written with: telling people needs no asset, and definitions load for seconds."""
    nothing = Lineage(dg.Definitions().resolve_asset_graph())
    return Desk(handbook, nothing, dagster_url(), Rota(handbook), location)


@dataclass(frozen=True)
class Doer:
    """Does what steps of runbooks say; `site` is asked only where a backfill is, as it takes long to load."""

    ledger: Ledger
    desk: Desk
    site: Callable[[], Site]

    def would(self, asked: Asked, now: datetime) -> tuple[str, ...]:
        """What would be done, in lines. Raises Refused or LedgerError with the reason why nothing would be."""
        pick, site = self._prepared(asked)
        with self.ledger.writing() as pen:
            return (f"#{asked.incident}, {pick.words}", *self._plan(pen, pick, site, asked, now).says)

    def do(self, asked: Asked, now: datetime) -> tuple[str, ...]:
        """What was done, in lines. Raises Refused or LedgerError with the reason why nothing was."""
        pick, site = self._prepared(asked)
        with self.ledger.writing() as pen:
            plan = self._plan(pen, pick, site, asked, now)
            more, lines = self._act(pen, plan, site, asked, now)
            pen.line(asked.incident, Event(now, pick.mark, asked.by, plan.done + more))
        return (f"#{asked.incident}: {plan.done}{more}.", *lines)

    def _prepared(self, asked: Asked) -> tuple[Chosen, Site | None]:
        """What takes long and needs no transaction."""
        with self.ledger.writing() as pen:
            pen.open_standing(asked.incident)
            pick = chosen(self.desk.handbook, pen.case(asked.incident), asked)
        return pick, self.site() if pick.action.backfill else None

    def _plan(self, pen: Pen, pick: Chosen, site: Site | None, asked: Asked, now: datetime) -> Plan:
        handbook, action = self.desk.handbook, pick.action
        standing = pen.open_standing(asked.incident)
        partitions = tuple(pen.partitions(asked.incident))
        if action.backfill and site:
            if known := running(site, self._dedup(pen, asked), action.backfill.asset):
                raise Refused(f"{known}, and it is not over; wait for it, or cancel it in Dagster's UI")
            return backfilling(site, action.backfill, asked.incident, partitions)
        scene = Scene(pen.case(asked.incident), standing, partitions, pen.lines(asked.incident, pick.mark))
        if action.notify:
            return notifying(handbook, action.notify, pick, asked, scene, now)
        if action.escalate:
            return escalating(handbook, self.desk.rota, action.escalate, pick, asked, scene, now)
        raise Refused(f"{pick.words} has no action")

    def _act(
        self, pen: Pen, plan: Plan, site: Site | None, asked: Asked, now: datetime
    ) -> tuple[str, tuple[str, ...]]:
        """Do it: what the story says of it beside the plan, and what else whoever asked should know."""
        teller = Teller(self.ledger, addressed(self.desk.handbook.team), LAST_RESORT)
        match plan:
            case Backfilling() if site:
                tags = {INCIDENT: self._dedup(pen, asked), BY: asked.by}
                found = request(site, plan, f"Incident {asked.incident}, step {asked.step}", tags, now)
                waits = () if site.runs else ("No daemon runs backfills now: it stays requested until one does.",)
                return f", backfill {found}: {self.desk.dagster_url}/runs/b/{found}", waits
            case Notifying():
                for notice in plan.notices:
                    teller.mention(pen, notice, asked.incident, plan.step, now)
            case Escalating():
                teller.page(pen, plan.telling, pen.open_standing(asked.incident), self.desk, now)
        return "", ("The pager sends it at its next round.",)

    def _dedup(self, pen: Pen, asked: Asked) -> str:
        return dedup_of(asked.incident, pen.opened_by(asked.incident))
