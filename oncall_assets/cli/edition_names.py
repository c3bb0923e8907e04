"""What the commands about editions share: which one is meant, as people type it, and the book that keeps it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from oncall_assets.cli.asking import as_option, opened_ledger
from oncall_assets.cli.values import FIRST_YEAR, LAST_YEAR
from oncall_assets.handbook import Handbook
from oncall_assets.handbook.problem import one_of, shown
from oncall_assets.handbook.reports import Grain
from oncall_assets.incidents.asked import Refused
from oncall_assets.metrics.days import Days

if TYPE_CHECKING:
    from oncall_assets.incidents.ledger.editions import EditionBook
    from oncall_assets.reports.cadence import Planned

Command = TypeVar("Command", bound=Callable[..., Any])

_EXAMPLES: Final[dict[Grain, str]] = {
    "day": "2026-10-06",
    "week": "2026-W40 or 2026-09-28…2026-10-04",
    "month": "2026-10 or 2026-10-01…2026-10-31",
}
_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def edition_options(command: Command) -> Command:
    """Which edition it is, in two options."""
    names = "as 2026-10-06, 2026-W40, 2026-10 or 2026-09-28…2026-10-04"
    period = click.option("--period", required=True, help=f"The days that it tells of, {names}.")
    report = click.option("--edition", "name", metavar="REPORT", required=True, help="Its report.")
    return report(period(command))


@contextmanager
def opened_book() -> Iterator[EditionBook]:
    """The editions of the ledger, as `opened_ledger`."""
    from oncall_assets.incidents.ledger.editions import EditionBook

    with opened_ledger() as ledger:
        yield EditionBook(ledger)


def chosen(handbook: Handbook, name: str, period: str) -> tuple[Planned, Days]:
    """The edition that `edition_options` name; what names none ends the command."""
    with as_option("'--edition'"):
        one = report_of(handbook, name)
    with as_option("'--period'"):
        return one, period_of(one, period)


def report_of(handbook: Handbook, name: str) -> Planned:
    """The report with this key, or the only one of the pipeline with this name. Raises Refused."""
    (one, *others) = reports_of(handbook, name)
    if others:
        raise Refused(
            f"{name} has {len(others) + 1} reports; {one_of(name, [one.key, *(each.key for each in others)])}"
        )
    return one


def reports_of(handbook: Handbook, name: str | None) -> list[Planned]:
    """The report with this key, or all of the pipeline or the table with this name, or all. Raises Refused."""
    from oncall_assets.reports.cadence import planned

    every = planned(handbook)
    if name is None:
        return every
    of_several = [one for one in every if name in (one.pipeline, one.table)]
    found = [one for one in every if one.key == name] or of_several
    if not found:
        raise Refused(f"{shown(name)} is no report; {one_of(name, [one.key for one in every])}")
    return found


def period_of(one: Planned, text: str) -> Days:
    """The days of a period of the report: `2026-10-06`, `2026-W40`, `2026-10` or a range. Raises Refused."""
    from oncall_assets.metrics.days import period_of as whole

    grain = one.report.period
    days = _days(text)
    if days is None or days != whole(days.first, grain):
        expected = f"expected one such as {_EXAMPLES[grain]}"
        raise Refused(f"{shown(text)} is no {grain}, which {one.key} is of; {expected}")
    return days


def _days(text: str) -> Days | None:
    """Any stretch of days that can be written; None for what is none, or far from any that there are."""
    year = re.match("([0-9]{4})-", text)
    if year is None or not FIRST_YEAR <= int(year[1]) <= LAST_YEAR:
        return None
    with suppress(ValueError):
        if re.fullmatch(_DAY, text):
            return Days.parse(text)
        if week := re.fullmatch("([0-9]{4})-W([0-9]{2})", text):
            monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return Days(monday, monday + timedelta(days=6))
        if re.fullmatch("[0-9]{4}-[0-9]{2}", text):
            first = date.fromisoformat(f"{text}-01")
            return Days(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        # Not every keyboard has the character that Days writes.
        if stretch := re.fullmatch(rf"({_DAY})(?:…|\.{{2,3}})({_DAY})", text):
            return Days.parse(stretch[1], stretch[2])
    return None
