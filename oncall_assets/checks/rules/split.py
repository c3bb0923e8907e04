"""The rule about who was given what: an experiment that is not split as intended proves nothing."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from oncall_assets.checks.rules.evidence import Evidence, Verdict, landing_day, require, sample, values
from oncall_assets.handbook import rules as written
from oncall_assets.metrics.exact import total
from oncall_assets.metrics.inference import even_split_p

# Below this the chi-squared distribution is a poor likeness (Cochran 1952).
_LEAST_EXPECTED = 5
_TEST = ("on", "of")


def sample_ratio(rule: written.SampleRatio, evidence: Evidence) -> Verdict:
    """The smallest p-value over the days and the values of `by`; a value that nobody expected comes first."""
    shares = ", ".join(f"{name} {share:.4g}" for name, share in rule.expected.items())
    threshold = f"a probability of at least {rule.alarm_below:g} for {shares}"
    counted = _counted(rule, evidence)
    strangers = counted.filter(counted.value.notin(list(rule.expected)))
    (unknown,) = values(strangers, [strangers.count()])
    if unknown:
        offending = sample(strangers.order_by(*_TEST, "value"), passed=False)
        sentence = f"{rule.column} of {evidence.asset} has values that are not expected: {offending[0]['value']!r}"
        more = f" and {unknown - 1} more." if unknown > 1 else "."
        return Verdict(False, "unexpected value", threshold, sentence + more, offending)
    tested = _tested(rule, counted).order_by("p", *_TEST).limit(1).to_pyarrow().to_pylist()
    if not tested:
        sentence = f"Too few rows of {evidence.asset} on {evidence.days} to judge how {rule.column} is split."
        return Verdict(True, "too few to judge", threshold, sentence)
    (worst,) = tested
    here = counted.filter(counted.on == worst["on"], counted.of == worst["of"])
    found = {row["value"]: row["n"] for row in here.to_pyarrow().to_pylist()}
    split = ", ".join(f"{name} {found.get(name, 0):,}" for name in rule.expected)
    of = f" of {worst['of']}" if rule.by else ""
    passed = worst["p"] >= rule.alarm_below
    sentence = f"{rule.column}{of} is split {split} on {worst['on']}, which has a probability of {worst['p']:.3g}."
    return Verdict(passed, worst["p"], threshold, sentence, sample(here.order_by("value"), passed))


def _counted(rule: written.SampleRatio, evidence: Evidence) -> ir.Table:
    """(on, of, value, n): how many each value of the column has on a day, for each value of `by`."""
    rows = evidence.rows(rule.where)
    require(rows, [name for name in (rule.column, rule.counts, rule.by) if name is not None])
    filled = rows.filter(rows[rule.column].notnull())
    named = filled.select(
        on=landing_day(filled, evidence.asset),
        of=filled[rule.by].cast("string").fill_null("") if rule.by else ibis.literal(""),
        value=filled[rule.column].cast("string"),
        n=filled[rule.counts] if rule.counts else ibis.literal(1, "int64"),
    )
    return named.group_by(*_TEST, "value").aggregate(n=total(named.n))


def _tested(rule: written.SampleRatio, counted: ir.Table) -> ir.Table:
    """(on, of, p) of each test that has enough rows."""
    share = ibis.cases(*((counted.value == name, ibis.literal(part)) for name, part in rule.expected.items()))
    floats = counted.n.cast("float64")
    sums = counted.group_by(*_TEST).aggregate(all=floats.sum(), scaled=(floats * floats / share).sum())
    enough = sums.filter(sums["all"] * min(rule.expected.values()) >= _LEAST_EXPECTED)
    # Pearson's sum of squares over expectations, with the terms of values nobody has multiplied out.
    chi_square = ibis.greatest(enough.scaled / enough["all"] - enough["all"], ibis.literal(0.0))
    return enough.select(*_TEST, p=even_split_p(chi_square, ibis.literal(len(rule.expected))))
