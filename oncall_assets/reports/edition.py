"""One report of one period in words of no channel, so that mail, archive and history never tell other figures."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from oncall_assets.handbook.reports import Grain

Unit = Literal["money", "count", "ratio", "number"]
Amount = int | float
"""Cents for money, whole things for a count, a fraction for a ratio."""


class Said(BaseModel):
    """Anything an edition is made of: kept in the ledger as JSON, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Value(Said):
    """`amount`, or None and `why` there is none, in few words: a figure is never NaN, infinite or a made-up 0."""

    amount: Amount | None = None
    why: str | None = None

    @field_validator("amount")
    @classmethod
    def _a_number(cls, amount: Amount | None) -> Amount | None:
        if amount is not None and not math.isfinite(amount):
            raise ValueError("is no number; a figure that does not exist is empty, with the reason")
        return amount


class Figure(Said):
    """A figure of the period beside the period before and the same period a year before.

    `series` are the last periods up to this one, oldest first, each by its first day: what its picture shows.
    """

    name: str
    column: str
    unit: Unit
    means: str
    calculation: str
    now: Value
    before: Value
    year_ago: Value
    series: tuple[tuple[date, Amount | None], ...] = ()


class Restatement(Said):
    """A figure that was sent and has changed since: of which period, from what to what, and by what cause."""

    figure: str
    column: str
    unit: Unit
    first: date
    last: date
    sent: Value
    now: Value
    cause: str


class Override(Said):
    """Who sent an edition although `holds` held it, and why."""

    by: str
    at: datetime
    because: str
    holds: tuple[str, ...]


class Edition(Said):
    """What is sent; `first` and `last` are the period's UTC days, both included, instants are UTC.

    `report` is the key of the planned report, `team` who sends it, `zone` an IANA zone, `coverage` the least share
    of days present upstream (0 to 1), `computed_at` when the oldest part of it was computed. `provisional` says
    why its figures may still change. `repeat` counts the times it was sent before on purpose.
    """

    report: str
    title: str
    pipeline: str
    team: str
    table: str
    grain: Grain
    first: date
    last: date
    zone: str
    currency: str
    locale: str
    due: datetime
    composed_at: datetime
    computed_at: datetime | None
    coverage: float | None
    figures: tuple[Figure, ...]
    caveats: tuple[str, ...] = ()
    restatements: tuple[Restatement, ...] = ()
    provisional: str | None = None
    override: Override | None = None
    repeat: int = 0


def change(unit: Unit, now: Value, before: Value) -> Value:
    """From `before` to `now`: a fraction of `before`, or of a ratio the difference in its own unit.

    Empty with the reason where one of both is missing, or where there is nothing above 0 to compare with.
    """
    if now.amount is None or before.amount is None:
        return Value(why=(now if now.amount is None else before).why)
    if unit == "ratio":
        return Value(amount=now.amount - before.amount)
    if before.amount <= 0:
        return Value(why="nothing above 0 to compare with")
    return Value(amount=(now.amount - before.amount) / before.amount)
