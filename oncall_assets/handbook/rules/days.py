"""Rules about time: other days, late rows, and who was given what on one day."""

from __future__ import annotations

from math import fsum
from typing import Annotated, Literal

from pydantic import Field, field_validator

from oncall_assets.handbook.rules.written import AnyRule, Column, Ratio, Rows
from oncall_assets.handbook.values import Duration


class DayOverDay(Rows):
    """The sum of `column` moves by no more than `at_most` (a ratio) from what it was `days_back` days before."""

    rule: Literal["day_over_day"]
    column: Column
    at_most: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    days_back: Annotated[int, Field(ge=1, le=366)] = 1

    example = "{day_over_day: {column: revenue_cents, at_most: 15.0, days_back: 7, where: {grain: day}}}"


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


class LateShare(Rows):
    """At most `at_most` of the rows that landed on a day arrived more than `later_than` after they happened.

    `happened` and `arrived` are columns with instants; a row without either counts as in time.
    """

    rule: Literal["late_share"]
    happened: Column
    arrived: Column
    later_than: Duration
    at_most: Ratio

    example = "{late_share: {happened: occurred_at, arrived: ingested_at, later_than: 48h, at_most: 0.02}}"


class FinalAfter(Rows):
    """No row arrived more than `after` after the end of the UTC day it happened on: that day is final by then.

    `happened` and `arrived` are columns with instants; a row without either is not judged here.
    """

    rule: Literal["final_after"]
    happened: Column
    arrived: Column
    after: Duration

    example = "{final_after: {happened: occurred_at, arrived: ingested_at, after: 7 days}}"


class SampleRatio(Rows):
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


class WithinTrend(Rows):
    """The sum of `column` of each day lies in the band that its own past leads to expect.

    What is expected is the median of the same weekday in the `weeks` before, each moved by how far the level of
    its own week has moved since, so that weekday, season and growth are no alarm. The band is `width` times the
    robust spread of those weeks around it, as a ratio where the figure is hardly ever 0, and never narrower than
    `at_least` (a ratio) of what is expected. A day without rows is 0. With fewer than four of the weeks there it
    is too early to judge.
    """

    rule: Literal["within_trend"]
    column: Column
    weeks: Annotated[int, Field(ge=4, le=52)] = 8
    width: Annotated[float, Field(gt=0, le=100)] = 8.0
    at_least: Ratio = 0.05

    example = "{within_trend: {column: revenue_cents, weeks: 8, where: {grain: day}}}"
