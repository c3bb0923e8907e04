"""Rules that hold a source against the accounting filing, the one count that does not pass through our hands."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import PlainValidator

from oncall_assets.handbook.rules.written import AnyRule, Column, Ratio, Rows
from oncall_assets.handbook.tolerance import Tolerance, tolerance

OF_THE_FILING: Final = frozenset({"completeness", "matches_total"})
"""Rules that compare with the control totals, which only landed tables have."""


class Completeness(AnyRule):
    """At least `at_least` of the rows that the control totals list for `source` are there.

    `source` is the asset itself if not given. A day that nobody filed, or filed twice, cannot pass.
    """

    rule: Literal["completeness"]
    source: str | None = None
    at_least: Ratio

    example = "{completeness: {at_least: 0.995}}"


class MatchesTotal(Rows):
    """The sum of `column` on each day is, to the cent, the `amount_cents` that the control totals give `source`.

    `source` is the asset itself if not given. `within` allows a difference: a whole number of cents, or a ratio
    below 1 of the amount filed. A day that nobody filed, or filed twice, cannot pass.
    """

    rule: Literal["matches_total"]
    column: Column
    source: str | None = None
    within: Annotated[Tolerance, PlainValidator(tolerance)] = Tolerance()

    example = "{matches_total: {column: revenue_cents, source: revenue_records, where: {grain: day}}}"
