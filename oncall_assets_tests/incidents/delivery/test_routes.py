"""What one channel refuses is carried by another, once, and in the end by the one that is never given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.notify.message import Message, Update
from oncall_assets_tests.incidents.delivery.posting import NOW, PATIENCE, Post, courier, down, page, put


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        yield opened


@pytest.mark.parametrize("fault", [down("user not found", permanent=True), KeyError("a bug")])
def test_what_a_channel_refuses_for_good_goes_over_the_next_that_fits(ledger: Ledger, fault: Exception) -> None:
    class Choosy(Post):
        def takes(self, message: Message) -> bool:
            return isinstance(message, Update)

    post, elsewhere, picky = Post(), Post("elsewhere", frozenset({"ben"})), Choosy("picky")
    mail, console = Post("mail"), Post("console")
    post.trouble = lambda _: fault
    put(ledger, "post", page(1))
    delivered = courier(ledger, post, elsewhere, picky, mail, console).round(NOW, PATIENCE)
    assert ([], [], [1], []) == (elsewhere.numbers, picky.numbers, mail.numbers, console.numbers)
    assert (1, 0) == (delivered.sent, delivered.waiting)
    said = "user not found" if isinstance(fault, type(down())) else "KeyError: 'a bug'"
    assert (f"post to ann, incident 1: {said}; goes to mail instead",) == delivered.troubles
    assert [("ann", "post", said)] == [(one.person, one.channel, one.error) for one in ledger.refusals(NOW)]


def test_a_channel_that_has_the_letter_is_passed_over_and_an_earlier_one_is_not(ledger: Ledger) -> None:
    first, second, third, console = Post("first"), Post("second"), Post("third"), Post("console")
    carrier = courier(ledger, first, second, third, console)
    third.trouble = lambda _: down(permanent=True)
    put(ledger, "third", page(1))
    carrier.round(NOW, PATIENCE)
    assert ([1], [], [1]) == (first.numbers, second.numbers, third.tries)
    second.trouble = lambda _: down(permanent=True)
    put(ledger, "second", page(1))
    carrier.round(NOW, PATIENCE)
    assert ([1], [1], [1], [1]) == (first.numbers, second.tries, third.tries, console.numbers)


def test_what_another_person_or_another_telling_had_does_not_count(ledger: Ledger) -> None:
    post, mail, console = Post(), Post("mail"), Post("console")
    put(ledger, "mail", page(1, "ben"))
    put(ledger, "mail", page(1), step="2.1 on_call.primary")
    carrier = courier(ledger, post, mail, console)
    carrier.round(NOW, PATIENCE)
    post.trouble = lambda _: down(permanent=True)
    put(ledger, "post", page(1))
    carrier.round(NOW, PATIENCE)
    assert (3, []) == (len(mail.taken), console.taken)


def test_what_every_channel_refuses_is_said_by_the_last_resort(ledger: Ledger) -> None:
    posts = [Post("one"), Post("two"), Post("three")]
    for post in posts:
        post.trouble = lambda _: down(permanent=True)
    console = Post("console")
    put(ledger, "one", page(1))
    delivered = courier(ledger, *posts, console).round(NOW, PATIENCE)
    assert ([1], [1], [1], [1]) == (*(post.tries for post in posts), console.numbers)
    assert (1, 0, 3) == (delivered.sent, delivered.waiting, len(delivered.troubles))


def test_what_the_last_resort_refuses_stays_and_is_told_each_time(ledger: Ledger) -> None:
    console = Post("console")
    console.trouble = lambda message: down("log full", permanent=True) if message.id == page(1).id else None
    carrier = courier(ledger, console)
    put(ledger, "console", page(1), page(2))
    for minutes in (0, 20, 40):
        delivered = carrier.round(NOW + timedelta(minutes=minutes), PATIENCE)
        assert 1 == delivered.waiting
        (trouble,) = delivered.troubles
        assert trouble.startswith("console to ann, incident 1: log full; nothing else can carry it")
    console.trouble = lambda _: None
    assert 1 == carrier.round(NOW + timedelta(hours=1), PATIENCE).sent
    assert [2, 1] == console.numbers
