"""How soon incidents were answered and mended, and which of them count."""

from __future__ import annotations

from datetime import timedelta

from oncall_assets.incidents.review.times import Times, answering, mending
from oncall_assets_tests.incidents.review.past import DAY, HOUR, event, past

LATER = DAY + timedelta(days=2)


def test_an_answer_is_the_first_that_somebody_has_it() -> None:
    one = past(1, event("opened", 0), event("acknowledged", 0.5, "ann"), event("acknowledged", 5, "ben"))
    assert Times((HOUR / 2,), 1, 1) == answering([one], LATER)


def test_an_answer_at_the_very_end_is_in_time_and_a_second_later_is_not() -> None:
    at_the_end, after = (past(1, event("acknowledged", hours)) for hours in (1, 1 + 1 / 3600))
    assert (1, 1) == (answering([at_the_end], LATER).within, answering([at_the_end], LATER).due)
    assert (0, 1) == (answering([after], LATER).within, answering([after], LATER).due)


def test_who_ends_it_has_answered() -> None:
    assert Times((2 * HOUR,), 0, 1) == answering([past(1, over=2, by="ann")], LATER)


def test_what_ended_by_itself_before_an_answer_was_due_needed_none() -> None:
    assert Times((), 0, 0) == answering([past(1, over=0.9)], LATER)


def test_what_ended_by_itself_unanswered_after_that_was_never_answered() -> None:
    times = answering([past(1, over=3)], LATER)
    assert Times((), 0, 1) == times
    assert 1 == times.never
    assert times.median is None


def test_what_is_open_counts_once_it_is_late() -> None:
    one = past(1)
    assert Times((), 0, 0) == answering([one], DAY + HOUR)
    assert Times((), 0, 1) == answering([one], DAY + 2 * HOUR)
    assert Times((), 0, 0) == mending([one], DAY + 4 * HOUR)
    assert Times((), 0, 1) == mending([one], DAY + 5 * HOUR)


def test_mending_takes_until_the_end_whoever_ended_it() -> None:
    told = [past(1, over=5), past(2, over=1, by="ann"), past(3, over=4)]
    times = mending(told, LATER)
    assert Times((HOUR, 4 * HOUR, 5 * HOUR), 2, 3) == times
    assert 4 * HOUR == times.median


def test_the_median_of_two_lies_between_them() -> None:
    assert 2 * HOUR == mending([past(1, over=1), past(2, over=3)], LATER).median


def test_the_clock_of_business_hours_begins_with_them() -> None:
    start = DAY + 10 * HOUR
    waiting = {"clock_from": start, "respond_by": start + HOUR, "resolve_by": start + 4 * HOUR}
    assert Times((HOUR / 2,), 1, 1) == answering([past(1, event("acknowledged", 10.5), **waiting)], LATER)
    # Somebody was at it before they had to be.
    assert Times((timedelta(0),), 1, 1) == answering([past(1, event("acknowledged", 2), **waiting)], LATER)


def test_a_later_round_is_measured_from_the_opening() -> None:
    start = DAY + 4 * HOUR
    again = {"round": 2, "clock_from": start, "respond_by": start + HOUR, "resolve_by": start + 4 * HOUR}
    one = past(1, event("reminded", 4), event("acknowledged", 4.5, "ann"), over=5, by="ann", **again)
    assert Times((4.5 * HOUR,), 0, 1) == answering([one], LATER)
    assert Times((5 * HOUR,), 0, 1) == mending([one], LATER)
