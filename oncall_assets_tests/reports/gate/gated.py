"""A company with a report, an instance and a ledger of its own, in which each day is computed and judged apart.

`orders` land by the day they came in; `profit` of a day is made of those of the day before to two days after it;
`totals` sums it up since the first of the month and `reporting/totals` is what people read. `rates` has no days.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.test_utils import freeze_time

from oncall_assets.handbook import Handbook, labels
from oncall_assets.handbook.reports import PlannedReport
from oncall_assets.handbook.runbook import Check
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.figure import PERIODS, SAME_DAY, Window
from oncall_assets.reports.cadence import Occasion, Planned
from oncall_assets.reports.gate import Judgement, judge
from oncall_assets_tests.incidents.company import handbook

WEEK = Days.parse("2026-10-05", "2026-10-11")
MONTH = Days.parse("2026-10-01", "2026-10-31")
DAY = Days.parse("2026-10-06")
TABLES = ("orders", "profit", "totals", "reporting/totals")
PERIOD = {1: "day", 7: "week"}
DUE: dict[str, dict[str, Any]] = {
    "day": {"at": "06:00"},
    "week": {"on": "monday", "at": "07:00"},
    "month": {"on": 1, "at": "08:00"},
}


def daily(key: str, reads: dict[str, Window], *, rates: bool = False) -> dg.AssetsDefinition:
    deps = [dg.AssetDep(name.split("/"), partition_mapping=window.mapping) for name, window in reads.items()]

    @dg.asset(
        key=key.split("/"),
        partitions_def=dg.DailyPartitionsDefinition("2026-09-01"),
        deps=[*deps, *([dg.AssetDep("rates")] if rates else [])],
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def table() -> None: ...

    return table


def edition(period: str, partitions: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    @dg.asset(key=["editions", f"profit_{period}"], partitions_def=partitions, deps=[["reporting", "totals"]])
    def sent() -> None: ...

    return sent


@dg.asset
def rates() -> None: ...


ASSETS = [
    daily("orders", {}),
    daily("profit", {"orders": Window(before=1, after=2)}, rates=True),
    daily("totals", {"profit": PERIODS}),
    daily("reporting/totals", {"totals": SAME_DAY}),
    rates,
    edition("day", dg.DailyPartitionsDefinition("2026-09-01")),
    edition("week", dg.WeeklyPartitionsDefinition("2026-09-01", day_offset=1)),
    edition("month", dg.MonthlyPartitionsDefinition("2026-09-01")),
]
CHECKS = {
    "landed": ("orders", {}),
    "once": ("orders", {}),
    "priced": ("profit", {}),
    "usual": ("profit", {"blocking": False}),
    "published": ("reporting/totals", {}),
}


def team(folder: Path, **checks: tuple[str, dict[str, Any]]) -> Handbook:
    """The handbook with these checks by name: the asset, and what is said of it otherwise than that it blocks."""
    book = handbook(folder)
    runbook = book.runbooks["profit"]
    written = [
        {
            "name": name,
            "asset": asset,
            "expect": {"unique": {"columns": ["id"]}},
            "guards": ["short"],
            "step": 2,
            "blocking": True,
            **other,
        }
        for name, (asset, other) in checks.items()
    ]
    front = runbook.front.model_copy(update={"checks": [Check.model_validate(one) for one in written]})
    return replace(book, runbooks={**book.runbooks, "profit": replace(runbook, front=front)})


def at_final(days: Days) -> datetime:
    """When a day's late events are in, and it is computed for the last time."""
    return days.end + timedelta(days=2, hours=6)


@dataclass
class Gated:
    """What is done to it is done at the instant `now`, which nobody but the test moves."""

    instance: dg.DagsterInstance
    graph: BaseAssetGraph[Any]
    handbook: Handbook
    ledger: Ledger
    days: Days
    now: datetime
    report: dict[str, Any]

    def compute(self, table: str, days: Days | None = None) -> None:
        """Each day of the table is computed, none of them in a run."""
        with freeze_time(self.now):
            for key in (days or self.days).keys:
                self.instance.report_runless_asset_event(
                    dg.AssetMaterialization(dg.AssetKey(table.split("/")), partition=key)
                )
        self.now += timedelta(minutes=1)

    def say(
        self,
        check: str,
        days: Days | str | None = None,
        *,
        passed: bool = True,
        severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
        watch: str | None = None,
    ) -> None:
        """The check comes to a verdict on the days together, or says nothing of days if they are empty."""
        about = str(self.days if days is None else days)
        with freeze_time(self.now):
            self.instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(
                    asset_key=dg.AssetKey(self.asset(check).split("/")),
                    check_name=check,
                    passed=passed,
                    severity=severity,
                    description="5 cents too many.",
                    blocking=True,
                    metadata={
                        **({labels.PARTITION: about} if about else {}),
                        **({labels.WATCH: watch} if watch else {}),
                    },
                )
            )
        self.now += timedelta(minutes=1)

    def asset(self, check: str) -> str:
        return next(one.asset for _, _, one in self.handbook.checks() if one.name == check)

    def compute_all(self, days: Days | None = None) -> None:
        """Every table in its order, with the orders of two more days, and every check that blocks has passed."""
        wanted = days or self.days
        self.compute("orders", wanted.widen(after=2))
        for table in TABLES[1:]:
            self.compute(table, wanted)
        for _, _, check in self.handbook.checks():
            if check.blocking:
                self.say(check.name, wanted)

    @property
    def occasion(self) -> Occasion:
        period = PERIOD.get(len(self.days.each), "month")
        report = PlannedReport.model_validate(
            {
                "name": period,
                "title": "Profit",
                "period": period,
                "due": DUE[period],
                "to": ["investors"],
                "figures": [{"column": "profit_cents", "name": "Profit", "metric": "profit"}],
                **self.report,
            }
        )
        return Occasion(Planned(self.handbook.runbooks["profit"], report), self.days, self.days.end)

    def judge(self) -> Judgement:
        return judge(self.instance, self.graph, self.handbook, self.occasion, self.ledger, self.now)

    def held(self) -> list[tuple[str, str]]:
        """The kind and the text of each hold, in order."""
        return [(hold.kind, hold.text) for hold in self.judge().holds]


@contextmanager
def gated(instance: dg.DagsterInstance, folder: Path, days: Days, **report: Any) -> Iterator[Gated]:
    """The company of which nothing is computed yet, its checks and a ledger in which nothing is open."""
    graph = dg.Definitions(assets=ASSETS).resolve_asset_graph()
    with Ledger(f"sqlite:///{folder / 'ledger.sqlite'}") as ledger:
        yield Gated(instance, graph, team(folder / "handbook", **CHECKS), ledger, days, at_final(days), report)


def day(text: str) -> date:
    return date.fromisoformat(text)


def instant(text: str) -> datetime:
    return datetime.combine(day(text), time(), tzinfo=UTC)
