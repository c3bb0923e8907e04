"""Letters on their way: claimed by one, tried again in time, refused to another channel, in doubt or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from oncall_assets.incidents.ledger.ledger import Ledger, Letter
from oncall_assets.incidents.ledger.records import ChannelState, Refusal
from oncall_assets_tests.incidents.ledger.entries import (
    NOW,
    failed,
    letter,
    newest,
    notice,
    page,
    seconds,
    sent,
    tell,
    write,
)

UNTIL = NOW + timedelta(seconds=30)
STEP = "1.1 on_call.primary"


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """A ledger with one incident."""
    with Ledger(ledger_url) as opened:
        write(opened, failed(0))
        yield opened


def test_a_letter_is_found_again_as_it_was_written(ledger: Ledger) -> None:
    written = letter(page(1, "ann", STEP), "slack", STEP)
    with ledger.writing() as pen:
        assert pen.post(written, seconds(5))
        assert not pen.post(written, seconds(6))
        assert pen.post(replace(written, channel="email"), seconds(7))
    assert [replace(written, id=1, created_at=seconds(5))] == ledger.pending(NOW, "slack")
    assert [replace(written, id=2, channel="email", created_at=seconds(7))] == ledger.pending(NOW, "email")
    assert 2 == ledger.waiting()
    assert {"incident 1"} == ledger.posted(["incident 1", "incident 2", *(str(number) for number in range(1000))])


def test_a_claimed_letter_is_nobody_elses_until_the_claim_is_over(ledger: Ledger) -> None:
    one = tell(ledger, 1)
    assert [replace(one, claimed_until=UNTIL)] == ledger.claim([one], NOW, UNTIL)
    assert [] == ledger.pending(NOW, "slack")
    assert [] == ledger.claim([one], UNTIL - timedelta(seconds=1), UNTIL)
    assert [replace(one, claimed_until=UNTIL)] == ledger.pending(UNTIL, "slack")


def test_a_letter_whose_claim_ran_out_may_have_arrived(ledger: Ledger) -> None:
    one = tell(ledger, 1)
    ledger.claim([one], NOW, UNTIL)
    later = UNTIL + timedelta(seconds=30)
    (again,) = ledger.claim([one], UNTIL, later)
    assert again.doubtful
    # It stays so whatever becomes of this try.
    ledger.aside(again, "down", later, in_doubt=False)
    assert [True] == [letter.doubtful for letter in ledger.pending(later, "slack")]


def test_whoever_comes_back_after_their_claim_ended_frees_no_letter_of_another(ledger: Ledger) -> None:
    one = tell(ledger, 1)
    (slow,) = ledger.claim([one], NOW, UNTIL)
    ledger.claim([one], UNTIL, UNTIL + timedelta(seconds=30))
    ledger.release([slow], "timed out", in_doubt=True)
    ledger.aside(slow, "timed out", NOW, in_doubt=True)
    ledger.refuse(slow, "timed out", "email", UNTIL)
    assert [] == ledger.pending(UNTIL, "slack") + ledger.pending(UNTIL, "email")
    # That it arrived is true all the same.
    ledger.sent([slow], UNTIL)
    assert 0 == ledger.waiting()


def test_what_was_sent_is_not_undone(ledger: Ledger) -> None:
    one = tell(ledger, 1)
    sent(ledger, one, NOW)
    ledger.release([one], None, in_doubt=False)
    ledger.refuse(one, "account_inactive", "email", NOW)
    ledger.sent([one], seconds(9))
    assert 0 == ledger.waiting()
    assert [NOW] == ledger.sent_times("ann", "slack", NOW)


def test_a_letter_set_aside_waits_for_its_time_and_counts_its_tries(ledger: Ledger) -> None:
    one = tell(ledger, 1)
    (mine,) = ledger.claim([one], NOW, UNTIL)
    ledger.aside(mine, "down", seconds(60), in_doubt=False)
    assert [] == ledger.pending(seconds(59), "slack")
    assert [] == ledger.claim([one], seconds(59), seconds(90))
    (again,) = ledger.claim([one], seconds(60), seconds(90))
    assert (1, False) == (again.attempts, again.doubtful)
    ledger.aside(again, "timed out", seconds(120), in_doubt=True)
    assert [(2, True)] == [(letter.attempts, letter.doubtful) for letter in ledger.pending(seconds(120), "slack")]


def test_released_letters_are_free_at_once(ledger: Ledger) -> None:
    one = tell(ledger, 1)
    ledger.release(ledger.claim([one], NOW, UNTIL), None, in_doubt=False)
    assert [(0, False)] == [(letter.attempts, letter.doubtful) for letter in ledger.pending(NOW, "slack")]
    ledger.release(ledger.claim([one], NOW, UNTIL), "down", in_doubt=True)
    assert [(1, True)] == [(letter.attempts, letter.doubtful) for letter in ledger.pending(NOW, "slack")]


def test_letters_come_oldest_first_and_are_claimed_in_the_order_asked_for(ledger: Ledger) -> None:
    with ledger.writing() as pen:
        for at in (3, 1, 2):
            pen.post(letter(notice(f"notice {at}"), "slack", "notice"), seconds(at))
    pending = ledger.pending(NOW, "slack")
    assert ["notice 1", "notice 2", "notice 3"] == [one.subject for one in pending]
    ids = [one.id for one in reversed(pending)]
    assert ids == [one.id for one in ledger.claim(list(reversed(pending)), NOW, UNTIL)]


def test_many_letters_are_claimed_and_sent_together(ledger: Ledger) -> None:
    with ledger.writing() as pen:
        for number in range(1203):
            pen.post(letter(notice(f"notice {number}"), "slack", "notice"), NOW)
    claimed = ledger.claim(ledger.pending(NOW, "slack"), NOW, UNTIL)
    assert 1203 == len(claimed)
    ledger.sent(claimed, seconds(1))
    assert ([], 0) == (ledger.pending(UNTIL, "slack"), ledger.waiting())
    # One digest is one message.
    assert [seconds(1)] == ledger.sent_times("ann", "slack", NOW)


def test_sends_are_counted_for_each_person_and_channel(ledger: Ledger) -> None:
    for number, (person, channel) in enumerate(
        [("ann", "slack"), ("ann", "slack"), ("ben", "slack"), ("ann", "email")]
    ):
        sent(ledger, tell(ledger, 1, person, channel, step=f"{number}.1"), seconds(number))
    assert [seconds(0), seconds(1)] == ledger.sent_times("ann", "slack", NOW)
    assert [seconds(1)] == ledger.sent_times("ann", "slack", seconds(1))
    assert [seconds(2)] == ledger.sent_times("ben", "slack", NOW)


def test_a_refused_letter_goes_another_way_once_and_is_as_old_as_it_was(ledger: Ledger) -> None:
    first = tell(ledger, 1, at=seconds(-60))
    ledger.refuse(first, "account_inactive", "email", NOW)
    (instead,) = ledger.pending(NOW, "email")
    same = replace(first, id=instead.id, channel="email")
    assert same == instead
    # The channel that is to carry it has had it already, so nothing is posted twice.
    ledger.refuse(instead, "mailbox full", "slack", seconds(1))
    assert 0 == ledger.waiting()
    assert [
        Refusal("ann", "slack", "account_inactive", NOW),
        Refusal("ann", "email", "mailbox full", seconds(1)),
    ] == ledger.refusals(NOW)


def test_a_letter_refused_for_good_goes_nowhere(ledger: Ledger) -> None:
    ledger.refuse(tell(ledger, 1), "it cannot be read", None, NOW)
    assert 0 == ledger.waiting()


def test_a_refusal_is_over_when_something_arrives_after_it(ledger: Ledger) -> None:
    sent(ledger, tell(ledger, 1, step="0.1"), seconds(2))
    ledger.refuse(tell(ledger, 1, step="0.2"), "channel_not_found", "email", seconds(1))
    ledger.refuse(tell(ledger, 1, step="0.3"), "account_inactive", "email", seconds(2))
    assert [Refusal("ann", "slack", "account_inactive", seconds(2))] == ledger.refusals(NOW)
    assert [] == ledger.refusals(seconds(3))
    sent(ledger, tell(ledger, 1, "ben", step="0.4"), seconds(4))
    assert 1 == len(ledger.refusals(NOW))
    sent(ledger, tell(ledger, 1, step="0.5"), seconds(5))
    assert [] == ledger.refusals(NOW)


def test_the_first_receipt_continues_the_thread(ledger: Ledger) -> None:
    assert ledger.receipt(1, "ann", "slack") is None
    for number, receipt in enumerate([None, "ts-1", "ts-2"]):
        sent(ledger, tell(ledger, 1, step=f"{number}.1"), seconds(number), receipt)
    assert "ts-1" == ledger.receipt(1, "ann", "slack")
    assert (None, None) == (ledger.receipt(1, "ben", "slack"), ledger.receipt(2, "ann", "slack"))


def test_overdue_is_what_was_written_before_and_not_delivered(ledger: Ledger) -> None:
    old, new = tell(ledger, 1, step="0.1", at=seconds(-60)), tell(ledger, 1, "ben", "email", at=NOW)
    assert [old] == ledger.overdue(NOW)
    assert [old, new] == ledger.overdue(seconds(1))
    sent(ledger, old, NOW)
    assert [new] == ledger.overdue(seconds(1))


def test_a_channel_rests_and_works_again(ledger: Ledger) -> None:
    assert {} == ledger.channel_states()
    ledger.rest("slack", seconds(5), "down", NOW)
    ledger.rest("slack", seconds(20), "still down", seconds(6))
    ledger.rest("email", seconds(9), "refused", seconds(6))
    assert {
        "email": ChannelState(1, seconds(9), "refused", seconds(6)),
        "slack": ChannelState(2, seconds(20), "still down", NOW),
    } == ledger.channel_states()
    ledger.working("slack")
    ledger.working("console")
    assert ChannelState(0, None, "still down", None) == ledger.channel_states()["slack"]
    ledger.rest("slack", seconds(99), "down again", seconds(90))
    assert ChannelState(1, seconds(99), "down again", seconds(90)) == ledger.channel_states()["slack"]


def test_an_error_of_any_length_is_kept_in_short(ledger: Ledger) -> None:
    ledger.rest("slack", NOW, "x" * 5000, NOW)
    assert 1000 == len(ledger.channel_states()["slack"].last_error or "")
    ledger.refuse(tell(ledger, 1), "x" * 5000, None, NOW)
    assert [1000] == [len(one.error) for one in ledger.refusals(NOW)]


def test_a_message_that_cannot_be_read_is_a_letter_all_the_same(ledger: Ledger) -> None:
    with ledger.writing() as pen:
        for number, message in enumerate(["", "[]", "{}", '{"kind": "riddle"}']):
            assert pen.post(Letter(0, "incident 1", 1, f"1.{number}", "ann", "slack", message, NOW), NOW)
        assert [] == pen.told(1)
    assert 4 == len(ledger.pending(NOW, "slack"))
    assert "riddle" in newest(ledger, "slack", NOW).message


def test_the_channels_that_had_a_message_are_those_of_its_subject_step_and_person(ledger: Ledger) -> None:
    one = tell(ledger, 1)
    tell(ledger, 1, channel="email")
    tell(ledger, 1, "ben", channel="pagerduty")
    tell(ledger, 1, channel="console", step="2.1 on_call.primary")
    ledger.refuse(one, "user not found", None, NOW)
    assert {"slack", "email"} == ledger.carried_by(one)
