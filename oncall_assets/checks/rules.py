"""What can be expected of a table, as pure predicates: no Dagster, no clock, only rows in and a verdict out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from oncall_assets.handbook import rules as written
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.exact import total

SAMPLE_ROWS = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rule may look at: `read(table, days)` gives a table's rows as they are stored."""

    asset: str
    days: Days
    read: Callable[[str, Days], ir.Table]

    def rows(self, where: dict[str, str] | None = None) -> ir.Table:
        """The asset's rows of the days, those only whose text columns have the values of `where`."""
        return _where(self.read(self.asset, self.days), where or {})


@dataclass(frozen=True, slots=True)
class Verdict:
    """`observed` against `threshold`, up to five offending rows, and one sentence for a person."""

    passed: bool
    observed: float | int | str
    threshold: str
    sentence: str
    sample: tuple[dict[str, Any], ...] = ()


class Unjudged(Exception):
    """The rule cannot be applied: a column it names is not in the table. The message says which."""


def judge(rule: written.Rule, evidence: Evidence) -> Verdict:
    """The verdict of `rule`. Raises Unjudged if the table lacks a column that the rule names."""
    match rule:
        case written.Completeness():
            return completeness(rule, evidence)
        case written.NotNull():
            return not_null(rule, evidence)
        case written.AcceptedValues():
            return accepted_values(rule, evidence)
        case written.Unique():
            return unique(rule, evidence)
        case written.Schema():
            return schema(evidence)
        case written.DayOverDay():
            return day_over_day(rule, evidence)
        case written.Bounds():
            return bounds(rule, evidence)
        case written.Finite():
            return finite(rule, evidence)


def completeness(rule: written.Completeness, evidence: Evidence) -> Verdict:
    """Rows present over rows filed, on the worst of the days; a day that nobody filed cannot pass."""
    source = rule.source or evidence.asset
    contract = CONTRACTS[source]
    rows = evidence.read(source, evidence.days)
    _require(rows, [contract.lands_by])
    present = dict(_pairs(rows.group_by(day=contract.landing_day(rows)).aggregate(n=rows.count())))
    filed_rows = evidence.read("control_totals", evidence.days)
    filed = dict(_pairs(filed_rows.filter(filed_rows.source == source).select("day", "rows")))
    shares = [
        (_share(present.get(day, 0), filed[day]) if day in filed else -1.0, day) for day in evidence.days.each
    ]
    worst, on = min(shares)
    threshold = f"at least {rule.at_least:.2%} of the rows filed"
    if worst < 0:
        sentence = f"The accounting filing has no control total of {source} for {on}: nothing to compare with."
        return Verdict(False, "no control total", threshold, sentence)
    sentence = f"{source} has {present.get(on, 0):,} of the {filed[on]:,} rows filed for {on} ({worst:.2%})."
    return Verdict(worst >= rule.at_least, round(worst, 6), threshold, sentence)


def not_null(rule: written.NotNull, evidence: Evidence) -> Verdict:
    rows = evidence.rows(rule.where)
    _require(rows, rule.columns)
    count, *filled = _values(rows, [rows.count(), *(rows[name].count() for name in rule.columns)])
    shares = [(_share(value, count), name) for value, name in zip(filled, rule.columns, strict=True)]
    worst, column = min(shares)
    missing = count - filled[rule.columns.index(column)]
    sentence = f"{missing:,} of {count:,} rows have no {column}."
    offending = rows.filter(ibis.or_(*(rows[name].isnull() for name in rule.columns)))
    passed = worst >= rule.at_least
    return Verdict(
        passed, round(worst, 6), f"at least {rule.at_least:.2%} filled", sentence, _sample(offending, passed)
    )


def accepted_values(rule: written.AcceptedValues, evidence: Evidence) -> Verdict:
    rows = evidence.rows(rule.where)
    _require(rows, [rule.column])
    column = rows[rule.column].cast("string")
    offending = rows.filter(column.notnull() & column.notin(rule.values))
    count, wrong = _values(rows, [rows.count()])[0], _values(offending, [offending.count()])[0]
    kinds = [
        row[0] for row in _pairs(offending.select(value=offending[rule.column].cast("string"), n=1).distinct())
    ]
    shown = ", ".join(repr(kind) for kind in sorted(kinds)[:SAMPLE_ROWS])
    sentence = (
        f"{wrong:,} of {count:,} rows have a {rule.column} that is not accepted{': ' if wrong else ''}{shown}."
    )
    threshold = f"one of {', '.join(rule.values)}"
    return Verdict(wrong == 0, wrong, threshold, sentence, _sample(offending, wrong == 0))


def unique(rule: written.Unique, evidence: Evidence) -> Verdict:
    rows = evidence.rows(rule.where)
    _require(rows, rule.columns)
    repeated = rows.group_by(rule.columns).aggregate(times=rows.count())
    repeated = repeated.filter(repeated.times > 1)
    surplus = _values(repeated, [(total(repeated.times) - repeated.count()).fill_null(0)])[0]
    count = _values(rows, [rows.count()])[0]
    sentence = f"{surplus:,} of {count:,} rows repeat the {' and '.join(rule.columns)} of another."
    sample = _sample(repeated.order_by(ibis.desc("times"), *rule.columns), surplus == 0)
    return Verdict(surplus == 0, surplus, "no repeats", sentence, sample)


