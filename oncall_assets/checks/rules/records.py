"""Rules about how a table was computed: they ask what Dagster remembers of it, and read no rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

from oncall_assets.checks.rules.evidence import SAMPLE_ROWS, Evidence, Unjudged, Verdict
from oncall_assets.checks.rules.facts import Records
from oncall_assets.handbook import rules as written
from oncall_assets.metrics.days import Days, bounds
from oncall_assets.rota.turns import wall_instant

_DAY: Final = timedelta(days=1)
# Fewer runs tell no slow one from a usual one.
_FEWEST_RUNS: Final = 5


def arrived_by(rule: written.ArrivedBy, evidence: Evidence) -> Verdict:
    """The day whose rows were there last against its deadline; one that never came is worse than a late one."""
    threshold = f"by {rule.by} {evidence.zone} on the day after"
    records = _records(evidence)
    arrived = records.arrived(evidence.asset, evidence.days)
    missing = [day for day in evidence.days.each if day not in arrived]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        sentence = f"Nothing records that {evidence.asset} was ever computed for {missing[0]}{more}."
        return Verdict(False, "never there", threshold, sentence, _days_sample(missing))
    zone = ZoneInfo(evidence.zone)
    late = {day: at - _due(day, rule.by, zone) for day, at in arrived.items() if day in evidence.days.each}
    judged = [(by, day) for day, by in late.items() if by <= _DAY]
    if any(by > timedelta(0) for by, _ in judged):
        filled_in = records.filled_in(evidence.asset, evidence.days)
        judged = [(by, day) for by, day in judged if day not in filled_in]
    if not judged:
        sentence = f"{evidence.asset} was computed for {evidence.days} by a backfill, after it was due."
        return Verdict(True, "a backfill", threshold, sentence)
    by, day = max(judged)
    there = _local(arrived[day], zone)
    how = f"{_length(by)} late" if by > timedelta(0) else "in time"
    sentence = f"{evidence.asset} of {day} was there at {there}, {how}."
    return Verdict(
        by <= timedelta(0), there, threshold, sentence, _days_sample([d for b, d in judged if b > timedelta(0)])
    )


def duration(rule: written.RunningTime, evidence: Evidence) -> Verdict:
    """How long this run took over how long such runs usually take."""
    records = _records(evidence)
    took = records.running_time(evidence.asset)
    threshold = (
        f"at most {rule.at_most:g} times the median of the last {rule.runs} runs, or {_length(rule.at_least)}"
    )
    if took is None:
        sentence = f"This run did not compute {evidence.asset}, so there is no time to judge."
        return Verdict(True, "not computed", threshold, sentence)
    observed = round(took.total_seconds(), 3)
    if took <= rule.at_least:
        # Nobody looks up the runs of weeks for what is quick enough whatever they took.
        return Verdict(True, observed, threshold, f"{evidence.asset} took {_length(took)}, which is never slow.")
    days = len(evidence.days.each)
    earlier = records.earlier_times(evidence.asset, days, rule.runs)
    if len(earlier) < _FEWEST_RUNS:
        over = f"{days} day{'s' * (days > 1)}"
        sentence = f"{evidence.asset} took {_length(took)}; {len(earlier)} earlier runs over {over} are too few."
        return Verdict(True, "too early to judge", threshold, sentence)
    usual = timedelta(seconds=median(one.total_seconds() for one in earlier))
    before = f"the median of {len(earlier)} runs before it is {_length(usual)}"
    sentence = f"{evidence.asset} took {_length(took)}; {before}."
    return Verdict(took <= rule.at_most * usual, observed, threshold, sentence)


def stale_upstream(rule: written.StaleUpstream, evidence: Evidence) -> Verdict:
    """How many days stand on something that was computed again since."""
    records = _records(evidence)
    days = evidence.days.widen(before=rule.days_back)
    ours = records.computed(evidence.asset, days)
    reach = Days(bounds(days.first, rule.grain)[0], days.last)
    stale: list[dict[str, Any]] = []
    for table in rule.upstream:
        theirs = records.computed(table, reach)
        if ours and not theirs:
            raise Unjudged(f"nothing records when {table} was computed for any of the days {reach}")
        for day, own in sorted(ours.items()):
            stands_on = Days(bounds(day, rule.grain)[0], day).each
            newer = [one for one in stands_on if one in theirs and theirs[one].at > own.at]
            if newer:
                again = max(theirs[one].at for one in newer)
                stale.append({"day": day, "computed": own.at, "upstream": table, "of": newer[-1], "again": again})
    names = ", ".join(rule.upstream)
    threshold = f"no day of {names} computed later"
    count = len({row["day"] for row in stale})
    if not count:
        sentence = f"None of {len(ours)} days of {evidence.asset} is older than what it was computed from."
        return Verdict(True, 0, threshold, sentence)
    first = stale[0]
    sentence = (
        f"{count} of {len(ours)} days of {evidence.asset} are older than what they were computed from: "
        f"{first['upstream']} of {first['of']} was computed again after {evidence.asset} of {first['day']}."
    )
    return Verdict(False, count, threshold, sentence, tuple(stale[:SAMPLE_ROWS]))


def definition_changed(rule: written.DefinitionChanged, evidence: Evidence) -> Verdict:
    """How many days were computed by another definition than the one in force."""
    records = _records(evidence)
    force = records.definition(evidence.asset)
    if force is None:
        raise Unjudged(f"{evidence.asset} has no definition in force; give the asset a code_version")
    computed = records.computed(evidence.asset, evidence.days.widen(before=rule.days_back))
    known = {day: one.definition for day, one in computed.items() if one.definition is not None}
    other = sorted(day for day, definition in known.items() if definition != force)
    unknown = len(computed) - len(known)
    silent = f" Of {unknown} more nothing records by which." if unknown else ""
    threshold = "every day by the definition in force"
    if not other:
        sentence = f"{len(known)} days of {evidence.asset} were computed by the definition in force.{silent}"
        return Verdict(True, 0, threshold, sentence)
    which = ", ".join(map(str, _stretches(other)))
    sentence = (
        f"{len(other)} of {len(known)} days of {evidence.asset} were computed by an earlier definition: {which}. "
        f"Compute them again.{silent}"
    )
    rows = tuple({"day": day, "computed by": known[day], "in force": force} for day in other[:SAMPLE_ROWS])
    return Verdict(False, len(other), threshold, sentence, rows)


def _records(evidence: Evidence) -> Records:
    if evidence.facts.records is None:
        raise Unjudged("nothing here remembers how tables were computed")
    return evidence.facts.records


def _due(day: date, hour: str, zone: ZoneInfo) -> datetime:
    return wall_instant(day + _DAY, time.fromisoformat(hour), zone)


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}"


def _days_sample(days: Sequence[date]) -> tuple[dict[str, Any], ...]:
    return tuple({"day": day} for day in sorted(days)[:SAMPLE_ROWS])


def _length(length: timedelta) -> str:
    """In the largest unit it fills, to a tenth."""
    for unit, name in ((_DAY, "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if length >= unit:
            return f"{length / unit:.3g} {name}{'s' * (length != unit)}"
    return f"{length.total_seconds():.3g} seconds"


def _stretches(days: Sequence[date]) -> list[Days]:
    """Days in order as stretches without gaps."""
    found: list[Days] = []
    for day in days:
        if found and found[-1].last + _DAY == day:
            found[-1] = Days(found[-1].first, day)
        else:
            found.append(Days.one(day))
    return found
