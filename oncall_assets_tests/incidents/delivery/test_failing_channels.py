"""What a failure says: of the letter, of the person, or of the channel, and who waits because of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from oncall_assets.incidents.delivery.backoff import channel_rest, letter_wait
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets_tests.incidents.delivery.posting import NOW, PATIENCE, Post, Trouble, courier, down, page, put

SECOND = timedelta(seconds=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        yield opened


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def carrier(ledger: Ledger, post: Post) -> Courier:
    return courier(ledger, post, Post("console"))


def fails(*numbers: int, to: str | None = None) -> Trouble:
    """Pages of these incidents fail, or all to this person."""
    failing = {page(number, who).id for number in numbers for who in ("ann", "ben")}
    return lambda message: down() if message.id in failing or message.to.key == to else None


def test_a_letter_that_fails_while_the_next_goes_through_stands_aside(
    ledger: Ledger, post: Post, carrier: Courier
) -> None:
    post.trouble = fails(1)
    put(ledger, "post", page(1), page(2), page(3))
    (trouble,) = carrier.round(NOW, PATIENCE).troubles
    assert trouble.startswith("post to ann, incident 1: down; it stands aside until 02:00:0")
    assert [1, 2, 3] == post.tries
    assert {} == ledger.channel_states()
    wait = letter_wait(0, 1)
    carrier.round(NOW + wait - SECOND, PATIENCE)
    assert [1, 2, 3] == post.tries
    put(ledger, "post", page(4))
    carrier.round(NOW + wait + 10 * SECOND, PATIENCE)
    assert [1, 2, 3, 1, 4] == post.tries
    # The second time it stands aside for twice as long.
    put(ledger, "post", page(5))
    carrier.round(NOW + wait + 10 * SECOND + letter_wait(1, 1) - SECOND, PATIENCE)
    assert [1, 2, 3, 1, 4, 5] == post.tries


def test_two_that_fail_rest_the_channel_and_keep_their_places(
    ledger: Ledger, post: Post, carrier: Courier
) -> None:
    post.trouble = lambda _: down()
    put(ledger, "post", page(1), page(2, "ben"), page(3))
    delivered = carrier.round(NOW, PATIENCE)
    assert ([1, 2], 0, 3) == (post.tries, delivered.sent, delivered.waiting)
    one, two = delivered.troubles
    assert one.startswith("post to ann, incident 1: down; post rests until 02:00:0")
    assert two.startswith("post to ben, incident 2: down; post rests until 02:00:0")
    state = ledger.channel_states()["post"]
    assert (1, "down") == (state.failures, state.last_error)
    post.trouble = lambda _: None
    carrier.round(NOW + channel_rest(0, 1) - SECOND, PATIENCE)
    assert [1, 2] == post.tries
    carrier.round(NOW + 30 * SECOND, PATIENCE)
    assert [1, 2, 3] == post.numbers
    assert 0 == ledger.channel_states()["post"].failures


def test_each_failure_in_a_row_rests_the_channel_for_longer(ledger: Ledger, post: Post, carrier: Courier) -> None:
    post.trouble = lambda _: down()
    put(ledger, "elsewhere", page(1))
    put(ledger, "post", page(1))
    now = NOW
    for failures in range(9):
        carrier.round(now, PATIENCE)
        state = ledger.channel_states()["post"]
        assert failures + 1 == state.failures
        assert state.rest_until is not None
        assert timedelta(0) <= state.rest_until - now - channel_rest(failures, 2) < PATIENCE
        now = state.rest_until
    post.trouble = lambda _: None
    carrier.round(now, PATIENCE)
    post.trouble = lambda _: down()
    put(ledger, "post", page(2))
    carrier.round(now, PATIENCE)
    assert 1 == ledger.channel_states()["post"].failures


def test_a_letter_that_fails_alone_rests_the_channel_until_another_comes(
    ledger: Ledger, post: Post, carrier: Courier
) -> None:
    post.trouble = fails(1)
    put(ledger, "post", page(1))
    carrier.round(NOW, PATIENCE)
    carrier.round(NOW + SECOND, PATIENCE)
    assert ([1], 1) == (post.tries, ledger.channel_states()["post"].failures)
    put(ledger, "post", page(2))
    carrier.round(NOW + SECOND, PATIENCE)
    assert ([1, 1, 2], [2]) == (post.tries, post.numbers)
    assert 0 == ledger.channel_states()["post"].failures


def test_a_person_who_cannot_be_reached_keeps_no_other_waiting(
    ledger: Ledger, post: Post, carrier: Courier
) -> None:
    post.trouble = fails(to="ann")
    put(ledger, "post", page(1), page(2))
    carrier.round(NOW, PATIENCE)
    put(ledger, "post", page(3))
    carrier.round(NOW + SECOND, PATIENCE)
    assert [1, 2] == post.tries
    put(ledger, "post", page(4, "ben"))
    carrier.round(NOW + SECOND, PATIENCE)
    # The oldest first, then the other person as a second opinion; and no more asking about Ann.
    assert ([1, 2, 1, 4, 2, 3], [4]) == (post.tries, post.numbers)
    put(ledger, "post", page(5, "ben"))
    carrier.round(NOW + 2 * SECOND, PATIENCE)
    assert (7, [4, 5]) == (len(post.tries), post.numbers)


def test_a_channel_that_failed_for_two_people_rests_whoever_comes(
    ledger: Ledger, post: Post, carrier: Courier
) -> None:
    post.trouble = lambda _: down()
    put(ledger, "post", page(1), page(2, "ben"))
    carrier.round(NOW, PATIENCE)
    put(ledger, "post", page(3), page(4, "ben"), page(5, "cem"))
    carrier.round(NOW + SECOND, PATIENCE)
    assert [1, 2] == post.tries


def test_letters_that_fail_each_time_do_not_keep_the_others_for_ever(
    ledger: Ledger, post: Post, carrier: Courier
) -> None:
    post.trouble = fails(1, 2, 3)
    put(ledger, "post", *(page(number) for number in range(1, 8)))
    for minutes in range(0, 30, 5):
        carrier.round(NOW + timedelta(minutes=minutes), PATIENCE)
    assert [4, 5, 6, 7] == sorted(post.numbers)


def test_a_server_that_says_when_to_come_again_is_asked_nothing_until_then(
    ledger: Ledger, post: Post, carrier: Courier
) -> None:
    post.trouble = lambda _: down(retry_after=timedelta(seconds=90))
    put(ledger, "post", page(1), page(2))
    carrier.round(NOW, PATIENCE)
    put(ledger, "post", page(3, "ben"))
    carrier.round(NOW + 89 * SECOND, PATIENCE)
    assert [1] == post.tries
    post.trouble = lambda _: None
    carrier.round(NOW + 120 * SECOND, PATIENCE)
    assert [1, 2, 3] == post.numbers


def test_a_second_opinion_that_says_when_to_come_again_is_heeded(
    ledger: Ledger, post: Post, carrier: Courier
) -> None:
    asks = page(2).id
    post.trouble = lambda message: down(retry_after=timedelta(days=2)) if message.id == asks else down()
    put(ledger, "post", page(1), page(2))
    carrier.round(NOW, PATIENCE)
    state = ledger.channel_states()["post"]
    assert state.rest_until is not None
    assert timedelta(hours=1) <= state.rest_until - NOW < timedelta(hours=1) + PATIENCE


def test_a_refusal_for_good_is_no_second_opinion(ledger: Ledger, post: Post, carrier: Courier) -> None:
    refused = page(2).id
    post.trouble = lambda message: down(permanent=True) if message.id == refused else down()
    put(ledger, "post", page(1), page(2), page(3), page(4))
    carrier.round(NOW, PATIENCE)
    assert [1, 2, 3] == post.tries
    assert 1 == ledger.channel_states()["post"].failures


def test_a_rest_outlives_the_courier(ledger: Ledger, post: Post, carrier: Courier) -> None:
    post.trouble = lambda _: down()
    put(ledger, "post", page(1))
    carrier.round(NOW, PATIENCE)
    put(ledger, "post", page(2))
    courier(ledger, post, Post("console")).round(NOW + SECOND, PATIENCE)
    assert [1] == post.tries


def test_a_channel_that_fails_holds_up_no_other(ledger: Ledger, post: Post) -> None:
    mail = Post("mail")
    post.trouble = lambda _: down()
    put(ledger, "post", page(1), page(2))
    put(ledger, "mail", page(1), page(2))
    assert 2 == courier(ledger, post, mail, Post("console")).round(NOW, PATIENCE).sent
    assert [1, 2] == mail.numbers


def test_whatever_a_server_says_its_trouble_is_one_line(ledger: Ledger, post: Post, carrier: Courier) -> None:
    post.trouble = lambda _: down("broken\n\x1b[2J " + "x" * 5000)
    put(ledger, "post", page(1))
    (trouble,) = carrier.round(NOW, PATIENCE).troubles
    assert trouble.startswith("post to ann, incident 1: broken [2J xxx")
    assert 500 == len(trouble)
