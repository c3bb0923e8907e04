"""The words a runbook may use for a check, so that a misspelt threshold is refused before any data is read.

What stands under each class is the reference text of its rule: `docs/rules.md`, and the check's page in Dagster.
`written` has what all rules share; then a module per family: `cells`, `tables`, `filing`, `days`, `records` (how a
table was computed), `reporting` (where people read it), `installation` (disk and libraries) and `own`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from oncall_assets.handbook.rules.cells import AcceptedValues, Bounds, Finite, NotNull
from oncall_assets.handbook.rules.days import (
    Coverage,
    DayOverDay,
    FinalAfter,
    LateShare,
    SampleRatio,
    WithinTrend,
)
from oncall_assets.handbook.rules.filing import OF_THE_FILING, Completeness, MatchesTotal
from oncall_assets.handbook.rules.installation import Environment, Headroom
from oncall_assets.handbook.rules.own import Own
from oncall_assets.handbook.rules.records import ArrivedBy, DefinitionChanged, RunningTime, StaleUpstream
from oncall_assets.handbook.rules.reporting import Grants, PublishedMatches
from oncall_assets.handbook.rules.tables import AgreesWith, CrossCheck, NoOverlap, Schema, Unique
from oncall_assets.handbook.rules.written import AnyRule

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
    | WithinTrend
    | Bounds
    | Finite
    | ArrivedBy
    | RunningTime
    | StaleUpstream
    | DefinitionChanged
    | PublishedMatches
    | Grants
    | Headroom
    | Environment
    | Own,
    Field(discriminator="rule"),
]


def tables_named(rule: Rule) -> Iterator[tuple[str, str]]:
    """The tables beside its asset that the rule names, each behind the field that does; the filing is not one."""
    for field in ("other", "of", "upstream"):
        named = getattr(rule, field, None)
        for table in [named] if isinstance(named, str) else named or ():
            yield field, table


__all__ = [
    "OF_THE_FILING", "AcceptedValues", "AgreesWith", "AnyRule", "ArrivedBy", "Bounds", "Completeness", "Coverage",
    "CrossCheck", "DayOverDay", "DefinitionChanged", "Environment", "FinalAfter", "Finite", "Grants", "Headroom",
    "LateShare", "MatchesTotal", "NoOverlap", "NotNull", "Own", "PublishedMatches", "Rule", "RunningTime",
    "SampleRatio", "Schema", "StaleUpstream", "Unique", "WithinTrend", "tables_named",
]  # fmt: skip
