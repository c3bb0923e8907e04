"""Rules about late rows: equality is in time, the worst day counts, and a final day stays final."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.checks.rules import Unjudged, judge
from oncall_assets.handbook.rules import FinalAfter, LateShare
from oncall_assets_tests.checks.tables import DAYS, FIRST, SECOND, arrived, evidence, verdict

TABLE = "usage_events"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
COLUMNS = {"happened": "occurred_at", "arrived": "ingested_at"}


def late(later_than: str = "48h", at_most: float = 0.5) -> LateShare:
    rule = {"rule": "late_share", **COLUMNS, "later_than": later_than, "at_most": at_most}
    return LateShare.model_validate(rule)


def final(after: str) -> FinalAfter:
    return FinalAfter.model_validate({"rule": "final_after", **COLUMNS, "after": after})


def ago(*delays: timedelta | None, at: datetime = NOON) -> list[tuple[datetime | None, datetime]]:
    """Rows that arrive at one instant, so long after they happened."""
    return [(None if delay is None else at - delay, at) for delay in delays]


def found(rows: list[tuple[datetime | None, datetime]], **options: Any) -> Any:
    return evidence(TABLE, usage_events=arrived(*rows), **options)


@pytest.mark.parametrize(("delay", "share"), [(48 * HOUR, 0.0), (48 * HOUR + MICROSECOND, 1.0), (-90 * HOUR, 0.0)])
def test_a_row_is_late_from_the_first_microsecond_after_on(delay: timedelta, share: float) -> None:
    assert (share == 0, share) == verdict(late(), found(ago(delay)))[:2]


def test_the_share_allowed_may_be_reached() -> None:
    rows = ago(50 * HOUR, 50 * HOUR, HOUR, HOUR)
    judged = judge(late(), found(rows))
    assert (True, 0.5, ()) == (judged.passed, judged.observed, judged.sample)
    assert "at most 50.00% later than 48 hours" == judged.threshold
    sentence = f"2 of the 4 rows that landed on {SECOND} arrived more than 48 hours after they happened (50.00%)."
    assert sentence == judged.sentence


def test_beyond_it_the_late_rows_are_shown() -> None:
    judged = judge(late(at_most=0.4), found(ago(50 * HOUR, 50 * HOUR, HOUR, HOUR)))
    assert (False, ["e0", "e1"]) == (judged.passed, sorted(row["event_id"] for row in judged.sample))


def test_the_worst_day_they_landed_on_is_told() -> None:
    rows = [*ago(50 * HOUR, at=NOON - 24 * HOUR), *ago(HOUR, HOUR, 50 * HOUR)]
    passed, observed, sentence = verdict(late(), found(rows, days=DAYS))
    assert (False, 1.0, True) == (passed, observed, f"landed on {FIRST}" in sentence)


def test_a_row_without_an_instant_counts_as_in_time() -> None:
    assert (True, 0.5) == verdict(late(), found(ago(None, 50 * HOUR)))[:2]


def test_a_day_without_rows_is_not_late() -> None:
    assert (True, "no rows", f"usage_events has no rows on {SECOND}.") == verdict(late(), found([]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=1), st.integers(1, 50), st.integers(0, 50))
def test_who_waits_longer_finds_no_more_late_rows(hours: list[int], limit: int, more: int) -> None:
    rows = found(ago(*(hour * HOUR for hour in hours)))
    strict, patient = (verdict(late(f"{limit + add}h"), rows)[1] for add in (0, more))
    assert sum(hour > limit for hour in hours) / len(hours) == pytest.approx(strict, abs=1e-6)
    assert float(patient) <= float(strict)


MIDNIGHT = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("happened", "wrong"),
    [
        # 2026-01-02 12:00 is 36 hours after the end of the last day of December, 60 after that of the day before.
        (MIDNIGHT - timedelta(days=1) - MICROSECOND, 0),
        (MIDNIGHT - timedelta(days=2), 0),
        (MIDNIGHT - timedelta(days=2) - MICROSECOND, 1),
        (NOON + HOUR, 0),
        (None, 0),
    ],
)
def test_a_day_is_open_for_so_long_after_its_end(happened: datetime | None, wrong: int) -> None:
    sentence = f"{wrong} of 1 rows arrived more than 48 hours after the end of the day they happened on."
    assert (wrong == 0, wrong, sentence) == verdict(final("48h"), found([(happened, NOON)]))


@pytest.mark.parametrize(("after", "wrong"), [(timedelta(0), 0), (MICROSECOND, 1)])
def test_the_last_instant_of_an_open_day_still_counts(after: timedelta, wrong: int) -> None:
    happened = MIDNIGHT - timedelta(days=2)
    rows = [(happened, happened + timedelta(days=1) + 12 * HOUR + after)]
    judged = judge(final("12h"), evidence(TABLE, DAYS, usage_events=arrived(*rows)))
    assert (wrong == 0, wrong) == (judged.passed, judged.observed)


def test_rows_of_a_final_day_are_shown() -> None:
    judged = judge(final("1h"), found(ago(HOUR, 30 * HOUR, 200 * HOUR)))
    assert (False, 2, "none after 1 hour") == (judged.passed, judged.observed, judged.threshold)
    assert ["e1", "e2"] == sorted(row["event_id"] for row in judged.sample)


@pytest.mark.parametrize("rule", [late(), final("1h")])
def test_only_instants_can_be_compared(rule: LateShare | FinalAfter) -> None:
    rows = arrived(*ago(HOUR))
    text = rows.set_column(3, "occurred_at", rows["occurred_at"].cast("string"))
    with pytest.raises(Unjudged, match="column occurred_at is string; the rule compares instants"):
        judge(rule, evidence(TABLE, usage_events=text))
