"""Rules that hold a table against another one: equal to the unit, or in a plausible relation."""

from __future__ import annotations

from oncall_assets.checks.rules.evidence import Evidence, Verdict, daily
from oncall_assets.handbook import rules as written
from oncall_assets.metrics.days import Days, bounds


def agrees_with(rule: written.AgreesWith, evidence: Evidence) -> Verdict:
    """By how much the sums differ on the worst of the days."""
    where = {**rule.where, "grain": rule.grain} if rule.grain else rule.where
    grain = rule.grain or "day"
    days = Days(bounds(evidence.days.first, grain)[0], evidence.days.last)
    ours = daily(evidence.rows(where), evidence.asset, rule.column)
    theirs = daily(evidence.rows(rule.other_where, rule.other, days), rule.other, rule.other_column)
    periods = {day: Days(bounds(day, grain)[0], day) for day in evidence.days.each}
    sums = {day: (ours.get(day, 0), sum(theirs.get(one, 0) for one in periods[day].each)) for day in periods}
    _, on = max((abs(own - other), day) for day, (own, other) in sums.items())
    own, other = sums[on]
    against = f"against {other:,} for {_other(rule)} over {periods[on]}"
    sentence = f"{rule.column} of {evidence.asset} is {own:,} on {on}, {against}."
    return Verdict(own == other, own - other, "no difference", sentence)


def cross_check(rule: written.CrossCheck, evidence: Evidence) -> Verdict:
    """The ratio of the day that is furthest out of bounds, or else the last day's."""
    ours = daily(evidence.rows(rule.where), evidence.asset, rule.column)
    theirs = daily(evidence.rows(rule.other_where, rule.other), rule.other, rule.other_column)
    limits = [f"at least {rule.at_least:g}"] if rule.at_least is not None else []
    limits += [f"at most {rule.at_most:g}"] if rule.at_most is not None else []
    threshold = f"{' and '.join(limits)} for one of {_other(rule)}"
    judged = [
        (_beyond(rule, own, other), day, own, other)
        for day in evidence.days.each
        if (own := ours.get(day, 0)) | (other := theirs.get(day, 0))
    ]
    if not judged:
        sentence = f"Neither {rule.column} nor {_other(rule)} has anything on {evidence.days}."
        return Verdict(True, "nothing to compare", threshold, sentence)
    beyond, on, own, other = max(judged)
    observed = round(own / other, 6) if other else "nothing to divide by"
    sentence = (
        f"{rule.column} of {evidence.asset} is {own:,} on {on}, {_other(rule)} {other:,}: {_ratio(observed)}."
    )
    return Verdict(beyond <= 0, observed, threshold, sentence)


def _other(rule: written.AgreesWith | written.CrossCheck) -> str:
    return f"{rule.other_column or 'the rows'} of {rule.other}"


def _ratio(observed: float | str) -> str:
    return observed if isinstance(observed, str) else f"{observed:,.4g} for one"


def _beyond(rule: written.CrossCheck, own: int, other: int) -> float:
    """How far the ratio is out of bounds, 0 within them."""
    if not other:
        return float("inf")
    ratio = own / other
    over = ratio - rule.at_most if rule.at_most is not None else 0.0
    under = rule.at_least - ratio if rule.at_least is not None else 0.0
    return max(over, under, 0.0)
