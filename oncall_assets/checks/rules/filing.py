"""Rules that hold a source against the accounting filing, the one count that does not pass through our hands."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from oncall_assets.checks.rules.evidence import Evidence, Verdict, daily, pairs, share
from oncall_assets.handbook import rules as written


def completeness(rule: written.Completeness, evidence: Evidence) -> Verdict:
    """Rows present over rows filed, on the worst of the days; a day that nobody filed cannot pass."""
    source = rule.source or evidence.asset
    threshold = f"at least {rule.at_least:.2%} of the rows filed"
    filed = _filed(source, "rows", evidence)
    if unclear := _unclear(source, filed, evidence, threshold):
        return unclear
    present = daily(evidence.rows(table=source), source, None)
    shares = [(share(present.get(day, 0), filed[day][0]), day) for day in evidence.days.each]
    worst, on = min(shares)
    sentence = f"{source} has {present.get(on, 0):,} of the {filed[on][0]:,} rows filed for {on} ({worst:.2%})."
    return Verdict(worst >= rule.at_least, round(worst, 6), threshold, sentence)


def matches_total(rule: written.MatchesTotal, evidence: Evidence) -> Verdict:
    """Cents too many or too few against the filing, on the day that is furthest beyond what is allowed."""
    source = rule.source or evidence.asset
    threshold = f"the total filed for {source}, {rule.within}"
    filed = _filed(source, "amount_cents", evidence)
    if unclear := _unclear(source, filed, evidence, threshold):
        return unclear
    sums = daily(evidence.rows(rule.where), evidence.asset, rule.column)
    apart = [(sums.get(day, 0) - filed[day][0], day) for day in evidence.days.each]
    beyond, difference, on = max(
        (abs(cents) - rule.within.allowed(filed[day][0]), cents, day) for cents, day in apart
    )
    what = f"{abs(difference):,} cents too {'many' if difference > 0 else 'few'}" if difference else "as filed"
    sentence = (
        f"{rule.column} of {evidence.asset} adds up to {sums.get(on, 0):,} on {on}, "
        f"the filing for {source} says {filed[on][0]:,}: {what}."
    )
    return Verdict(beyond <= 0, difference, threshold, sentence)


def _filed(source: str, column: str, evidence: Evidence) -> dict[date, list[int]]:
    """What the filing says of a source, by day; more than one figure where it was filed again."""
    rows = evidence.read("control_totals", evidence.days)
    of_source = rows.filter(rows.source == source, rows[column].notnull())
    filed: dict[date, list[int]] = defaultdict(list)
    for day, value in pairs(of_source.select("day", column)):
        filed[day].append(value)
    return filed


def _unclear(source: str, filed: dict[date, list[int]], evidence: Evidence, threshold: str) -> Verdict | None:
    """The refusal of the first day that nobody filed, or that was filed twice."""
    for day in evidence.days.each:
        found = len(filed.get(day, ()))
        if found == 0:
            sentence = (
                f"The accounting filing has no control total of {source} for {day}: nothing to compare with."
            )
            return Verdict(False, "no control total", threshold, sentence)
        if found > 1:
            sentence = (
                f"The accounting filing has {found} control totals of {source} for {day}, where one is right."
            )
            return Verdict(False, f"{found} control totals", threshold, sentence)
    return None
