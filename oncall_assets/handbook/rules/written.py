"""What all rules have in common: the text of their reference, and the words for which rows they judge."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from oncall_assets.handbook.values import Written

Ratio = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Column = Annotated[str, Field(min_length=1)]
Columns = Annotated[list[Column], Field(min_length=1)]
Texts = Annotated[list[str], Field(min_length=1)]
Grain = Literal["day", "week", "month"]
Sets = Annotated[dict[str, str | Texts], Field(min_length=1)]
"""Which rows, by the values of text columns; a list where there is a choice."""


class AnyRule(Written):
    """`example` is what a runbook writes under `expect:`, as its reference shows it.

    The others say what a rule of this kind needs: rows of tables, the reporting database, days to judge.
    """

    example: ClassVar[str]
    reads_tables: ClassVar[bool] = True
    asks_reporting: ClassVar[bool] = False
    about_days: ClassVar[bool] = True


class Rows(AnyRule):
    where: dict[str, str] = {}
    """Only rows whose text columns have these values, as in `{grain: day}`."""


class Limits(Rows):
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _some(self) -> Limits:
        if self.at_least is None and self.at_most is None:
            raise ValueError("has no bound; expected at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(f"at_most {self.at_most:g} is below at_least {self.at_least:g}; expected it above")
        return self
