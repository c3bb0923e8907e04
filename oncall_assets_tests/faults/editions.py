"""The reports of a world, due together on the morning after its night, with the desk that sends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import dagster as dg

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.layer import with_on_call
from oncall_assets.pipelines import company
from oncall_assets.reports import editions
from oncall_assets.reports.attempts import Request
from oncall_assets.reports.cadence import Occasion, occasions, planned
from oncall_assets.reports.desk import Desk
from oncall_assets.reports.gate import judge
from oncall_assets.reports.office import published
from oncall_assets.reports.place import Place
from oncall_assets.reports.restating import look_for_restatements
from oncall_assets_tests.faults.clock import clock
from oncall_assets_tests.faults.eves import load, quiet
from oncall_assets_tests.faults.world import World
from oncall_assets_tests.reports.month import MovedOffice

# After the night's two o'clock: at five in New York, when nothing else is late yet.
DUE: Final = timedelta(hours=3)
# Where no server is: for a world in which nothing is sent.
_NO_PORT: Final = 1

# The week to Sunday 4 October, the month of September and Tuesday 6 October are all told on Wednesday the 7th.
_DUE_TOGETHER: Final = (
    ("aggregate_profit.md", 'due: {at: "06:00"}', 'due: {at: "05:00"}'),
    ("aggregate_growth.md", 'due: {on: monday, at: "07:00"}', 'due: {on: wednesday, at: "05:00"}'),
    ("aggregate_engagement.md", 'due: {on: 1, at: "08:00"}', 'due: {on: 7, at: "05:00"}'),
    (
        "investor_report.md",
        'before: investor_presentation, at: "17:00"',
        'before: investor_presentation, at: "05:00"',
    ),
    ("team.yaml", "2026-10-15", "2026-10-09"),
)


@dataclass
class Reports:
    """`due` are the editions of that morning, one of each report."""

    world: World
    desk: Desk
    place: Place
    due: list[Occasion]

    @classmethod
    def of(cls, world: World, port: int = _NO_PORT) -> Reports:
        """The desk looks for the first time as the night begins; mail goes to `port` of this machine."""
        email = f"email: {{host: 127.0.0.1, port: {port}, security: none, sender: data@example.com}}"
        for file, old, new in _DUE_TOGETHER:
            world.write(file, old, new)
        # Instead of the console, which would repeat what the mail says.
        world.write("team.yaml", "\n  console: {}\n", f"\n  {email}\n")
        handbook = world.handbook = load(world.home / "runbooks")
        world.define(_definitions(handbook))
        instance, ledger, night = world.instance, world.ledger, world.eve.night
        graph = world.definitions.resolve_asset_graph()
        MovedOffice.graphs[str(handbook.folder)] = graph
        desk = Desk(
            instance,
            handbook,
            ledger,
            frozenset(key.to_user_string() for key in graph.get_all_asset_keys()),
            lambda occasion, now: judge(instance, graph, handbook, occasion, ledger, now),
            partial(look_for_restatements, instance, graph, handbook, EditionBook(ledger), published(handbook)),
        )
        soon = night + DUE + timedelta(seconds=1)
        due = [one for report in planned(handbook) for one in occasions(handbook, report, night, soon)]
        assert 4 == len(due)
        return cls(world, desk, Place(night), due)

    def look(self, after: timedelta) -> None:
        """A round of the desk, so long after the night's beginning, and the runs that it asks for."""
        now = self.world.eve.night + after
        with quiet(), clock(now):
            found = self.desk.round(self.place, now)
            assert () == found.troubles
            self.place = found.place
            for request in found.requests:
                self._send(request)

    def _send(self, request: Request) -> None:
        job = self.world.definitions.resolve_implicit_global_asset_job_def()
        self.world.results.append(
            job.execute_in_process(
                instance=self.world.instance,
                partition_key=request.partition,
                asset_selection=[dg.AssetKey.from_user_string(request.asset)],
                tags=dict(request.tags),
                raise_on_error=False,
            )
        )


def _definitions(handbook: Handbook) -> dg.Definitions:
    """As `oncall_assets.definitions` has them, but for the clock of the reports' runs, which is Dagster's."""
    office = MovedOffice(handbook_folder=str(handbook.folder))
    reports = dg.Definitions(assets=editions(handbook).assets, resources={"office": office})
    return with_on_call(dg.Definitions.merge(company(handbook), reports), handbook)
