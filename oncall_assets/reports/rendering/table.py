"""An edition as CSV, exact for a program that goes on computing and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from decimal import Context, Decimal, localcontext
from io import StringIO
from typing import Final

from oncall_assets.reports.edition import Edition, Figure, Unit, Value, change
from oncall_assets.reports.rendering.numbers import exact
from oncall_assets.reports.rendering.wording import said

COLUMNS: Final = (
    *("report", "period_first", "period_last", "figure", "unit"),
    *("value", "period_before", "year_before", "change", "note"),
)

# What makes a cell a formula in a spreadsheet (OWASP, CSV Injection), at its start or, for programs whose
# separator is a semicolon, after one; blanks and quotes before it do not count.
_FORMULA: Final = re.compile(r"""((?:^|;)[\s"']*)([=+\-@＝＋－＠])""")
_WIDE: Final = Context(prec=400)
# Digits of a change, which is a quotient and so never exact.
_ENOUGH: Final = Context(prec=12)


def as_csv(edition: Edition) -> str:
    """A row for each figure by RFC 4180, under the names of `COLUMNS`.

    `unit` is the currency for money, whose amounts are in its units (12.34), or count, ratio (a fraction) or
    number; numbers have a decimal point and nothing that groups them, whatever the locale. `change` is against the
    period before: a fraction of it, of a ratio the difference. A cell without a value is empty, and `note` says
    why.
    """
    written = StringIO(newline="")
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    rows.writerows(_row(edition, figure) for figure in edition.figures)
    return written.getvalue()


def plain(value: Value, unit: Unit) -> str:
    """The exact amount without an exponent, of money in units of the currency; empty where there is none."""
    if value.amount is None:
        return ""
    with localcontext(_WIDE):
        amount = exact(value.amount)
        if unit != "money":
            return f"{amount:f}"
        units = amount / 100
        # A whole number of cents has two decimals; what is a fraction of a cent has as many as it needs.
        return f"{units:.2f}" if units == units.quantize(Decimal("0.01")) else f"{units:f}"


def _row(edition: Edition, figure: Figure) -> list[str]:
    return [
        harmless(edition.report),
        edition.first.isoformat(),
        edition.last.isoformat(),
        harmless(figure.name),
        harmless(edition.currency) if figure.unit == "money" else figure.unit,
        *(plain(value, figure.unit) for value in (figure.now, figure.before, figure.year_ago)),
        _changed(figure),
        harmless("; ".join(_notes(edition, figure))),
    ]


def _changed(figure: Figure) -> str:
    now, before = figure.now.amount, figure.before.amount
    if now is None or before is None or change(figure.unit, figure.now, figure.before).amount is None:
        return ""
    if figure.unit == "ratio":
        with localcontext(_WIDE):
            return f"{exact(now) - exact(before):f}"
    with localcontext(_ENOUGH):
        return f"{(exact(now) - exact(before)) / exact(before):f}"


def harmless(text: str) -> str:
    """Text on one line that no spreadsheet takes for a formula: before what would begin one is an apostrophe."""
    return _FORMULA.sub(r"\1'\2", said(text))


def _notes(edition: Edition, figure: Figure) -> Iterator[str]:
    named = {"value": figure.now, "period_before": figure.before, "year_before": figure.year_ago}
    for column, value in named.items():
        if value.amount is None:
            yield f"{column}: n/a ({value.why})" if value.why else f"{column}: n/a"
    changed = change(figure.unit, figure.now, figure.before)
    if changed.amount is None and None not in {figure.now.amount, figure.before.amount}:
        yield f"change: n/a ({changed.why})"
    if edition.provisional:
        yield f"provisional: {edition.provisional}"
    if edition.override:
        yield f"released although held, by {edition.override.by}: {edition.override.because}"
