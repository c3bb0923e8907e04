"""A ledger with a night in it, as the pager leaves one, for the commands to read and to write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oncall_assets.handbook.home import ledger_url
from oncall_assets.handbook.team import Severity
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.policy.decide import Reason, decide
from oncall_assets.incidents.policy.grading import Grade
from oncall_assets_tests.cli.company import oncall
from oncall_assets_tests.incidents.ledger.entries import case, failed, letter, newest, page, passed, sent

HOUR = timedelta(hours=1)
_SPANS: dict[Severity, tuple[timedelta, timedelta]] = {
    "critical": (HOUR, 4 * HOUR),
    "major": (2 * HOUR, 8 * HOUR),
    "minor": (4 * HOUR, 24 * HOUR),
}


def now() -> datetime:
    """The command reads the clock itself, so what it reads about is set against it; whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Night:
    """Writes into the ledger in the environment."""

    ledger: Ledger

    def opens(
        self,
        asset: str,
        at: datetime,
        severity: Severity = "critical",
        *,
        partition: str | None = "2026-11-20",
        upstream: str | None = None,
        waits: timedelta = timedelta(0),
        **more: Any,
    ) -> int:
        """The number of the incident that the failed check of the asset opens or joins.

        `more` is about its case; with `upstream` it joins the incident of that asset; its clock `waits` so long.
        """
        signal = failed(0, asset, partition, id=f"{asset} {partition} {at.isoformat()}", at=at)
        respond, resolve = _SPANS[severity]
        start = at + waits
        with self.ledger.writing() as pen:
            ancestors = frozenset({upstream} if upstream else ())
            (decision,) = decide([signal], pen.open_incidents(), {}, lambda _: ancestors)
            if decision.reason is Reason.OPENED:
                told = {"title": f"complete failed on {asset}", "pipeline": "profit", "issues": ()} | more
                grade = Grade(severity, "business_hours" if waits else "any_time", ())
                pen.open(decision, case(**told), grade, (start, start + respond, start + resolve), at)
            pen.record([decision], at)
            return pen.number(decision.incidents[0])

    def passes(self, asset: str, at: datetime, partition: str) -> None:
        """The asset's check passes for the partition."""
        signal = replace(passed(0, asset, partition), id=f"passed {asset} {partition}", at=at)
        with self.ledger.writing() as pen:
            pen.record(decide([signal], pen.open_incidents(), {}, lambda _: frozenset()), at)

    def tells(self, number: int, person: str, at: datetime, step: str = "1.1 on_call.primary") -> None:
        """A page of the incident reaches the person."""
        with self.ledger.writing() as pen:
            assert pen.post(replace(letter(page(number, person, step), "slack", step), created_at=at), at)
        sent(self.ledger, newest(self.ledger, "slack", at), at)


@contextmanager
def night() -> Iterator[Night]:
    with Ledger(ledger_url()) as ledger:
        yield Night(ledger)


def listed(book: Path, *arguments: str) -> list[dict[str, Any]]:
    """What `oncall incidents` gives to programs."""
    found: list[dict[str, Any]] = json.loads(oncall(book, "incidents", *arguments, "--json").stdout)
    return found
