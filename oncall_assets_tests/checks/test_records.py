"""The rules about how a table was computed, over what Dagster might remember."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis.expr.types as ir
import pytest

from oncall_assets.checks.rules import Evidence, Unjudged, Verdict, judge
from oncall_assets.checks.rules.facts import Computed, Facts
from oncall_assets.handbook import rules as written
from oncall_assets.metrics.days import Days

DAY = date(2026, 1, 5)
NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)


@dataclass
class Memory:
    """Records of a test: when days were computed, first and last, and how long runs took."""

    last: Mapping[str, Mapping[date, Computed]] = field(default_factory=dict)
    first: Mapping[date, datetime] = field(default_factory=dict)
    together: frozenset[date] = frozenset()
    force: str | None = "now"
    own: timedelta | None = None
    earlier: Sequence[timedelta] = ()
    asked: list[tuple[int, int]] = field(default_factory=list)

    def computed(self, table: str, days: Days) -> Mapping[date, Computed]:
        return {day: one for day, one in self.last.get(table, {}).items() if day in days.each}

    def arrived(self, table: str, days: Days) -> Mapping[date, datetime]:
        assert "figure" == table
        return {day: at for day, at in self.first.items() if day in days.each}

    def filled_in(self, table: str, days: Days) -> frozenset[date]:
        assert "figure" == table
        return self.together & set(days.each)

    def definition(self, table: str) -> str | None:
        assert "figure" == table
        return self.force

    def running_time(self, table: str) -> timedelta | None:
        assert "figure" == table
        return self.own

    def earlier_times(self, table: str, days: int, runs: int) -> Sequence[timedelta]:
        assert "figure" == table
        self.asked.append((days, runs))
        return self.earlier[:runs]


def nothing(table: str, days: Days) -> ir.Table:
    raise AssertionError(f"{table} of {days} was read")


def judged(rule: written.Rule, memory: Memory | None, days: Days | None = None, zone: str = "UTC") -> Verdict:
    return judge(rule, Evidence("figure", days or Days.one(DAY), nothing, zone, Facts(memory)))


def minutes(*lengths: float) -> list[timedelta]:
    return [timedelta(minutes=length) for length in lengths]


def by(hour: str) -> written.ArrivedBy:
    return written.ArrivedBy(rule="arrived_by", by=hour)


def running(**fields: Any) -> written.RunningTime:
    return written.RunningTime(rule="duration", at_most=2, **fields)


def stale(*upstream: str, **fields: Any) -> written.StaleUpstream:
    return written.StaleUpstream(rule="stale_upstream", upstream=list(upstream), **fields)


def changed(**fields: Any) -> written.DefinitionChanged:
    return written.DefinitionChanged(rule="definition_changed", **fields)


@pytest.mark.parametrize("rule", [by("04:00"), running(), stale("a"), changed()], ids=lambda rule: rule.rule)
def test_without_a_memory_nothing_is_judged(rule: written.Rule) -> None:
    with pytest.raises(Unjudged, match="nothing here remembers"):
        judged(rule, None)


@pytest.mark.parametrize(
    ("zone", "day", "hour", "deadline"),
    [
        ("UTC", date(2026, 1, 5), "04:00", datetime(2026, 1, 6, 4, tzinfo=UTC)),
        ("America/New_York", date(2026, 1, 5), "04:00", datetime(2026, 1, 6, 9, tzinfo=UTC)),
        # The hour that the clocks leave out begins at its end, and of a repeated one the first counts.
        ("America/New_York", date(2026, 3, 7), "02:30", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 7), "04:00", datetime(2026, 3, 8, 8, tzinfo=UTC)),
        ("America/New_York", date(2026, 10, 31), "01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("Asia/Tokyo", date(2026, 1, 5), "09:30", datetime(2026, 1, 6, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_deadline_is_a_wall_time_of_the_day_after(zone: str, day: date, hour: str, deadline: datetime) -> None:
    in_time, late = ({day: deadline + timedelta(seconds=off)} for off in (0, 1))
    assert judged(by(hour), Memory(first=in_time), Days.one(day), zone).passed
    verdict = judged(by(hour), Memory(first=late), Days.one(day), zone)
    assert (False, f"by {hour} {zone} on the day after", ({"day": day},)) == (
        verdict.passed,
        verdict.threshold,
        verdict.sample,
    )


def test_what_came_late_says_when_in_the_teams_zone() -> None:
    memory = Memory(first={DAY: datetime(2026, 1, 6, 10, 30, tzinfo=UTC)})
    verdict = judged(by("04:00"), memory, zone="America/New_York")
    assert "2026-01-06 05:30:00 America/New_York" == verdict.observed
    assert "figure of 2026-01-05 was there at 2026-01-06 05:30:00 America/New_York, 1.5 hours late." == (
        verdict.sentence
    )


def test_a_backfill_is_not_late_and_does_not_hide_what_is() -> None:
    deadline = datetime(2026, 1, 6, 4, tzinfo=UTC)
    assert judged(by("04:00"), Memory(first={DAY: deadline + timedelta(hours=24)})).passed is False
    backfilled = {DAY: deadline + timedelta(hours=24, seconds=1)}
    verdict = judged(by("04:00"), Memory(first=backfilled))
    assert (True, "a backfill") == (verdict.passed, verdict.observed)
    next_day = DAY + timedelta(days=1)
    late = backfilled | {next_day: deadline + timedelta(hours=25)}
    assert not judged(by("04:00"), Memory(first=late), Days(DAY, next_day)).passed


def test_days_that_come_together_in_one_run_are_a_backfill() -> None:
    late = {DAY: datetime(2026, 1, 6, 5, tzinfo=UTC)}
    assert not judged(by("04:00"), Memory(first=late)).passed
    verdict = judged(by("04:00"), Memory(first=late, together=frozenset([DAY])))
    assert (True, "a backfill") == (verdict.passed, verdict.observed)


def test_a_day_that_was_never_computed_is_not_in_time() -> None:
    verdict = judged(by("04:00"), Memory(first={DAY: NOON}), Days(DAY, DAY + timedelta(days=2)))
    assert (False, "Nothing records that figure was ever computed for 2026-01-06 and 1 more.") == (
        verdict.passed,
        verdict.sentence,
    )


def test_a_run_is_held_against_the_median_of_those_before_it() -> None:
    memory = Memory(own=timedelta(minutes=6), earlier=minutes(3, 3, 3, 90, 2))
    assert judged(running(), memory).passed
    memory.own = timedelta(minutes=6, seconds=1)
    verdict = judged(running(), memory)
    assert (False, 361.0) == (verdict.passed, verdict.observed)
    assert "figure took 6.02 minutes; the median of 5 runs before it is 3 minutes." == verdict.sentence


def test_runs_over_as_many_days_are_asked_for() -> None:
    memory = Memory(own=timedelta(minutes=6), earlier=minutes(*[3] * 9))
    judged(running(runs=7), memory, Days(DAY, DAY + timedelta(days=30)))
    assert [(31, 7)] == memory.asked


def test_what_takes_no_time_is_never_slow_and_asks_for_no_history() -> None:
    memory = Memory(own=timedelta(seconds=60), earlier=minutes(*[0.01] * 5))
    assert "figure took 1 minute, which is never slow." == judged(running(), memory).sentence
    assert [] == memory.asked
    assert (True, False) == (
        judged(running(), memory).passed,
        judged(running(at_least="30m"), Memory(own=timedelta(minutes=31), earlier=memory.earlier)).passed,
    )


@pytest.mark.parametrize(
    ("own", "earlier", "observed"),
    [(timedelta(days=1), 4, "too early to judge"), (None, 20, "not computed")],
)
def test_without_runs_to_compare_nothing_is_slow(own: timedelta | None, earlier: int, observed: str) -> None:
    verdict = judged(running(), Memory(own=own, earlier=minutes(*[1] * earlier)))
    assert (True, observed) == (verdict.passed, verdict.observed)


def computed(*days: tuple[date, int] | tuple[date, int, str | None]) -> dict[date, Computed]:
    """Of (day, hours after noon, definition)."""
    return {
        day: Computed(NOON + timedelta(hours=hours), "run", more[0] if more else "now")
        for day, hours, *more in days
    }


def test_a_day_computed_before_its_upstream_is_stale() -> None:
    before, older = DAY - timedelta(days=7), DAY - timedelta(days=8)
    memory = Memory(
        last={
            "figure": computed((DAY, 1), (before, 1), (older, 1)),
            "a": computed((DAY, 1), (before, 1), (older, 9)),
            "b": computed((DAY, 1), (before, 0)),
        }
    )
    assert judged(stale("a", "b"), memory).passed
    verdict = judged(stale("a", "b", days_back=8), memory)
    assert (False, 1) == (verdict.passed, verdict.observed)
    assert (
        "1 of 3 days of figure are older than what they were computed from: "
        "a of 2025-12-28 was computed again after figure of 2025-12-28."
    ) == verdict.sentence
    assert [older] == [row["day"] for row in verdict.sample]


def test_days_that_the_table_does_not_have_are_not_stale() -> None:
    memory = Memory(last={"figure": computed((DAY, 1)), "a": computed((DAY, 0), (DAY - timedelta(days=1), 9))})
    assert judged(stale("a"), memory).passed


def test_a_month_to_date_is_stale_where_an_earlier_day_of_it_was_computed_again() -> None:
    first, before = DAY.replace(day=1), DAY.replace(day=1) - timedelta(days=1)
    memory = Memory(last={"figure": computed((DAY, 1)), "a": computed((DAY, 0), (first, 2), (before, 3))})
    results = [judged(stale("a", days_back=0, grain=grain), memory) for grain in ("day", "week", "month")]
    assert [True, True, False] == [verdict.passed for verdict in results]
    assert [first] == [row["of"] for row in results[2].sample]


def test_an_upstream_that_leaves_no_records_cannot_be_judged() -> None:
    with pytest.raises(Unjudged, match="nothing records when a was computed for any of the days 2025-12-29"):
        judged(stale("a"), Memory(last={"figure": computed((DAY, 1))}))


def test_days_of_an_earlier_definition_are_named_in_stretches() -> None:
    days = [DAY - timedelta(days=back) for back in range(6)]
    made = computed(
        (days[0], 0),
        (days[1], 0, "old"),
        (days[2], 0, "old"),
        (days[3], 0),
        (days[4], 0, "older"),
        (days[5], 0, None),
    )
    verdict = judged(changed(), Memory(last={"figure": made}))
    assert (False, 3) == (verdict.passed, verdict.observed)
    assert (
        "3 of 5 days of figure were computed by an earlier definition: 2026-01-01, 2026-01-03…2026-01-04. "
        "Compute them again. Of 1 more nothing records by which."
    ) == verdict.sentence
    assert {"day": days[4], "computed by": "older", "in force": "now"} == verdict.sample[0]


def test_only_the_days_asked_for_are_held_against_the_definition() -> None:
    memory = Memory(last={"figure": computed((DAY, 0), (DAY - timedelta(days=3), 0, "old"))})
    assert (True, False) == (
        judged(changed(days_back=2), memory).passed,
        judged(changed(days_back=3), memory).passed,
    )


def test_without_a_definition_nothing_can_have_changed_it() -> None:
    with pytest.raises(Unjudged, match="figure has no definition in force"):
        judged(changed(), Memory(force=None))
