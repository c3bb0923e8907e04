"""What a rule may look at and what it answers, with the few questions that all rules ask a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import ibis.expr.types as ir

from oncall_assets.checks.rules.facts import NO_FACTS, Facts
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.exact import total

SAMPLE_ROWS: Final = 5

Wanted = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rule may look at: `read(table, days)` gives a table's rows as they are stored.

    `zone` is the team's. Of the `facts` a rule gets those its kind needs, and the others may be missing.
    """

    asset: str
    days: Days
    read: Callable[[str, Days], ir.Table]
    zone: str = "UTC"
    facts: Facts = NO_FACTS

    def rows(self, where: Wanted | None = None, table: str | None = None, days: Days | None = None) -> ir.Table:
        """The asset's rows of the days, or those of another table or other days.

        With `where`, only those whose text columns have its values, one or any of a list. Raises Unjudged if such
        a column is not there.
        """
        return _where(self.read(table or self.asset, days or self.days), where or {})


@dataclass(frozen=True, slots=True)
class Verdict:
    """`observed` against `threshold`, up to five offending rows, and one sentence for a person."""

    passed: bool
    observed: float | int | str
    threshold: str
    sentence: str
    sample: tuple[dict[str, Any], ...] = ()


class Unjudged(Exception):
    """The rule cannot be applied: a column it names is not there or of another kind. The message says which."""


def require(rows: ir.Table, names: Sequence[str]) -> None:
    """Raises Unjudged unless the table has all these columns."""
    missing = [name for name in names if name not in rows.columns]
    if missing:
        raise Unjudged(f"no column {', '.join(missing)}; the table has {', '.join(rows.columns)}")


def landing_day(rows: ir.Table, table: str) -> ir.DateColumn:
    """The UTC day each row belongs to: by its contract, or else by the column `day`."""
    contract = CONTRACTS.get(table)
    require(rows, [contract.lands_by if contract else "day"])
    return contract.landing_day(rows) if contract else rows.day


def daily(rows: ir.Table, table: str, column: str | None) -> dict[date, int]:
    """The exact sum of a column of whole numbers by day, or how many rows a day has; no entry for a day without.

    Raises Unjudged if the column is not there or is not of whole numbers.
    """
    if column is None:
        amount = rows.count()
    else:
        require(rows, [column])
        if not rows[column].type().is_integer():
            raise Unjudged(f"column {column} of {table} is {rows[column].type()}; the rule adds up whole numbers")
        amount = total(rows[column])
    return dict(pairs(rows.group_by(day=landing_day(rows, table)).aggregate(value=amount)))


def values(rows: ir.Table, expressions: list[ir.Value]) -> list[Any]:
    """What each expression over the whole table comes to."""
    named = {f"v{number}": expression for number, expression in enumerate(expressions)}
    (row,) = rows.aggregate(**named).to_pyarrow().to_pylist()
    return list(row.values())


def pairs(rows: ir.Table) -> list[tuple[Any, ...]]:
    """The rows as tuples."""
    return [tuple(row.values()) for row in rows.to_pyarrow().to_pylist()]


def sample(offending: ir.Table, passed: bool) -> tuple[dict[str, Any], ...]:
    """The first rows of those that offend; none of a check that passed."""
    return () if passed else tuple(offending.limit(SAMPLE_ROWS).to_pyarrow().to_pylist())


def share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _where(rows: ir.Table, where: Wanted) -> ir.Table:
    require(rows, list(where))
    chosen = [
        rows[name].cast("string").isin([wanted] if isinstance(wanted, str) else list(wanted))
        for name, wanted in where.items()
    ]
    return rows.filter(*chosen) if chosen else rows
