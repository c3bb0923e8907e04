"""Each of the five teams' plans: one of its faults reaches its engineer on call, as bad as the plan says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.handbook import labels
from oncall_assets.incidents.case import Desk
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.signals.kinds import check_target
from oncall_assets.incidents.tell import Teller
from oncall_assets.incidents.tick import Round
from oncall_assets.notify.console import Console
from oncall_assets.notify.message import Page
from oncall_assets.rota import Rota
from oncall_assets_tests.faults.clock import clock
from oncall_assets_tests.faults.eves import ROOT, definitions_of, load
from oncall_assets_tests.incidents.company import report
from oncall_assets_tests.incidents.conftest import Post

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Case:
    """A check of an example, `asset:check`, fails at `at`, UTC; `told` are `who: severity, respond/resolve`."""

    demand: str
    example: str
    check: str
    at: str
    told: tuple[str, ...]


CASES = (
    Case(
        "T0.5: profit is told to the pair of the week",
        "eight-pipelines",
        "revenue_records:ledger_lines_once",
        "2026-10-07T06:30",
        ("dave: critical, 1:00:00/4:00:00",),
    ),
    Case(
        "T1.3: nobody serves on a holiday of their own region",
        "regional-holidays",
        "revenue_records:revenue_lines_once",
        "2027-02-19T12:00",
        ("d: critical, 1:00:00/4:00:00",),
    ),
    Case(
        "T2.3: on a holiday the secondary steps in",
        "secondary-covers-holidays",
        "revenue_records:revenue_lines_once",
        "2026-11-26T15:00",
        ("david: critical, 1:00:00/4:00:00",),
    ),
    Case(
        "T2.6: a failure of growth waits for business hours",
        "secondary-covers-holidays",
        "account_events:events_once",
        "2026-10-10T18:00",
        (),
    ),
    Case(
        "T2.6: but not near the end of a month",
        "secondary-covers-holidays",
        "account_events:events_once",
        "2026-10-31T18:00",
        ("carol: major, 2:00:00/8:00:00",),
    ),
    Case(
        "T2.5: engagement is critical at the end of a month",
        "secondary-covers-holidays",
        "engagement:one_row_per_user",
        "2026-10-30T18:00",
        ("carol: critical, 1:00:00/4:00:00",),
    ),
    Case(
        "T3.3, T3.5: on a holiday the primary covers, critical",
        "two-week-rotation",
        "aggregate_profit:one_row_per_grain",
        "2026-11-26T15:00",
        ("david: critical, 1:00:00/4:00:00",),
    ),
    Case(
        "T3.5: major",
        "two-week-rotation",
        "account_events:events_once",
        "2026-10-07T06:30",
        ("david: major, 2:00:00/8:00:00",),
    ),
    Case(
        "T3.5: minor",
        "two-week-rotation",
        "daily_growth:one_row_per_variant",
        "2026-10-07T06:30",
        ("david: minor, 4:00:00/1 day, 0:00:00",),
    ),
    Case(
        "T4.3: the table of major holidays names who serves",
        "annual-holiday-table",
        "revenue_records:ledger_lines_once",
        "2026-11-26T15:00",
        ("eng4: critical, 1:00:00/4:00:00",),
    ),
)


@contextmanager
def pager(example: str, instance: dg.DagsterInstance, folder: Path, post: Post) -> Iterator[Round]:
    handbook = load(ROOT / "examples" / example)
    post.people = frozenset({*handbook.team.engineers, *handbook.team.teams})
    graph = definitions_of(handbook).resolve_asset_graph()
    desk = Desk(handbook, Lineage(graph), "http://dagster.example", Rota(handbook))
    console = Console(pytest.fail)
    with Ledger(f"sqlite:///{folder / 'ledger.sqlite'}") as ledger:
        courier = Courier(ledger, [post], console, handbook.team.limits)
        yield Round(instance, desk, ledger, courier, Teller(ledger, [post], console))
        courier.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.demand.replace(" ", "-"))
def test_a_fault_reaches_the_team_as_its_plan_says(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path))
    at, post = datetime.fromisoformat(case.at).replace(tzinfo=UTC), Post()
    asset, check = case.check.split(":")
    with dg.DagsterInstance.ephemeral() as instance, pager(case.example, instance, tmp_path, post) as rounds:
        (runbook,) = [
            runbook.pipeline
            for runbook, _, one in rounds.desk.handbook.checks()
            if check_target(one.asset, one.name) == case.check
        ]
        before = rounds.tick(None, at - HOUR / 60)
        with clock(at):
            # As the layer's own checks say it.
            said = {labels.PARTITION: (at.date() - timedelta(days=1)).isoformat(), labels.PIPELINE: runbook}
            report(instance, asset, check, metadata=said)
        tick = rounds.tick(before.cursor, at)
    assert 1 == len(tick.opened)
    assert list(case.told) == [line(page) for page in post.pages]


def line(page: Page) -> str:
    return f"{page.to.key}: {page.severity}, {page.respond}/{page.resolve}"
