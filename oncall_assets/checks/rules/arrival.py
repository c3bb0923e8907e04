"""Rules about rows that come after they happened: how many are late, and whether a day ever stays as it is."""

from __future__ import annotations

from datetime import timedelta

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from oncall_assets.checks.rules.evidence import (
    Evidence,
    Unjudged,
    Verdict,
    landing_day,
    pairs,
    require,
    sample,
    values,
)
from oncall_assets.handbook import rules as written

_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND


@ibis.udf.scalar.builtin(signature=((dt.timestamp,), dt.int64))  # type: ignore[untyped-decorator]
def epoch_us(instant: object) -> int:  # type: ignore[empty-body]
    """DuckDB's microseconds since 1970, UTC: on instants with a zone it is fifty times as fast as differences."""


def late_share(rule: written.LateShare, evidence: Evidence) -> Verdict:
    """Late rows over all rows, on the worst of the days they landed on."""
    rows = evidence.rows(rule.where)
    happened, arrived = _instants(rows, rule.happened, rule.arrived)
    late = arrived - happened > rule.later_than // _MICROSECOND
    landed = rows.group_by(day=landing_day(rows, evidence.asset)).aggregate(
        n=rows.count(), late=rows.count(where=late)
    )
    found = [(late_rows / count, day, late_rows, count) for day, count, late_rows in pairs(landed)]
    threshold = f"at most {rule.at_most:.2%} later than {_hours(rule.later_than)}"
    if not found:
        return Verdict(True, "no rows", threshold, f"{evidence.asset} has no rows on {evidence.days}.")
    worst, on, count_late, count = max(found)
    sentence = (
        f"{count_late:,} of the {count:,} rows that landed on {on} arrived more than "
        f"{_hours(rule.later_than)} after they happened ({worst:.2%})."
    )
    passed = worst <= rule.at_most
    return Verdict(passed, round(worst, 6), threshold, sentence, sample(rows.filter(late), passed))


def final_after(rule: written.FinalAfter, evidence: Evidence) -> Verdict:
    """Rows that came when their day was final already."""
    rows = evidence.rows(rule.where)
    happened, arrived = _instants(rows, rule.happened, rule.arrived)
    # An arrival at the very last instant still counts, hence the microsecond.
    microseconds = rule.after // _MICROSECOND + 1
    after = _midnight(arrived - microseconds) > _midnight(happened)
    wrong, count = values(rows, [rows.count(where=after), rows.count()])
    late = f"arrived more than {_hours(rule.after)} after the end of the day they happened on"
    sentence = f"{wrong:,} of {count:,} rows {late}."
    threshold = f"none after {_hours(rule.after)}"
    return Verdict(wrong == 0, wrong, threshold, sentence, sample(rows.filter(after), wrong == 0))


def _instants(rows: ir.Table, happened: str, arrived: str) -> tuple[ir.IntegerColumn, ir.IntegerColumn]:
    """Both columns in microseconds since 1970. Raises Unjudged if one is missing or holds no instants."""
    require(rows, [happened, arrived])
    for name in (happened, arrived):
        if not rows[name].type().is_timestamp():
            raise Unjudged(f"column {name} is {rows[name].type()}; the rule compares instants")
    return epoch_us(rows[happened]), epoch_us(rows[arrived])


def _midnight(microseconds: ir.IntegerColumn) -> ir.IntegerColumn:
    """The begin of the UTC day."""
    return microseconds - microseconds % _DAY


def _hours(length: timedelta) -> str:
    hours = length / timedelta(hours=1)
    return f"{hours:g} hour{'s' * (hours != 1)}"
