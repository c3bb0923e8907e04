"""Rules about how a table was computed, not what is in it: when, how long, from what, by which definition."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from oncall_assets.handbook.rules.written import AnyRule, Grain, Texts
from oncall_assets.handbook.values import Duration, Hour


class ArrivedBy(AnyRule):
    """The day's rows were there at the wall time `by` of the team's zone on the day after.

    What counts is when they were computed first: a repair does not make a day late. A day that came more than a
    day after that, or together with other days in one run, is a backfill, and is not judged; one that was never
    computed fails.
    """

    rule: Literal["arrived_by"]
    by: Hour

    example = '{arrived_by: {by: "04:00"}}'
    reads_tables = False


class RunningTime(AnyRule):
    """Computing the table took at most `at_most` times the median of its own last `runs` runs over as many days.

    What takes less than `at_least` is never slow. With fewer than five such runs it is too early to judge.
    """

    rule: Literal["duration"]
    at_most: Annotated[float, Field(gt=1, allow_inf_nan=False)]
    runs: Annotated[int, Field(ge=5, le=100)] = 20
    at_least: Duration = Field(default="1m", validate_default=True)

    example = "{duration: {at_most: 3, runs: 20, at_least: 5m}}"
    reads_tables = False
    about_days = False


class StaleUpstream(AnyRule):
    """No day of the tables `upstream` was computed again after this table was computed from it.

    The days judged are the run's own and the `days_back` before them; days that this table does not have are not
    judged here. A day is computed from the same day of `upstream`, or with `grain` from the days of its week or
    month up to its own.
    """

    rule: Literal["stale_upstream"]
    upstream: Texts
    days_back: Annotated[int, Field(ge=0, le=366)] = 7
    grain: Grain = "day"

    example = "{stale_upstream: {upstream: [aggregate_profit, aggregate_growth], days_back: 31}}"
    reads_tables = False


class DefinitionChanged(AnyRule):
    """Every one of the days was computed by the definition in force: this code, and these words of the runbook.

    The days judged are the run's own and the `days_back` before them. A day computed by an earlier definition is
    to be computed again, or two figures of one name stand in one chart. One of which nothing records by which
    definition it was computed is not judged.
    """

    rule: Literal["definition_changed"]
    days_back: Annotated[int, Field(ge=0, le=366)] = 31

    example = "{definition_changed: {days_back: 31}}"
    reads_tables = False
