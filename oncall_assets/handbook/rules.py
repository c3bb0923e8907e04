"""The words a runbook may use for a check, so that a misspelt threshold is refused before any data is read.

What stands under each class is the reference text of its rule: `docs/rules.md`, and the check's page in Dagster.
"""

from __future__ import annotations

from math import fsum
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, PlainValidator, field_validator, model_validator

from oncall_assets.handbook.tolerance import Tolerance, tolerance
from oncall_assets.handbook.values import Duration, Written

Ratio = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Column = Annotated[str, Field(min_length=1)]
Columns = Annotated[list[Column], Field(min_length=1)]
Texts = Annotated[list[str], Field(min_length=1)]
Grain = Literal["day", "week", "month"]
Sets = Annotated[dict[str, str | Texts], Field(min_length=1)]
"""Which rows, by the values of text columns; a list where there is a choice."""

OF_THE_FILING: Final = frozenset({"completeness", "matches_total"})
"""Rules that compare with the control totals, which only landed tables have."""


class AnyRule(Written):
    """`example` is what a runbook writes under `expect:`, as its reference shows it."""

    example: ClassVar[str]


class _Where(AnyRule):
    where: dict[str, str] = {}
    """Only rows whose text columns have these values, as in `{grain: day}`."""


class _Limits(_Where):
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _some(self) -> _Limits:
        if self.at_least is None and self.at_most is None:
            raise ValueError("has no bound; expected at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(f"at_most {self.at_most:g} is below at_least {self.at_least:g}; expected it above")
        return self


class Completeness(AnyRule):
    """At least `at_least` of the rows that the control totals list for `source` are there.

    `source` is the asset itself if not given. A day that nobody filed, or filed twice, cannot pass.
    """

    rule: Literal["completeness"]
    source: str | None = None
    at_least: Ratio

    example = "{completeness: {at_least: 0.995}}"


class MatchesTotal(_Where):
    """The sum of `column` on each day is, to the cent, the `amount_cents` that the control totals give `source`.

    `source` is the asset itself if not given. `within` allows a difference: a whole number of cents, or a ratio
    below 1 of the amount filed. A day that nobody filed, or filed twice, cannot pass.
    """

    rule: Literal["matches_total"]
    column: Column
    source: str | None = None
    within: Annotated[Tolerance, PlainValidator(tolerance)] = Tolerance()

    example = "{matches_total: {column: revenue_cents, source: revenue_records, where: {grain: day}}}"


class AgreesWith(_Where):
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


class CrossCheck(_Limits):
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


class Coverage(AnyRule):
    """At least `at_least` of the days of the period so far have rows in the table `of`.

    The period is the month to date; `grain` may make it the week. Days before the first one that was ever computed
    count as missing.
    """

    rule: Literal["coverage"]
    of: str
    at_least: Ratio
    grain: Literal["week", "month"] = "month"

    example = "{coverage: {of: growth, at_least: 0.99}}"


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


class LateShare(_Where):
    """At most `at_most` of the rows that landed on a day arrived more than `later_than` after they happened.

    `happened` and `arrived` are columns with instants; a row without either counts as in time.
    """

    rule: Literal["late_share"]
    happened: Column
    arrived: Column
    later_than: Duration
    at_most: Ratio

    example = "{late_share: {happened: occurred_at, arrived: ingested_at, later_than: 48h, at_most: 0.02}}"


class FinalAfter(_Where):
    """No row arrived more than `after` after the end of the UTC day it happened on: that day is final by then.

    `happened` and `arrived` are columns with instants; a row without either is not judged here.
    """

    rule: Literal["final_after"]
    happened: Column
    arrived: Column
    after: Duration

    example = "{final_after: {happened: occurred_at, arrived: ingested_at, after: 7 days}}"


class SampleRatio(_Where):
    """The values of `column` are shared out as `expected` says, by a chi-squared test on each day.

    It alarms where so uneven a split has a probability below `alarm_below`. Rows are counted, or `counts` names a
    column that says how many each row stands for; `by` names a column whose values are tested one by one, such as
    the experiment. A value nobody expected fails. Where a share stands for fewer than 5 it is too early to judge.
    """

    rule: Literal["sample_ratio"]
    column: Column
    expected: Annotated[dict[str, Annotated[float, Field(gt=0, lt=1)]], Field(min_length=2, max_length=32)]
    alarm_below: Annotated[float, Field(gt=0, lt=1)] = 0.001
    counts: Column | None = None
    by: Column | None = None

    example = "{sample_ratio: {column: variant, by: experiment_id, expected: {control: 0.5, bold: 0.5}}}"

    @field_validator("expected")
    @classmethod
    def _whole(cls, expected: dict[str, float]) -> dict[str, float]:
        whole = fsum(expected.values())
        if abs(whole - 1) > 1e-9:
            raise ValueError(f"adds up to {whole:g}; expected shares that add up to 1")
        return expected


class NotNull(_Where):
    """In each of `columns`, at least `at_least` of the rows have a value."""

    rule: Literal["not_null"]
    columns: Columns
    at_least: Ratio = 1.0

    example = "{not_null: {columns: [account_id], at_least: 0.99}}"


class AcceptedValues(_Where):
    """Every value of `column` is one of `values`; an empty value is not judged here."""

    rule: Literal["accepted_values"]
    column: Column
    values: Texts

    example = "{accepted_values: {column: currency, values: [USD]}}"


class Unique(_Where):
    """No two rows have the same values in all of `columns`."""

    rule: Literal["unique"]
    columns: Columns

    example = "{unique: {columns: [day, account_id]}}"


class Schema(AnyRule):
    """The stored table has exactly the columns and types of its contract."""

    rule: Literal["schema"]

    example = "{schema: {}}"


class DayOverDay(_Where):
    """The sum of `column` moves by no more than `at_most` (a ratio) from what it was `days_back` days before."""

    rule: Literal["day_over_day"]
    column: Column
    at_most: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    days_back: Annotated[int, Field(ge=1, le=366)] = 1

    example = "{day_over_day: {column: revenue_cents, at_most: 15.0, days_back: 7, where: {grain: day}}}"


class Bounds(_Limits):
    """Every value of `column` lies from `at_least` to `at_most`, both allowed."""

    rule: Literal["bounds"]
    column: Column

    example = "{bounds: {column: score, at_least: 0, at_most: 10}}"


class Finite(_Where):
    """Every value of `columns` is a number: not empty, not NaN, not infinite."""

    rule: Literal["finite"]
    columns: Columns

    example = "{finite: {columns: [margin], where: {grain: month}}}"


Rule = Annotated[
    Completeness
    | MatchesTotal
    | AgreesWith
    | CrossCheck
    | Coverage
    | NoOverlap
    | LateShare
    | FinalAfter
    | SampleRatio
    | NotNull
    | AcceptedValues
    | Unique
    | Schema
    | DayOverDay
    | Bounds
    | Finite,
    Field(discriminator="rule"),
]


def tables_named(rule: Rule) -> dict[str, str]:
    """The tables beside its asset that the rule names, by the field that names them; the filing is not one."""
    return {field: name for field in ("other", "of") if isinstance(name := getattr(rule, field, None), str)}
