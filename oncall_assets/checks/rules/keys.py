"""Rules about rows against rows: a key that stands twice, or in two sets that exclude each other."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from oncall_assets.checks.rules.evidence import (
    Evidence,
    Verdict,
    Wanted,
    landing_day,
    require,
    sample,
    values,
)
from oncall_assets.handbook import rules as written
from oncall_assets.metrics.days import Days, bounds
from oncall_assets.metrics.exact import total


def unique(rule: written.Unique, evidence: Evidence) -> Verdict:
    rows = evidence.rows(rule.where)
    require(rows, rule.columns)
    repeated = rows.group_by(rule.columns).aggregate(times=rows.count())
    repeated = repeated.filter(repeated.times > 1)
    surplus = values(repeated, [(total(repeated.times) - repeated.count()).fill_null(0)])[0]
    count = values(rows, [rows.count()])[0]
    sentence = f"{surplus:,} of {count:,} rows repeat the {' and '.join(rule.columns)} of another."
    offending = repeated.order_by(ibis.desc("times"), *rule.columns)
    return Verdict(surplus == 0, surplus, "no repeats", sentence, sample(offending, surplus == 0))


def no_overlap(rule: written.NoOverlap, evidence: Evidence) -> Verdict:
    """Keys that are in both sets within one period, as many as there are periods they do so in."""
    periods = {day: bounds(day, rule.grain)[0] for day in _to_date(evidence.days, rule.grain).each}
    first = _keys(rule, rule.first, evidence, evidence.asset, periods)
    second = _keys(rule, rule.second, evidence, rule.other or evidence.asset, periods)
    both = first.inner_join(second, [*rule.key, "period"]).select(*rule.key, "period")
    (count,) = values(both, [both.count()])
    sets = f"{_words(rule.first)} and {_words(rule.second)}{f' of {rule.other}' if rule.other else ''}"
    sentence = f"{count:,} {' and '.join(rule.key)} of {evidence.days} stand among both {sets}."
    ordered = both.order_by("period", *rule.key)
    return Verdict(count == 0, count, "none in both sets", sentence, sample(ordered, count == 0))


def _to_date(days: Days, grain: str) -> Days:
    """The days from the start of the first one's period on."""
    return Days(bounds(days.first, grain)[0], days.last)


def _keys(
    rule: written.NoOverlap, wanted: Wanted, evidence: Evidence, table: str, periods: dict[date, date]
) -> ir.Table:
    """(*key, period): each key of a set once in every period."""
    rows = evidence.rows(wanted, table, Days(min(periods), max(periods)))
    require(rows, rule.key)
    keyed = rows.filter(*(rows[name].notnull() for name in rule.key))
    dated = keyed.select(*rule.key, _on=landing_day(keyed, table))
    columns = {"_day": list(periods.keys()), "period": list(periods.values())}
    calendar = ibis.memtable(pa.table(columns, pa.schema({name: pa.date32() for name in columns})))
    return dated.inner_join(calendar, dated["_on"] == calendar["_day"]).select(*rule.key, "period").distinct()


def _words(wanted: Wanted) -> str:
    """`{variant: control}` as `variant control`."""
    return " and ".join(
        f"{name} {value if isinstance(value, str) else ' or '.join(value)}" for name, value in wanted.items()
    )
