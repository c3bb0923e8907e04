"""The rule about a figure's own past: what weekday, season and growth lead to expect, and what is too far off."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, inf, isfinite, log
from statistics import median
from typing import Final

from oncall_assets.checks.rules.evidence import (
    SAMPLE_ROWS,
    Evidence,
    Verdict,
    daily,
    landing_day,
    pairs,
    require,
)
from oncall_assets.handbook import rules as written

Sums = Mapping[date, int | float]

_WEEK: Final = 7
# Fewer earlier weeks tell no rule from an exception.
_FEWEST: Final = 4
# Of a normal distribution, its deviation over its median absolute deviation, and over the 90 % point of the
# absolute deviations. The second sees long tails that the first is blind to, and still overlooks one day in ten.
_MEDIAN_TO_DEVIATION: Final = 1.4826
_TAIL_TO_DEVIATION: Final = 1 / 1.6449
_TAIL: Final = 0.9
# So few days with nothing are accidents; more of them are how the figure is.
_RARE: Final = 0.05
# As good as the logarithm of the largest number there is; below nothing, that of the smallest.
_LARGEST: Final = 700.0


@dataclass(frozen=True, slots=True)
class _Band:
    """What a day came to, what its past leads to expect, and from where to where is no alarm."""

    day: date
    found: int | float
    expected: float
    low: float
    high: float

    @property
    def out(self) -> bool:
        # What is no number is not within anything.
        return not self.low <= self.found <= self.high

    @property
    def off(self) -> float:
        """How far the day is from what was expected, as a part of the way to the end of the band."""
        way, whole = abs(self.found - self.expected), self.high - self.expected
        if self.found < self.expected:
            whole = self.expected - self.low
        return way / whole if whole and isfinite(way) else inf if self.out else 0.0

    def __str__(self) -> str:
        return f"{_shown(self.low)} to {_shown(self.high)}"


def within_trend(rule: written.WithinTrend, evidence: Evidence) -> Verdict:
    """The day that is furthest from what its past leads to expect, measured in bands."""
    sums = _sums(rule, evidence)
    bands = [band for day in evidence.days.each if (band := _band(rule, sums, day))]
    figure = f"{rule.column} of {evidence.asset}"
    if not bands:
        sentence = f"{figure} has too few weeks before {evidence.days} to know what to expect of it."
        return Verdict(True, "too early to judge", f"the band of the {rule.weeks} weeks before", sentence)
    worst = max(bands, key=lambda band: (band.out, band.off))
    out = [band for band in bands if band.out]
    more = f" {len(out)} of {len(bands)} days are out of their bands." if len(out) > 1 else ""
    sentence = (
        f"{figure} is {_shown(worst.found)} on {worst.day}; "
        f"its past leads to expect {_shown(worst.expected)}, and allows {worst}.{more}"
    )
    threshold = f"{worst} ({rule.width:g} times the spread of {rule.weeks} weeks, {rule.at_least:.2%} at least)"
    rows = tuple(
        {"day": band.day, rule.column: band.found, "expected": round(band.expected, 4), "allowed": str(band)}
        for band in out[:SAMPLE_ROWS]
    )
    return Verdict(not out, worst.found, threshold, sentence, rows)


def _sums(rule: written.WithinTrend, evidence: Evidence) -> Sums:
    """The sum of each day and of its past, exact for whole numbers; no entry for a day without rows."""
    past = _WEEK * (rule.weeks + 1)
    rows = evidence.rows(rule.where, days=evidence.days.widen(before=past))
    require(rows, [rule.column])
    if rows[rule.column].type().is_floating():
        days = rows.group_by(day=landing_day(rows, evidence.asset))
        return dict(pairs(days.aggregate(value=rows[rule.column].sum().fill_null(0.0))))
    return daily(rows, evidence.asset, rule.column)


def _band(rule: written.WithinTrend, sums: Sums, day: date) -> _Band | None:
    """None where fewer than four earlier weeks are there."""
    past = {one: value for one, value in _past(rule, sums, day) if isfinite(value)}
    # Growth multiplies where there is always something, and so does what is usual in either direction.
    by_ratio = _always_something(past.values())
    weekdays = [list(_moved(rule, past, day, back, by_ratio)) for back in range(_WEEK)]
    if len(weekdays[0]) < _FEWEST:
        return None
    scaled = [[_logarithm(value) for value in values] if by_ratio else values for values in weekdays]
    expected, reach = median(weekdays[0]), rule.width * _spread(scaled)
    low, high = expected - reach, expected + reach
    if by_ratio:
        low, high = expected * exp(-reach), expected * exp(min(reach, _LARGEST))
    least = rule.at_least * abs(expected)
    return _Band(day, sums.get(day, 0), expected, min(low, expected - least), max(high, expected + least))


def _past(rule: written.WithinTrend, sums: Sums, day: date) -> Iterator[tuple[date, int | float]]:
    """The days before `day` that have rows, as far back as its band looks."""
    for back in range(1, _WEEK * (rule.weeks + 1) + 1):
        one = day - timedelta(days=back)
        if one in sums:
            yield one, sums[one]


def _always_something(values: Collection[float]) -> bool:
    return min(values, default=0) >= 0 and sum(value == 0 for value in values) <= _RARE * len(values)


def _moved(rule: written.WithinTrend, past: Sums, day: date, back: int, by_ratio: bool) -> Iterator[float]:
    """The sums of one weekday in the weeks before `day`, each moved to where the level is now."""
    for week in range(1, rule.weeks + 1):
        old = past.get(day - timedelta(days=back + _WEEK * week))
        changes = _changes(past, day, week)
        if by_ratio:
            ratios = [new / before for before, new in changes if before]
            if old is not None and len(ratios) >= _FEWEST:
                yield old * median(ratios)
        elif old is not None and len(changes) >= _FEWEST:
            yield old + median(new - before for before, new in changes)


def _changes(past: Sums, day: date, weeks: int) -> Sequence[tuple[float, float]]:
    """What each day of the week before `day` came to, behind what it came to `weeks` earlier."""
    before = (day - timedelta(days=back) for back in range(1, _WEEK + 1))
    found = ((past.get(one - timedelta(days=_WEEK * weeks)), past.get(one)) for one in before)
    return [(old, new) for old, new in found if old is not None and new is not None]


def _spread(weekdays: Sequence[Sequence[float]]) -> float:
    """How far a day usually is from the middle of its weekday, as the deviation of a normal distribution.

    A few weeks of one weekday may agree by chance, so all weekdays are asked; and the first, which is judged, may
    be wilder than the others.
    """
    off = [[abs(value - median(values)) for value in values] for values in weekdays if len(values) >= _FEWEST]
    every = sorted(one for one_weekday in off for one in one_weekday)
    return max(
        _MEDIAN_TO_DEVIATION * median(off[0]),
        _MEDIAN_TO_DEVIATION * median(every),
        _TAIL_TO_DEVIATION * every[int(_TAIL * (len(every) - 1))],
    )


def _logarithm(value: float) -> float:
    return log(value) if value else -_LARGEST


def _shown(value: float) -> str:
    """Whole numbers to the unit; what is small and not whole with its first figures."""
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.4g}"
