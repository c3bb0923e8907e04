"""Rows wait for their day, and no row is lost or comes twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.sample.landing import DAY, Landing, instants, midnight, rows, schema

FIRST = date(2026, 10, 3)


def _forms(microseconds: list[int]) -> pa.Table:
    count = len(microseconds)
    return rows(
        "feedback",
        {
            "feedback_id": pa.array([f"form-{number}" for number in range(count)], pa.string()),
            "account_id": pa.array(["acct-000001"] * count, pa.string()),
            "submitted_at": instants(midnight(FIRST) + np.array(sorted(microseconds), dtype=np.int64)),
            "score": pa.array([9] * count, pa.int64()),
            "comment": pa.nulls(count, pa.string()),
        },
    )


def test_midnight_belongs_to_the_day_it_begins() -> None:
    landing = Landing("feedback")
    landing.add(_forms([0, DAY - 1, DAY]))
    assert 2 == landing.take(FIRST).num_rows
    tomorrow = landing.take(FIRST + timedelta(days=1))
    assert [datetime(2026, 10, 4, tzinfo=UTC)] == tomorrow["submitted_at"].to_pylist()


def test_a_day_without_rows_has_the_schema() -> None:
    assert schema("feedback").empty_table() == Landing("feedback").take(FIRST)


@settings(max_examples=50, deadline=None)
@given(batches=st.lists(st.lists(st.integers(0, 4 * DAY - 1), max_size=8), max_size=4))
def test_every_row_lands_once_on_its_day_in_order(batches: list[list[int]]) -> None:
    landing = Landing("feedback")
    for batch in batches:
        landing.add(_forms(batch))
    landed = []
    for offset in range(4):
        taken = landing.take(FIRST + timedelta(days=offset))["submitted_at"].cast(pa.int64()).to_pylist()
        assert all(offset == (instant - midnight(FIRST)) // DAY for instant in taken)
        landed += taken
    assert sorted(midnight(FIRST) + at for batch in batches for at in batch) == landed
