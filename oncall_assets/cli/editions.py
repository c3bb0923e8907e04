"""Reports as they are sent: `oncall editions`, `release`, `settle`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from oncall_assets.cli.asking import as_option, as_whom, author_of, by_option, fail, worded
from oncall_assets.cli.edition_names import chosen, edition_options, opened_book, reports_of
from oncall_assets.cli.loading import load
from oncall_assets.handbook import Handbook
from oncall_assets.metrics.days import Days
from oncall_assets.notify.message import in_utc, printable

if TYPE_CHECKING:
    from oncall_assets.incidents.ledger.edition_records import CopyRecord, HoldRecord
    from oncall_assets.incidents.ledger.editions import EditionBook
    from oncall_assets.reports.cadence import Planned


@click.command()
@click.argument("report", required=False)
@click.option("--all", "every", is_flag=True, help="Every edition that was sent, too.")
@click.pass_obj
def editions(folder: Path, report: str | None, every: bool) -> None:
    """List the editions that are held, in doubt, were due last and are due next, of REPORT or of all reports."""
    handbook, now = load(folder), datetime.now(UTC)
    with as_option("'REPORT'"):
        wanted = reports_of(handbook, report)
    if not wanted:
        click.echo("No report is planned; a runbook plans them under `reports:`.")
        return
    from oncall_assets.cli.edition_words import Standings
    from oncall_assets.cli.tables import print_editions

    with opened_book() as book:
        standings = Standings(handbook, book, now)
        lines = [line for one in wanted for line in standings.of(one, every=every)]
    rows = [(line.report, line.period, standings.wall(line.due), line.state) for line in lines]
    print_editions(("report", "period", "due", "state"), rows)
    click.echo(f"Wall times of {handbook.team.timezone}.")


@click.command()
@edition_options
@click.option("--because", required=True, help="Why it may go out as it is; its readers see it.")
@by_option
@click.option("--yes", is_flag=True, help="Do not ask, as in a script.")
@click.pass_obj
def release(folder: Path, /, name: str, period: str, because: str, author: str | None, yes: bool) -> None:
    """Let an edition go out although it is held; only the owners of its pipeline may.

    Nothing happens before you have seen what holds it, and said yes.
    """
    handbook, now = load(folder), datetime.now(UTC)
    one, days = chosen(handbook, name, period)
    who, reason = author_of(handbook, author, now), worded(because, "'--because'")
    with opened_book() as book:
        _only_an_owner(handbook, one, who)
        hold = _held(book, one, days)
        click.echo(
            printable(f"{one.key} for {days} is due at {in_utc(hold.due)} and held since {in_utc(hold.held_at)}:")
        )
        for text in hold.reasons:
            click.echo(printable(f"- {text}"))
        if not yes:
            whom = as_whom(handbook, who)
            click.confirm(f"Release it as {whom}? It says to its readers that you did, and why.", abort=True)
        book.release(one.key, str(days), who, reason, hold.reasons, datetime.now(UTC))
    soon = "when it is due" if hold.due > now else "within a minute"
    click.echo(f"{one.key} for {days} released as {as_whom(handbook, who)}; it is sent {soon}.")


@click.command()
@edition_options
@click.option("--copy", "number", type=click.IntRange(min=1), help="Which copy, where several are in doubt.")
@click.option("--arrived/--not-arrived", default=None, help="What the recipient or the mail server's log says.")
@by_option
@click.pass_obj
def settle(
    folder: Path, /, name: str, period: str, number: int | None, arrived: bool | None, author: str | None
) -> None:
    """Say what became of a copy that nobody knows of whether it arrived; one that did not is sent again.

    Without --arrived or --not-arrived it lists the copies in doubt.
    """
    handbook, now = load(folder), datetime.now(UTC)
    one, days = chosen(handbook, name, period)
    who = author_of(handbook, author, now)
    from oncall_assets.cli.edition_words import Standings, doubts

    with opened_book() as book:
        found = [record for record in book.doubtful() if (record.report, record.period) == (one.key, str(days))]
        copies = [copy for record in found for copy in record.copies if copy.state == "doubtful"]
        if not copies:
            fail(f"no copy of {one.key} for {days} is in doubt")
        listed = [printable(line) for line in doubts(copies, Standings(handbook, book, now))]
        if arrived is None:
            click.echo("\n".join(listed))
            return
        copy = _copy(copies, number, listed)
        record = book.settle(copy.id, arrived, who, now)
    # What somebody sent again on purpose no machine goes on with.
    again = "waits for `oncall resend`" if record.repeat else "is sent again within a minute"
    became = "arrived" if arrived else f"did not arrive, and {again}"
    click.echo(printable(f"Copy {copy.id} to {copy.address} {became}, says {as_whom(handbook, who)}."))


def _only_an_owner(handbook: Handbook, one: Planned, who: str) -> None:
    owned = handbook.team.pipelines[one.pipeline]
    owners = list(dict.fromkeys((owned.primary, *owned.secondary)))
    if who not in owners:
        names = " or ".join(as_whom(handbook, owner) for owner in owners)
        fail(f"{as_whom(handbook, who)} does not own {one.pipeline}; only {names} may release {one.key}")


def _held(book: EditionBook, one: Planned, days: Days) -> HoldRecord:
    """What holds it; nothing, or that it is sent or released, ends the command."""
    name = f"{one.key} for {days}"
    if (release := book.released(one.key, str(days))) is not None:
        fail(f"{name} was released by {release.by} at {in_utc(release.at)} already: {release.because}")
    if (record := book.edition(one.key, str(days))) is not None:
        how = f"was sent at {in_utc(record.sent_at)}" if record.sent_at else "is on its way"
        fail(f"{name} {how} already; there is nothing to release")
    hold = book.hold_of(one.key, str(days))
    if hold is None or hold.over_at is not None:
        fail(f"{name} is not held; `oncall editions {one.key}` says how it stands")
    return hold


def _copy(copies: list[CopyRecord], number: int | None, listed: list[str]) -> CopyRecord:
    found = [copy for copy in copies if number in (None, copy.id)]
    if len(found) != 1:
        what = "several copies are" if number is None else f"copy {number} is not"
        fail("\n".join([f"{what} in doubt; expected --copy with the number of one that is:", *listed]))
    return found[0]
