"""The words a runbook may use for a check, so that a misspelt threshold is refused before any data is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from oncall_assets.handbook.values import Written

Ratio = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Columns = Annotated[list[str], Field(min_length=1)]


class _Where(Written):
    where: dict[str, str] = {}
    """Only rows whose text columns have these values, as in `{grain: day}`."""


class Completeness(Written):
    """At least `at_least` of the rows that the control totals list for `source` are there."""

    rule: Literal["completeness"]
    source: str | None = None
    at_least: Ratio


class NotNull(_Where):
    """In each of `columns`, at least `at_least` of the rows have a value."""

    rule: Literal["not_null"]
    columns: Columns
    at_least: Ratio = 1.0


class AcceptedValues(_Where):
    """Every value of `column` is one of `values`; an empty value is not judged here."""

    rule: Literal["accepted_values"]
    column: str
    values: Annotated[list[str], Field(min_length=1)]


class Unique(_Where):
    """No two rows have the same values in all of `columns`."""

    rule: Literal["unique"]
    columns: Columns


class Schema(Written):
    """The stored table has exactly the columns and types of its contract."""

    rule: Literal["schema"]


class DayOverDay(_Where):
    """The sum of `column` moves by no more than `at_most` (a ratio) from what it was `days_back` days before."""

    rule: Literal["day_over_day"]
    column: str
    at_most: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    days_back: Annotated[int, Field(ge=1, le=366)] = 1


class Bounds(_Where):
    """Every value of `column` lies from `at_least` to `at_most`, both allowed."""

    rule: Literal["bounds"]
    column: str
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _some(self) -> Bounds:
        if self.at_least is None and self.at_most is None:
            raise ValueError("has no bound; expected at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(f"at_most {self.at_most:g} is below at_least {self.at_least:g}; expected it above")
        return self


class Finite(_Where):
    """Every value of `columns` is a number: not empty, not NaN, not infinite."""

    rule: Literal["finite"]
    columns: Columns


Rule = Annotated[
    Completeness | NotNull | AcceptedValues | Unique | Schema | DayOverDay | Bounds | Finite,
    Field(discriminator="rule"),
]
