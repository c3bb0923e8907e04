"""Reports as a team promises them: which figures of which period, to whom, and by which hour of which day."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainValidator, model_validator

from oncall_assets.handbook.problem import did_you_mean, shown
from oncall_assets.handbook.values import WEEKDAYS, CheckName, Duration, Hour, Name, Written

Grain = Literal["day", "week", "month"]
Text = Annotated[str, Field(min_length=1)]

_LONGEST_WARNING = timedelta(days=7)
_MOST_FIGURES = 24


def _not_too_early(value: timedelta) -> timedelta:
    if value > _LONGEST_WARNING:
        raise ValueError("is longer than a week; expected how long before it is due somebody should look")
    return value


def key_of(pipeline: str, name: str) -> str:
    """What the report `name` of the pipeline is called; both may hold characters that no asset's key can."""
    return f"{pipeline}_{name}".replace("-", "_").replace(".", "_")


def _on(value: object) -> str | int:
    # A bool is an int too.
    if (isinstance(value, str) and value in WEEKDAYS) or (type(value) is int and 1 <= value <= 28):
        return value
    meant = did_you_mean(value, WEEKDAYS) if isinstance(value, str) else ""
    expected = f"expected a weekday such as monday, or a day of the month, 1 to 28{meant}"
    raise ValueError(f"{shown(value)} does not say on which day; {expected}")


def _each_once(figures: list[ReportFigure]) -> list[ReportFigure]:
    if len(figures) > _MOST_FIGURES:
        raise ValueError(
            f"has {len(figures)} figures; expected {_MOST_FIGURES} at most, as people are to read them"
        )
    for field in ("column", "name"):
        taken: set[str] = set()
        for figure in figures:
            if (value := getattr(figure, field)) in taken:
                raise ValueError(f"has two figures of the {field} {shown(value)}; expected each once")
            taken.add(value)
    return figures


class Due(Written):
    """When an edition is sent, as a wall time `at` of the team's zone.

    Of a day's report: every day. Of a week's: on the weekday `on`. Of a month's: on the day of the month `on`, 1
    to 28; or `business_days` before the next date of the calendar `before`.
    """

    at: Hour
    on: Annotated[str | int, PlainValidator(_on)] | None = None
    before: Name | None = None
    business_days: Annotated[int, Field(ge=0, le=20)] | None = None

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Due:
        if (self.before is None) != (self.business_days is None):
            raise ValueError("needs `before` and `business_days` together, as `{business_days: 2, before: board}`")
        if self.before is not None and self.on is not None:
            raise ValueError("names days in two ways; expected `on`, or `before` with `business_days`")
        return self


class ReportFigure(Written):
    """A column of the report's table as `name`, defined by the runbook's metric called `metric`."""

    column: Name
    name: Text
    metric: Text


class PlannedReport(Written):
    """Figures of the last whole `period` that is over when it is due, from the runbook's pipeline, to `to`.

    `of` is the table, by default the one called as the pipeline. `late_events: wait` holds an edition until no
    event of its period can be admitted any more; `told` sends it in time and says in it that it may still change.
    Less than `coverage` of the period's days upstream (a ratio) holds it. `warn` is how long before it is due an
    edition that is held is told to the on-call, beside the pipeline's usual duration; `delays_to` names audiences
    told beside the metric owner when it will be late.

        reports:
          - name: daily
            title: Aggregate profit
            period: day
            due: {at: "06:00"}
            to: [investors]
            figures:
              - {column: profit_cents, name: Profit, metric: Profit}
    """

    name: CheckName
    title: Text
    period: Grain
    due: Due
    to: Annotated[list[Name], Field(min_length=1)]
    figures: Annotated[list[ReportFigure], Field(min_length=1), AfterValidator(_each_once)]
    of: Name | None = None
    late_events: Literal["wait", "told"] = "wait"
    coverage: Annotated[float, Field(gt=0, le=1)] = 0.99
    warn: Annotated[Duration, AfterValidator(_not_too_early)] = timedelta(hours=1)
    delays_to: list[Name] = []

    @model_validator(mode="after")
    def _due_as_its_period(self) -> PlannedReport:
        on, before = self.due.on, self.due.before
        if self.period == "day" and (on is not None or before is not None):
            raise ValueError("is of a day and so due every day; remove `on` and `before` from `due`")
        if self.period == "week" and not isinstance(on, str):
            raise ValueError('is of a week; expected a weekday, as `due: {on: monday, at: "07:00"}`')
        if self.period == "month" and before is None and not isinstance(on, int):
            words = '`due: {on: 1, at: "08:00"}` or `due: {business_days: 2, before: board, at: "17:00"}`'
            raise ValueError(f"is of a month and due on {shown(on)}; expected {words}")
        return self

    def key(self, pipeline: str) -> str:
        """What the report of this pipeline is called everywhere: `aggregate_profit_daily`."""
        return key_of(pipeline, self.name)

    def table(self, pipeline: str) -> str:
        """The table its figures are read from."""
        return self.of or pipeline
