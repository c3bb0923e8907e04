"""What a team asks of plans beyond what its rotation says: rest between turns, and what people would avoid."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from oncall_assets.handbook.values import Name, Written

Apart = Literal["free", "same_role", "any_role"]


class RatherNot(Written):
    """Inclusive local dates of the engineer's own zone: kept free where every rule and fair load leave room."""

    who: Name
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    why: str = ""

    @model_validator(mode="after")
    def _some_time(self) -> RatherNot:
        if self.last < self.first:
            raise ValueError(f"ends on {self.last}, before it begins; expected `to` on or after `from`")
        return self


class Planning(Written):
    """Rules of `oncall plan`.

    `apart` is the rest between turns: nobody has the `same_role`, or `any_role`, in two turns in a row.
    """

    apart: Apart = "free"
    rather_not: list[RatherNot] = []
