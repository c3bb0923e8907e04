"""Figures as they were sent, and those that have changed since: `oncall figures`, `oncall restated`."""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from oncall_assets.cli.asking import as_option, as_whom, author_of, by_option
from oncall_assets.cli.edition_names import opened_book, reports_of
from oncall_assets.cli.loading import load
from oncall_assets.cli.values import Day, instant
from oncall_assets.reports.edition import Edition, Figure, Value

if TYPE_CHECKING:
    from oncall_assets.incidents.ledger.edition_records import EditionRecord, RestatementRecord
    from oncall_assets.incidents.ledger.editions import EditionBook

# All that a daily report sends in decades.
_EVERY: Final = 10_000
_HEADS: Final = ("report", "period", "figure", "as sent", "sent at", "again", "now", "since")
_COLUMNS: Final = (
    *("report", "period_first", "period_last", "figure", "unit"),
    *("value", "sent_at", "repeats", "restated_to", "restated_at", "note"),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A figure of an edition as its readers got it at `at` (UTC), and what it says now if that differs.

    Without `at` nobody knows whether it arrived. `repeats` counts how often it was sent again.
    """

    edition: Edition
    figure: Figure
    at: datetime | None
    repeats: int
    now: Value | None
    since: datetime | None


@click.command()
@click.argument("name", metavar="REPORT|TABLE")
@click.option(
    "--as-sent", is_flag=True, required=True, expose_value=False, help="What its readers got, edition by edition."
)
@click.option("--since", type=Day(), help="Of the editions sent since this day.")
@click.option("--format", "form", type=click.Choice(["table", "csv"]), default="table", show_default=True)
@click.pass_obj
def figures(folder: Path, /, name: str, since: date | None, form: str) -> None:
    """Show every figure of a report, or of all reports of a table, as it was sent, and what has changed since."""
    handbook = load(folder)
    zone = ZoneInfo(handbook.team.timezone)
    with as_option("'REPORT|TABLE'"):
        reports = reports_of(handbook, name)
    begin = None if since is None else instant(since, zone)
    with opened_book() as book:
        found = [sent for one in reports for sent in history(book, one.key, begin)]
    if form == "csv":
        _print_csv(found)
    elif found:
        from oncall_assets.cli.tables import print_editions

        print_editions(_HEADS, [_row(one, zone) for one in found])
        click.echo(f"Wall times of {zone.key}.")
    else:
        click.echo(f"Nothing of {name} was sent{'' if since is None else f' since {since}'}.")


@click.command()
@click.argument("number", type=click.IntRange(min=1), required=False)
@by_option
@click.pass_obj
def restated(folder: Path, number: int | None, author: str | None) -> None:
    """List the figures that changed since they were sent, or say that the readers of NUMBER need not hear of it.

    The next edition of the report lists them by itself, and so ends them.
    """
    handbook, now = load(folder), datetime.now(UTC)
    if number is not None:
        who = author_of(handbook, author, now)
        with opened_book() as book:
            book.close_restatement(number, who, now)
        click.echo(f"Restatement {number} closed as {as_whom(handbook, who)}; no edition will list it.")
        return
    with opened_book() as book:
        found = book.restatements()
    if not found:
        click.echo("No figure says anything else than its readers were told.")
        return
    from oncall_assets.cli.tables import print_editions

    heads = ("#", "report", "period", "figure", "told", "now", "found", "cause")
    zone = ZoneInfo(handbook.team.timezone)
    print_editions(heads, [_restated_row(record, zone) for record in found])
    click.echo(f"Wall times of {zone.key}; `oncall restated NUMBER` closes one.")


def history(book: EditionBook, report: str, since: datetime | None) -> Iterator[Sent]:
    """Every figure of the report that somebody got, or may have got, at `since` or later, the oldest first."""
    editions: dict[str, list[EditionRecord]] = defaultdict(list)
    for record in reversed(book.sent(report, _EVERY)):
        editions[record.period].append(record)
    changed = {(one.edition.period, one.column): one for one in book.restatements(report, open_only=False)}
    for period, records in sorted(editions.items()):
        first = min(records, key=lambda record: record.repeat)
        edition, at = Edition.model_validate_json(first.content), _at(first)
        if since is not None and (at or first.composed_at) < since:
            continue
        for figure in edition.figures:
            change = changed.get((period, figure.column))
            now = None if change is None else Value.model_validate_json(change.now)
            differs = change is not None and now is not None and now.amount != figure.now.amount
            yield Sent(
                edition,
                figure,
                at,
                len(records) - 1,
                now if differs else None,
                change.found_at if change is not None and differs else None,
            )


def _at(record: EditionRecord) -> datetime | None:
    """When the first copy arrived."""
    return min((copy.sent_at for copy in record.copies if copy.sent_at), default=None)


def _row(one: Sent, zone: ZoneInfo) -> tuple[str, ...]:
    from oncall_assets.cli.edition_words import times
    from oncall_assets.reports.rendering.numbers import shown

    unit, edition = one.figure.unit, one.edition
    return (
        edition.report,
        _period(edition),
        one.figure.name,
        shown(one.figure.now, unit, edition),
        _wall(one.at, zone) if one.at else "in doubt",
        times(one.repeats) if one.repeats else "",
        shown(one.now, unit, edition) if one.now else "",
        _wall(one.since, zone) if one.since else "",
    )


def _restated_row(record: RestatementRecord, zone: ZoneInfo) -> tuple[str, ...]:
    from oncall_assets.reports.rendering.numbers import shown

    edition = Edition.model_validate_json(record.edition.content)
    figure = next(one for one in edition.figures if one.column == record.column)
    told, now = (
        shown(Value.model_validate_json(text), figure.unit, edition) for text in (record.sent, record.now)
    )
    where = (str(record.id), edition.report, _period(edition), figure.name)
    return (*where, told, now, _wall(record.found_at, zone), record.cause)


def _print_csv(found: Sequence[Sent]) -> None:
    """By RFC 4180; money in units of its currency, which `unit` names, and instants in UTC."""
    from oncall_assets.reports.rendering.table import harmless, plain

    rows = csv.writer(sys.stdout, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    for one in found:
        edition, figure = one.edition, one.figure
        notes = [value.why for value in (figure.now, one.now) if value is not None and value.amount is None]
        rows.writerow(
            (
                harmless(edition.report),
                edition.first.isoformat(),
                edition.last.isoformat(),
                harmless(figure.name),
                harmless(edition.currency) if figure.unit == "money" else figure.unit,
                plain(figure.now, figure.unit),
                one.at.isoformat() if one.at else "",
                str(one.repeats),
                plain(one.now, figure.unit) if one.now else "",
                one.since.isoformat() if one.since else "",
                harmless("; ".join(f"n/a ({why})" for why in notes)),
            )
        )


def _period(edition: Edition) -> str:
    from oncall_assets.metrics.days import Days

    return str(Days(edition.first, edition.last))


def _wall(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"
