"""Rules about rows against rows: columns and types, repeats, overlaps, and what another table adds up to."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from oncall_assets.handbook.rules.written import AnyRule, Column, Columns, Grain, Limits, Rows, Sets


class Schema(AnyRule):
    """The stored table has exactly the columns and types of its contract."""

    rule: Literal["schema"]

    example = "{schema: {}}"


class Unique(Rows):
    """No two rows have the same values in all of `columns`."""

    rule: Literal["unique"]
    columns: Columns

    example = "{unique: {columns: [day, account_id]}}"


class NoOverlap(AnyRule):
    """No `key` stands both among the rows that `first` describes and among those of `second`, in one period.

    Each names text columns and the values they have, one or a list. `second` may be of another table, `other`. The
    period is the day, or with `grain` the week or month to date. An empty key is not judged here.
    """

    rule: Literal["no_overlap"]
    key: Columns
    first: Sets
    second: Sets
    other: str | None = None
    grain: Grain = "day"

    example = "{no_overlap: {key: [account_id], first: {variant: control}, second: {variant: bold}, grain: month}}"

    @model_validator(mode="after")
    def _two_sets(self) -> NoOverlap:
        if self.other is None and self.first == self.second:
            raise ValueError(
                "has one set as `first` and as `second`; expected two, or the table of the second as `other:`"
            )
        return self


class AgreesWith(Rows):
    """The sum of `column` is, to the unit, what the table `other` adds up to in `other_column` on the same day.

    Without `other_column` the rows of `other` are counted. With `grain`, only the rows of that grain are judged,
    each against the days of its period up to its own. `where` and `other_where` choose rows on either side. A day
    without rows adds up to 0.
    """

    rule: Literal["agrees_with"]
    column: Column
    other: str
    other_column: Column | None = None
    other_where: dict[str, str] = {}
    grain: Grain | None = None

    example = "{agrees_with: {column: events, grain: month, other: engagement, other_column: events}}"


class CrossCheck(Limits):
    """On each day, the sum of `column` over that of `other_column` in the table `other` is a plausible ratio.

    Plausible is from `at_least` to `at_most`, both allowed. Without `other_column` the rows of `other` are
    counted; `where` and `other_where` choose rows on either side. A day with nothing on both sides is not judged;
    one with nothing to divide by fails.
    """

    rule: Literal["cross_check"]
    column: Column
    other: str
    other_column: Column | None = None
    other_where: dict[str, str] = {}

    example = "{cross_check: {column: events, other: usage_events, at_least: 0.8, at_most: 1.1}}"