def schema(evidence: Evidence) -> Verdict:
    promised = CONTRACTS[evidence.asset].schema
    found = evidence.rows().schema()
    findings = [f"{name} is missing" for name in promised if name not in found]
    findings += [f"{name} was not promised" for name in found if name not in promised]
    findings += [
        f"{name} is {found[name]}, promised {kind}"
        for name, kind in promised.items()
        if name in found and _kind(found[name]) != _kind(kind)
    ]
    sentence = (
        f"The stored table differs from its contract: {'; '.join(findings)}."
        if findings
        else (f"All {len(promised)} columns are as the contract promises.")
    )
    return Verdict(not findings, len(findings), "no differences", sentence)


def day_over_day(rule: written.DayOverDay, evidence: Evidence) -> Verdict:
    """The largest move of a day's sum against `days_back` days before, as a share of the earlier sum."""
    widened = Evidence(evidence.asset, evidence.days.widen(before=rule.days_back), evidence.read)
    rows = widened.rows(rule.where)
    _require(rows, [rule.column, "day"])
    sums = dict(_pairs(rows.group_by("day").aggregate(value=rows[rule.column].sum())))
    moves = []
    for day in evidence.days.each:
        earlier = Days.one(day).widen(before=rule.days_back).first
        new, old = sums.get(day), sums.get(earlier)
        if new is not None and old is not None:
            moves.append((abs(new - old) / abs(old) if old else float(new != old), day, old, new))
    threshold = f"a move of at most {rule.at_most:.0%} in {rule.days_back} day{'s' * (rule.days_back > 1)}"
    if not moves:
        sentence = f"No earlier {rule.column} to compare {evidence.days} with."
        return Verdict(True, "nothing to compare with", threshold, sentence)
    move, day, old, new = max(moves)
    sentence = f"{rule.column} moved by {move:.1%}, from {old:,} to {new:,} on {day}."
    return Verdict(move <= rule.at_most, round(move, 6), threshold, sentence)


def bounds(rule: written.Bounds, evidence: Evidence) -> Verdict:
    rows = evidence.rows(rule.where)
    _require(rows, [rule.column])
    column = rows[rule.column]
    low, high = _values(rows, [column.min(), column.max()])
    outside = []
    if rule.at_least is not None:
        outside.append(column < rule.at_least)
    if rule.at_most is not None:
        outside.append(column > rule.at_most)
    offending = rows.filter(ibis.or_(*outside))
    wrong, count = _values(offending, [offending.count()])[0], _values(rows, [rows.count()])[0]
    limits = [f"at least {rule.at_least:,g}"] if rule.at_least is not None else []
    limits += [f"at most {rule.at_most:,g}"] if rule.at_most is not None else []
    sentence = f"{wrong:,} of {count:,} values of {rule.column} are out of bounds; they run from {low} to {high}."
    observed = f"{low} to {high}"
    return Verdict(wrong == 0, observed, " and ".join(limits), sentence, _sample(offending, wrong == 0))


def finite(rule: written.Finite, evidence: Evidence) -> Verdict:
    rows = evidence.rows(rule.where)
    _require(rows, rule.columns)
    offending = rows.filter(ibis.or_(*(_not_a_number(rows[name]) for name in rule.columns)))
    wrong, count = _values(offending, [offending.count()])[0], _values(rows, [rows.count()])[0]
    sentence = f"{wrong:,} of {count:,} rows have no number in {' or '.join(rule.columns)}."
    return Verdict(wrong == 0, wrong, "a number in every row", sentence, _sample(offending, wrong == 0))


def _not_a_number(column: ir.Column) -> ir.BooleanValue:
    if column.type().is_floating():
        return column.isnull() | column.isnan() | column.isinf()
    return column.isnull()


def _where(rows: ir.Table, where: dict[str, str]) -> ir.Table:
    _require(rows, list(where))
    return rows.filter(*(rows[name].cast("string") == value for name, value in where.items())) if where else rows


def _require(rows: ir.Table, names: list[str]) -> None:
    missing = [name for name in names if name not in rows.columns]
    if missing:
        raise Unjudged(f"no column {', '.join(missing)}; the table has {', '.join(rows.columns)}")


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _kind(kind: Any) -> str:
    """A type without what a file format adds to it: nullability, and the fineness of a timestamp."""
    return f"timestamp({kind.timezone})" if kind.is_timestamp() else str(kind(nullable=True))


def _values(rows: ir.Table, expressions: list[ir.Value]) -> list[Any]:
    named = {f"v{number}": expression for number, expression in enumerate(expressions)}
    (row,) = rows.aggregate(**named).to_pyarrow().to_pylist()
    return list(row.values())


def _pairs(rows: ir.Table) -> list[tuple[Any, Any]]:
    return [tuple(row.values()) for row in rows.to_pyarrow().to_pylist()]


def _sample(offending: ir.Table, passed: bool) -> tuple[dict[str, Any], ...]:
    return () if passed else tuple(offending.limit(SAMPLE_ROWS).to_pyarrow().to_pylist())
