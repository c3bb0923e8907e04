"""Which partitions meet, and which a success mends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_assets.incidents.policy.partitions import each, is_range, mends, overlap
from oncall_assets.incidents.policy.spread import Spread

LONG = "2020-01-01…2026-12-31"


@pytest.mark.parametrize(
    ("partition", "days"),
    [
        (None, (None,)),
        ("2026-01-02", ("2026-01-02",)),
        ("2026-02-28…2026-03-01", ("2026-02-28", "2026-03-01")),
        ("2026-03-01…2026-03-01", ("2026-03-01",)),
        ("2026-03-01…2026-02-28", ("2026-03-01…2026-02-28",)),
        ("2026-02-30…2026-03-01", ("2026-02-30…2026-03-01",)),
        ("20260101…20260103", ("20260101…20260103",)),
        ("2026-01-01…", ("2026-01-01…",)),
        ("a…c", ("a…c",)),
        (LONG, (LONG,)),
    ],
)
def test_a_range_between_dates_is_each_of_its_days(partition: str | None, days: tuple[str | None, ...]) -> None:
    assert days == each(partition)


def test_what_is_wrong_as_a_whole_is_not_taken_apart() -> None:
    for partition in (None, "2026-01-02", "2026-02-28…2026-03-01"):
        assert (partition,) == each(partition, whole=True)


def test_a_range_of_a_thousand_days_is_taken_apart_and_one_of_a_day_more_is_not() -> None:
    first = date(2020, 1, 1)
    thousand = f"{first}…{first + timedelta(days=999)}"
    more = f"{first}…{first + timedelta(days=1000)}"
    assert (1000, (more,)) == (len(each(thousand)), each(more))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (None, "a", True),
        (None, None, True),
        (LONG, "2026-01-02", True),
        (LONG, "2026-12-31", True),
        (LONG, "2027-01-01", False),
        (LONG, "2026-12-31…2030-01-01", True),
        (LONG, "eu", False),
        ("a…c", "b", False),
    ],
)
def test_partitions_overlap_if_equal_absent_or_their_days_meet(
    one: str | None, other: str | None, expected: bool
) -> None:
    assert (expected, expected) == (overlap(one, other), overlap(other, one))


@pytest.mark.parametrize(
    ("success", "fault", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (None, "a", True),
        ("a", None, True),
        (LONG, "2026-12-31", True),
        (LONG, "2027-01-01", False),
        (LONG, "2019-12-31", False),
        ("2026-01-02", LONG, False),
        (LONG, "2020-01-01…2026-12-30", True),
        (LONG, "2020-01-01…2027-01-01", False),
        (LONG, "eu", False),
    ],
)
def test_a_success_mends_what_it_covers_whole(success: str | None, fault: str | None, expected: bool) -> None:
    assert expected == mends(success, fault)


_DAYS = [str(date(2026, 1, day)) for day in range(1, 6)]
_PARTITIONS = st.one_of(
    st.none(),
    st.sampled_from(["eu", "us", "a…c"]),
    st.sampled_from(_DAYS),
    # A range of one day never stays one: it is taken apart.
    st.lists(st.sampled_from(_DAYS), min_size=2, max_size=2, unique=True).map(lambda days: "…".join(sorted(days))),
)
_PLACES = st.lists(st.tuples(_PARTITIONS, st.integers(0, 3)), max_size=12)


@given(_PLACES, st.data(), _PARTITIONS)
def test_the_index_finds_what_looking_at_each_would(
    added: list[tuple[str | None, int]], data: st.DataObject, asked: str | None
) -> None:
    spread = Spread()
    for partition, age in added:
        spread.add(partition, age)
    removed = data.draw(st.integers(0, len(added)))
    for partition, age in added[:removed]:
        spread.remove(partition, age)
    left = added[removed:]
    meeting = [age for partition, age in left if overlap(asked, partition)]
    assert min(meeting, default=None) == min(spread.meeting(asked), default=None)
    assert {partition for partition, _ in left if mends(asked, partition)} == set(spread.mended_by(asked))
    assert {partition for partition, _ in left if is_range(partition)} == spread.ranges
