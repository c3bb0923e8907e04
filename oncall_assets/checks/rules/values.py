"""Rules about single cells: filled, accepted, within bounds, a number at all."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from oncall_assets.checks.rules.evidence import (
    SAMPLE_ROWS,
    Evidence,
    Verdict,
    pairs,
    require,
    sample,
    share,
    values,
)
from oncall_assets.handbook import rules as written


def not_null(rule: written.NotNull, evidence: Evidence) -> Verdict:
    rows = evidence.rows(rule.where)
    require(rows, rule.columns)
    count, *filled = values(rows, [rows.count(), *(rows[name].count() for name in rule.columns)])
    shares = [(share(value, count), name) for value, name in zip(filled, rule.columns, strict=True)]
    worst, column = min(shares)
    missing = count - filled[rule.columns.index(column)]
    sentence = f"{missing:,} of {count:,} rows have no {column}."
    offending = rows.filter(ibis.or_(*(rows[name].isnull() for name in rule.columns)))
    passed = worst >= rule.at_least
    return Verdict(
        passed, round(worst, 6), f"at least {rule.at_least:.2%} filled", sentence, sample(offending, passed)
    )


def accepted_values(rule: written.AcceptedValues, evidence: Evidence) -> Verdict:
    rows = evidence.rows(rule.where)
    require(rows, [rule.column])
    column = rows[rule.column].cast("string")
    offending = rows.filter(column.notnull() & column.notin(rule.values))
    count, wrong = values(rows, [rows.count()])[0], values(offending, [offending.count()])[0]
    kinds = [
        row[0] for row in pairs(offending.select(value=offending[rule.column].cast("string"), n=1).distinct())
    ]
    shown = ", ".join(repr(kind) for kind in sorted(kinds)[:SAMPLE_ROWS])
    sentence = (
        f"{wrong:,} of {count:,} rows have a {rule.column} that is not accepted{': ' if wrong else ''}{shown}."
    )
    threshold = f"one of {', '.join(rule.values)}"
    return Verdict(wrong == 0, wrong, threshold, sentence, sample(offending, wrong == 0))


def bounds(rule: written.Bounds, evidence: Evidence) -> Verdict:
    rows = evidence.rows(rule.where)
    require(rows, [rule.column])
    column = rows[rule.column]
    low, high = values(rows, [column.min(), column.max()])
    outside = []
    if rule.at_least is not None:
        outside.append(column < rule.at_least)
    if rule.at_most is not None:
        outside.append(column > rule.at_most)
    offending = rows.filter(ibis.or_(*outside))
    wrong, count = values(offending, [offending.count()])[0], values(rows, [rows.count()])[0]
    limits = [f"at least {rule.at_least:,g}"] if rule.at_least is not None else []
    limits += [f"at most {rule.at_most:,g}"] if rule.at_most is not None else []
    sentence = f"{wrong:,} of {count:,} values of {rule.column} are out of bounds; they run from {low} to {high}."
    observed = f"{low} to {high}"
    return Verdict(wrong == 0, observed, " and ".join(limits), sentence, sample(offending, wrong == 0))


def finite(rule: written.Finite, evidence: Evidence) -> Verdict:
    rows = evidence.rows(rule.where)
    require(rows, rule.columns)
    offending = rows.filter(ibis.or_(*(_not_a_number(rows[name]) for name in rule.columns)))
    wrong, count = values(offending, [offending.count()])[0], values(rows, [rows.count()])[0]
    sentence = f"{wrong:,} of {count:,} rows have no number in {' or '.join(rule.columns)}."
    return Verdict(wrong == 0, wrong, "a number in every row", sentence, sample(offending, wrong == 0))


def _not_a_number(column: ir.Column) -> ir.BooleanValue:
    if column.type().is_floating():
        return column.isnull() | column.isnan() | column.isinf()
    return column.isnull()
