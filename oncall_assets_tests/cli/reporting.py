"""The small team with reports to send, and editions of them in the ledger as the desk leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from oncall_assets.handbook.reports import Grain
from oncall_assets.incidents.ledger.edition_records import EditionRecord, NewCopy, NewEdition, Won
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.metrics.days import Days
from oncall_assets.reports.edition import Amount, Edition, Figure, Unit, Value
from oncall_assets_tests.cli import company

# Of the pipeline `profit`, which alice owns with bob and carol; david owns nothing.
RUNBOOK = """---
purpose: Tells what is earned.
metrics:
  - {name: Profit, means: What is left., calculation: revenue - cost}
  - {name: Margin, means: A share of revenue., calculation: profit / revenue}
  - {name: Users, means: People who did something., calculation: distinct users}
frequency: daily
sla: [by 06:00]
severity: critical
issues: {short: {what: rows are missing, by_hand: look}}
reports:
  - name: daily
    title: Profit
    of: aggregate_profit
    period: day
    due: {at: "06:00"}
    to: [stakeholders]
    figures:
      - {column: profit_cents, name: Profit, metric: Profit}
      - {column: margin, name: Margin, metric: Margin}
  - name: monthly
    title: Profit of the month
    of: aggregate_profit
    period: month
    due: {on: 1, at: "08:00"}
    to: [stakeholders]
    figures: [{column: profit_cents, name: Profit, metric: Profit}]
  - name: usage
    title: Usage
    of: aggregate_engagement
    period: week
    due: {on: monday, at: "07:00"}
    to: [stakeholders]
    late_events: told
    figures: [{column: active_users, name: Active users, metric: Users}]
---
## Procedure
1. Look.
"""
FINANCE, BOARD, CEO = ADDRESSES = ("finance@example.com", "board@example.com", "ceo@example.com")
DAY = Days.one(date(2026, 10, 6))
MONTH = Days.parse("2026-09-01", "2026-09-30")
HOUR = timedelta(hours=1)


def handbook(folder: Path, channels: str = "console: {}") -> Path:
    """The team's handbook in `folder` with its reports, to three addresses."""
    company.handbook(folder)
    team = folder / "team.yaml"
    text = team.read_text().replace("[finance@example.com]}", f"[{', '.join(ADDRESSES)}]}}")
    team.write_text(text.replace("channels: {console: {}}", f"channels: {{{channels}}}"))
    (folder / "profit.md").write_text(RUNBOOK)
    return folder


def figure(column: str, amount: Amount | None, why: str | None = None) -> Figure:
    """A figure of a column of the tables that the reports are of."""
    units: dict[str, Unit] = {"profit_cents": "money", "margin": "ratio", "active_users": "count"}
    nothing = Value(why="not computed")
    return Figure(
        name=column.removesuffix("_cents").replace("_", " ").capitalize(),
        column=column,
        unit=units[column],
        means="It means this.",
        calculation="a - b",
        now=Value(amount=amount, why=why),
        before=nothing,
        year_ago=nothing,
    )


def content(report: str, days: Days, figures: Sequence[Figure], at: datetime, **more: Any) -> Edition:
    """An edition with these figures."""
    grain: Grain = "day" if len(days.each) == 1 else "week" if len(days.each) == 7 else "month"
    return Edition(
        **{
            "report": report,
            "title": "Profit",
            "pipeline": "profit",
            "team": "small-data",
            "table": "aggregate_profit",
            "grain": grain,
            "first": days.first,
            "last": days.last,
            "zone": "America/New_York",
            "currency": "USD",
            "locale": "en_US",
            "due": at,
            "composed_at": at,
            "computed_at": at,
            "coverage": 1.0,
            "figures": tuple(figures),
            **more,
        }
    )


def begins(book: EditionBook, edition: Edition, at: datetime) -> EditionRecord:
    """The edition is on its way, no copy of it sent yet."""
    period = str(Days(edition.first, edition.last))
    copies = tuple(
        NewCopy(f"audience.stakeholders.{address}", address, f"<{edition.report}-{period}-{address}>")
        for address in ADDRESSES
    )
    new = NewEdition(edition.report, period, edition.due, edition.model_dump_json(), at, copies)
    claimed = book.begin(new, "run-1", at, at + HOUR)
    assert isinstance(claimed, Won)
    return claimed.edition


def sends(
    book: EditionBook, edition: Edition, at: datetime, doubtful: Sequence[str] = (), refused: Sequence[str] = ()
) -> EditionRecord:
    """The edition is sent to everybody, but that some copies are in doubt and some refused."""
    begun = begins(book, edition, at)
    for copy in begun.copies:
        assert book.claim_copy(copy.id, at, at + HOUR)
        if copy.address in doubtful:
            book.copy_doubtful(copy.id, "it fell silent", at)
        elif copy.address in refused:
            book.copy_refused(copy.id, "no such mailbox", at)
        else:
            book.copy_sent(copy.id, at)
    return book.finish(begun.id, at)
