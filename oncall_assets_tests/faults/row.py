"""What a row of the fault matrix says, and which issues of the handbook point at what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from oncall_assets.cli.issue_words import feared
from oncall_assets.handbook import Handbook
from oncall_assets.incidents.ledger.fired import last_fired
from oncall_assets.incidents.signals.kinds import check_target
from oncall_assets_tests.faults.eves import BEGUN, Eve
from oncall_assets_tests.faults.world import World

AGGREGATES: Final = ("aggregate_profit", "aggregate_growth", "aggregate_engagement")
# A figure of each published table.
FIGURES: Final = {
    "aggregate_profit": "profit_cents",
    "aggregate_growth": "closing_accounts",
    "aggregate_engagement": "events",
    "investor_report": "profit_cents",
}
# Where people read them.
PUBLISHED: Final = tuple(f"reporting/{table}" for table in FIGURES)
OF_AGGREGATES: Final = (
    "david: critical aggregate_profit",
    "david: major aggregate_growth",
    "david: major aggregate_engagement",
)
OF_ALL: Final = (*OF_AGGREGATES, "david: critical investor_report")


def issues(tables: Iterable[str], name: str) -> tuple[str, ...]:
    """The issue of this name of each table's runbook."""
    return tuple(f"{table}.{name}" for table in tables)


def checks(tables: Iterable[str], name: str) -> tuple[str, ...]:
    """The check of this name on each table."""
    return tuple(f"{table}:{name}" for table in tables)


@dataclass(frozen=True)
class Row:
    """`happens` makes one thing happen, in one sentence `what`, and lets the night and the pager go over it.

    `by` is exactly what detects it: checks as `asset:check`, mechanisms in the handbook's words. Each of `issues`,
    `pipeline.issue`, has one of them as its detector. `told` are the pages: whom, how bad, of which pipeline.
    `held`: investors' report of the day is not published; None where no night made one.
    """

    what: str
    happens: Callable[[World], None]
    by: tuple[str, ...]
    issues: tuple[str, ...]
    told: tuple[str, ...]
    held: bool | None = True
    eve: Eve = BEGUN


def for_software(handbook: Handbook) -> set[str]:
    """The issues that are not left to people alone."""
    return {
        f"{one.runbook.pipeline}.{one.name}"
        for one in feared(handbook, None, ())
        if one.checks or one.issue.detected_by
    }


def pointed_at(world: World) -> set[str]:
    """The issues with a detector among the checks that failed or warned, or shown as found by `oncall issues`."""
    failing = world.failing()
    return {
        f"{one.runbook.pipeline}.{one.name}"
        for one in feared(world.handbook, None, last_fired(world.ledger))
        if one.last or failing.intersection(check_target(check.asset, check.name) for check in one.checks)
    }
