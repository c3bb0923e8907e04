"""How long is waited after a failure: within its bounds, longer each time, and never for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.incidents.delivery.backoff import asked_wait, base, channel_rest, letter_wait

times = st.integers(min_value=0, max_value=10_000)
letters = st.integers(min_value=1, max_value=2**40)
FIVE_SECONDS, FIVE_MINUTES, QUARTER = timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=15)


@given(times, letters)
@settings(max_examples=150)
def test_a_channel_rests_its_base_give_or_take_a_fifth_and_five_minutes_at_most(
    failures: int, letter: int
) -> None:
    usual, rest = base(failures, FIVE_MINUTES), channel_rest(failures, letter)
    assert usual * 0.8 <= rest <= min(usual * 1.2, FIVE_MINUTES)


@given(times, letters)
@settings(max_examples=150)
def test_a_letter_waits_its_base_give_or_take_a_fifth_and_a_quarter_of_an_hour_at_most(
    attempts: int, letter: int
) -> None:
    usual, wait = base(attempts, QUARTER), letter_wait(attempts, letter)
    assert usual * 0.8 <= wait <= min(usual * 1.2, QUARTER)


@given(times, st.sampled_from([FIVE_MINUTES, QUARTER]))
@settings(max_examples=100)
def test_the_base_never_shrinks_and_keeps_its_bounds(count: int, at_most: timedelta) -> None:
    assert FIVE_SECONDS <= base(count, at_most) <= base(count + 1, at_most) <= at_most


def test_the_base_doubles_from_five_seconds_to_its_bound() -> None:
    assert [5, 10, 20, 40, 80, 160, 300, 300] == [base(n, FIVE_MINUTES).total_seconds() for n in range(8)]
    assert [640, 900] == [base(n, QUARTER).total_seconds() for n in (7, 8)]


@given(times, letters)
@settings(max_examples=100)
def test_the_wait_can_be_known_beforehand(count: int, letter: int) -> None:
    assert (channel_rest(count, letter), letter_wait(count, letter)) == (
        channel_rest(count, letter),
        letter_wait(count, letter),
    )


def test_couriers_that_failed_on_different_letters_come_back_at_different_times() -> None:
    waits = {channel_rest(0, letter) for letter in range(100)}
    assert 100 == len(waits)
    assert min(waits) < FIVE_SECONDS * 0.85
    assert max(waits) > FIVE_SECONDS * 1.15


@pytest.mark.parametrize(("said", "kept"), [(-1, 0), (0, 0), (90, 90), (3600, 3600), (86_400, 3600)])
def test_what_a_server_asks_for_is_kept_up_to_an_hour(said: int, kept: int) -> None:
    assert timedelta(seconds=kept) == asked_wait(timedelta(seconds=said))
