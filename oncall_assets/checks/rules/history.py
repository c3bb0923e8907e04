"""Rules about other days: how far a figure moved, and whether the days it stands on are there."""

from __future__ import annotations

from oncall_assets.checks.rules.evidence import SAMPLE_ROWS, Evidence, Verdict, daily, pairs, require
from oncall_assets.handbook import rules as written
from oncall_assets.metrics.days import Days, bounds


def day_over_day(rule: written.DayOverDay, evidence: Evidence) -> Verdict:
    """The largest move of a day's sum against `days_back` days before, as a share of the earlier sum."""
    rows = evidence.rows(rule.where, days=evidence.days.widen(before=rule.days_back))
    require(rows, [rule.column, "day"])
    sums = dict(pairs(rows.group_by("day").aggregate(value=rows[rule.column].sum())))
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


def coverage(rule: written.Coverage, evidence: Evidence) -> Verdict:
    """Days with rows over days of the period so far, for the worst of the days."""
    stretch = Days(bounds(evidence.days.first, rule.grain)[0], evidence.days.last)
    there = daily(evidence.rows(table=rule.of, days=stretch), rule.of, None)
    shares = []
    for day in evidence.days.each:
        so_far = Days(bounds(day, rule.grain)[0], day).each
        shares.append((sum(one in there for one in so_far) / len(so_far), day))
    worst, on = min(shares)
    period = Days(bounds(on, rule.grain)[0], on)
    missing = [day for day in period.each if day not in there]
    some = f", but not {missing[0]}" if missing else ""
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    count = len(period.each)
    sentence = f"{rule.of} has {count - len(missing)} of the {count} days of {period}{some}{more} ({worst:.2%})."
    passed = worst >= rule.at_least
    offending = () if passed else tuple({"day": day} for day in missing[:SAMPLE_ROWS])
    threshold = f"at least {rule.at_least:.2%} of the days of the {rule.grain} so far"
    return Verdict(passed, round(worst, 6), threshold, sentence, offending)
