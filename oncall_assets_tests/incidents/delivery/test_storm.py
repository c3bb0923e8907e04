"""A night on which everything fails: people get few messages, and every letter is in one of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from oncall_assets.handbook.escalation import Limits
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.notify.message import Digest, Message
from oncall_assets_tests.incidents.delivery.posting import (
    NOW,
    PATIENCE,
    Post,
    courier,
    down,
    notice,
    page,
    put,
    standing_still,
)

MINUTE = timedelta(minutes=1)
TEN = Limits(messages=10, within=timedelta(minutes=10))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        yield opened


def _kinds(messages: list[Message]) -> list[str]:
    return [f"{message.kind} {len(message.lines)}" if isinstance(message, Digest) else "1" for message in messages]


def test_a_storm_is_nine_pages_and_a_digest_a_minute_until_every_incident_was_told(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    carrier = Courier(ledger, [post], console, TEN, standing_still)
    put(ledger, "post", *(page(number) for number in range(1, 301)))
    waiting = [carrier.round(NOW + minutes * MINUTE, PATIENCE).waiting for minutes in range(10)]
    assert [251, 211, 171, 131, 91, 51, 11, 0, 0, 0] == waiting
    assert [*["1"] * 9, *["digest 40"] * 7, "digest 11"] == _kinds(post.taken)
    told = [line.split()[0] for one in post.taken if isinstance(one, Digest) for line in one.lines]
    assert [f"#{number}" for number in range(10, 301)] == told
    digests = [one for one in post.taken if isinstance(one, Digest)]
    assert ("291 messages at once", 251) == (digests[0].title, digests[0].more)
    assert ("11 messages at once", 0) == (digests[-1].title, digests[-1].more)


def test_what_is_no_page_goes_in_one_digest_however_much_it_is(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    put(ledger, "post", *(notice(number) for number in range(300)))
    delivered = Courier(ledger, [post], console, TEN).round(NOW, PATIENCE)
    assert (300, 0) == (delivered.sent, delivered.waiting)
    assert [*["1"] * 9, "digest 40"] == _kinds(post.taken)
    # The digest was one message, so a minute later one more digest may go, and nothing before.
    assert 10 == len(ledger.sent_times("ann", "post", NOW - MINUTE))


def test_beyond_the_limit_one_message_a_minute_goes(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    carrier = Courier(ledger, [post], console, Limits(messages=2, within=timedelta(minutes=10)), standing_still)
    for seconds in range(0, 180, 14):
        put(ledger, "post", page(seconds))
        carrier.round(NOW + timedelta(seconds=seconds), PATIENCE)
    assert ["1", "1", "digest 5", "digest 5"] == _kinds(post.taken)
    assert 1 == ledger.waiting()


def test_after_a_while_messages_go_one_by_one_again(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    carrier = Courier(ledger, [post], console, TEN, standing_still)
    put(ledger, "post", *(notice(number) for number in range(20)))
    carrier.round(NOW, PATIENCE)
    put(ledger, "post", page(1), page(2))
    carrier.round(NOW + 11 * MINUTE, PATIENCE)
    assert ["1", "1"] == _kinds(post.taken[-2:])


def test_each_person_and_each_channel_has_a_limit_of_its_own(ledger: Ledger) -> None:
    post, mail, console = Post(), Post("mail"), Post("console")
    put(ledger, "post", *(page(number) for number in range(1, 21)), page(21, "ben"))
    put(ledger, "mail", page(1))
    Courier(ledger, [post, mail], console, TEN).round(NOW, PATIENCE)
    assert (10, 1) == (
        len([one for one in post.taken if one.to.key == "ann"]),
        len([one for one in post.taken if one.to.key == "ben"]),
    )
    assert [1] == mail.numbers


def test_a_channel_that_takes_no_digest_has_no_limit(ledger: Ledger) -> None:
    pager, console = Post("pager", digests=False), Post("console")
    put(ledger, "pager", *(page(number) for number in range(1, 31)))
    Courier(ledger, [pager], console, TEN).round(NOW, PATIENCE)
    assert list(range(1, 31)) == pager.numbers


def test_a_digest_refused_for_good_goes_over_the_next_channel_letter_by_letter(ledger: Ledger) -> None:
    post, mail, console = Post(), Post("mail"), Post("console")
    post.trouble = lambda message: down(permanent=True) if isinstance(message, Digest) else None
    put(ledger, "post", *(page(number) for number in range(1, 16)))
    delivered = Courier(ledger, [post, mail], console, TEN).round(NOW, PATIENCE)
    assert ("post to ann, incident 10 and 5 more: down; goes to mail instead",) == delivered.troubles
    assert (list(range(1, 10)), list(range(10, 16))) == (post.numbers, mail.numbers)
    assert (15, 0) == (delivered.sent, delivered.waiting)


def test_a_digest_that_fails_for_now_comes_again_whole_and_marked_if_in_doubt(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    post.trouble = lambda message: down(in_doubt=True) if isinstance(message, Digest) else None
    carrier = Courier(ledger, [post], console, TEN, standing_still)
    put(ledger, "post", *(page(number) for number in range(1, 16)))
    assert 6 == carrier.round(NOW, PATIENCE).waiting
    post.trouble = lambda _: None
    carrier.round(NOW + MINUTE, PATIENCE)
    digest = post.taken[-1]
    assert ["1"] * 9 + ["digest 6"] == _kinds(post.taken)
    assert ("possible repeat: an earlier try may have arrived",) == digest.marks
    assert post.tried[9].id == digest.id


def test_a_digest_stands_aside_as_one(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    post.trouble = lambda message: down() if isinstance(message, Digest) else None
    carrier = Courier(ledger, [post], console, Limits(messages=1))
    put(ledger, "post", *(page(number) for number in range(1, 6)), page(6, "ben"))
    delivered = carrier.round(NOW, PATIENCE)
    assert (1, 5, 1) == (delivered.sent, delivered.waiting, len(delivered.troubles))
    assert delivered.troubles[0].startswith("post to ann, incident 1 and 4 more: down; it stands aside until ")
    post.trouble = lambda _: None
    carrier.round(NOW + MINUTE, PATIENCE)
    assert ["1", "digest 5"] == _kinds(post.taken)


def test_the_last_resort_keeps_the_limit_too_and_tells_all(ledger: Ledger) -> None:
    console = Post("console")
    put(ledger, "console", *(page(number) for number in range(1, 51)))
    courier(ledger, console, limits=TEN).round(NOW, PATIENCE)
    assert [*["1"] * 9, "digest 40"] == _kinds(console.taken)
