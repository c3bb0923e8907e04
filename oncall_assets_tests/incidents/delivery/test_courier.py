"""Letters that must arrive: over whatever works, past whatever does not, and with nobody else kept waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from threading import enumerate as enumerate_threads
from time import monotonic

import pytest
from sqlalchemy import insert, text

from oncall_assets.handbook.escalation import Limits
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger.ledger import Ledger, Letter
from oncall_assets.incidents.ledger.tables import incidents
from oncall_assets.notify.message import Message
from oncall_assets_tests.incidents.delivery.posting import (
    NOW,
    PATIENCE,
    UNLIMITED,
    Post,
    courier,
    down,
    notice,
    page,
    put,
)

LATER = timedelta(seconds=31)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        yield opened


def _wait(condition: Callable[[], bool]) -> None:
    ends = monotonic() + 20
    pause = Event()
    while not condition():
        assert monotonic() < ends
        pause.wait(0.005)


def _incident(ledger: Ledger, number: int) -> None:
    values = {"id": number, "opened_by": f"s{number}", "about": "{}", "title": "", "severity": "minor"}
    times = dict.fromkeys(("opened_at", "clock_from", "respond_by", "resolve_by"), NOW)
    with ledger.transaction() as connection:
        connection.execute(insert(incidents).values(urgency="any_time", **values, **times))


class Stuck(Post):
    """Answers nothing until it is let go."""

    def hold(self) -> Event:
        let_go = Event()

        def wait(_: Message) -> None:
            let_go.wait(20)

        self.trouble = wait
        return let_go


def test_letters_go_oldest_first_and_once(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    carrier = courier(ledger, post, console)
    put(ledger, "post", page(2), at=NOW)
    put(ledger, "post", page(1), at=NOW - timedelta(minutes=1))
    delivered = carrier.round(NOW, PATIENCE)
    assert (2, 0, ()) == (delivered.sent, delivered.waiting, delivered.troubles)
    assert 0 == carrier.round(NOW + LATER, PATIENCE).sent
    assert ([1, 2], [(), ()]) == (post.numbers, [message.marks for message in post.taken])


def test_a_channel_that_never_answers_holds_up_no_other_and_is_not_asked_twice(ledger: Ledger) -> None:
    stuck, post, console = Stuck("stuck"), Post(), Post("console")
    let_go = stuck.hold()
    carrier = courier(ledger, stuck, post, console)
    put(ledger, "stuck", page(1), page(2))
    put(ledger, "post", page(1))
    delivered = carrier.round(NOW, timedelta(seconds=1.5))
    assert (1, 2, ()) == (delivered.sent, delivered.waiting, delivered.troubles)
    put(ledger, "post", page(3))
    # Not waited for again: this round is over as soon as the other channel is done.
    assert 1 == carrier.round(NOW + LATER, timedelta(hours=1)).sent
    assert ([1], [1, 3]) == (stuck.tries, post.numbers)
    let_go.set()
    _wait(lambda: ledger.waiting() == 0)
    assert 2 == carrier.round(NOW + LATER, PATIENCE).sent
    assert [1, 2] == stuck.numbers
    put(ledger, "stuck", page(4))
    assert 1 == carrier.round(NOW + LATER, PATIENCE).sent


def test_a_send_without_an_answer_is_told_with_person_and_subject(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oncall_assets.incidents.delivery.courier.CLAIM", timedelta(0))
    stuck, console = Stuck("stuck"), Post("console")
    let_go = stuck.hold()
    put(ledger, "stuck", page(1), page(2))
    carrier = courier(ledger, stuck, console)
    carrier.round(NOW, timedelta(0))
    _wait(lambda: stuck.tries == [1])
    troubles = carrier.round(NOW, timedelta(0)).troubles
    assert ("stuck to ann, incident 1: no answer for 0 s; its other letters wait",) == troubles
    let_go.set()
    carrier.close()


def test_closing_lets_the_letter_under_way_finish_and_begins_no_other(ledger: Ledger) -> None:
    stuck, console = Stuck("stuck"), Post("console")
    let_go = stuck.hold()
    put(ledger, "stuck", page(1), page(2), page(3))
    carrier = courier(ledger, stuck, console)
    carrier.round(NOW, timedelta(seconds=0.1))
    _wait(lambda: stuck.tries == [1])
    carrier.close(timedelta(0))
    let_go.set()
    carrier.close()
    assert "oncall courier stuck" not in [thread.name for thread in enumerate_threads()]
    assert ([1], 2) == (stuck.numbers, ledger.waiting())


class Failing(Ledger):
    """Cannot write down that a letter was sent, for a while."""

    fault: BaseException | None = None

    def sent(self, letters: Sequence[Letter], at: datetime, receipt: str | None = None) -> None:
        if self.fault:
            raise self.fault
        super().sent(letters, at, receipt)


@pytest.mark.parametrize("fault", [OSError("disk full\nand more"), SystemExit("gone")])
def test_a_worker_that_dies_is_told_and_its_letter_comes_again_as_a_possible_repeat(
    tmp_path: Path, fault: BaseException
) -> None:
    with Failing(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        post, console = Post(), Post("console")
        carrier = courier(ledger, post, console)
        put(ledger, "post", page(1), page(2))
        ledger.fault = fault
        reason = f"{type(fault).__name__}: {str(fault).splitlines()[0]}"
        trouble = f"post stopped, its letters wait for the next round: {reason}"
        assert (trouble,) == carrier.round(NOW, PATIENCE).troubles
        ledger.fault = None
        assert 1 == carrier.round(NOW + timedelta(seconds=1), PATIENCE).sent
        assert 1 == carrier.round(NOW + LATER, PATIENCE).sent
        assert [1, 2, 1] == post.numbers
        assert [False, False, True] == ["possible repeat" in str(message.marks) for message in post.taken]


def test_a_letter_that_may_have_arrived_is_marked_and_one_that_did_not_is_not(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    carrier = courier(ledger, post, console)
    put(ledger, "post", page(1), page(2))
    post.trouble = lambda message: down(in_doubt=message.id == page(1).id)
    carrier.round(NOW, PATIENCE)
    post.trouble = lambda _: None
    carrier.round(NOW + LATER, PATIENCE)
    assert [1, 2] == post.numbers
    assert [True, False] == ["possible repeat" in str(message.marks) for message in post.taken]


def test_a_letter_that_stood_aside_is_marked_if_it_may_have_arrived(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    carrier = courier(ledger, post, console)
    put(ledger, "post", page(1), page(2))
    post.trouble = lambda message: down(in_doubt=True) if message.id == page(1).id else None
    carrier.round(NOW, PATIENCE)
    post.trouble = lambda _: None
    carrier.round(NOW + LATER, PATIENCE)
    assert [2, 1] == post.numbers
    assert [False, True] == ["possible repeat" in str(message.marks) for message in post.taken]


def test_a_letter_written_long_ago_says_so(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    put(ledger, "post", page(1), at=NOW - timedelta(minutes=42))
    courier(ledger, post, console).round(NOW, PATIENCE)
    assert ("late: written 42 min ago",) == post.taken[0].marks


@pytest.mark.parametrize("broken", ["no JSON", "{}", '{"kind": "page", "id": "x"}', "[1]"])
def test_a_letter_that_cannot_be_read_is_given_up_once_and_seen(ledger: Ledger, broken: str) -> None:
    post, mail, console = Post(), Post("mail"), Post("console")
    put(ledger, "post", page(1), page(2, "ben"))
    with ledger.transaction() as connection:
        connection.execute(text("UPDATE outbox SET message = :it WHERE id = 1"), {"it": broken})
    carrier = courier(ledger, post, mail, console)
    delivered = carrier.round(NOW, PATIENCE)
    assert (1, 0, [2], []) == (delivered.sent, delivered.waiting, post.numbers, mail.numbers + console.numbers)
    (trouble,) = delivered.troubles
    assert trouble.startswith("post to ann, incident 1: the message cannot be read: ")
    assert () == carrier.round(NOW + LATER, PATIENCE).troubles
    assert [("ann", "post")] == [(one.person, one.channel) for one in ledger.refusals(NOW - LATER)]


def test_the_second_message_of_an_incident_continues_the_thread_of_the_first(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    _incident(ledger, 7)
    _incident(ledger, 8)
    carrier = courier(ledger, post, console)
    put(ledger, "post", page(7), page(7, "ben"), notice(1), incident=7)
    put(ledger, "post", page(8), incident=8)
    put(ledger, "post", notice(2), notice(3))
    carrier.round(NOW, PATIENCE)
    assert [None, None, "post 1", None, None, None] == post.threads


def test_a_digest_begins_no_thread_and_continues_none(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    _incident(ledger, 7)
    carrier = Courier(ledger, [post], console, Limits(messages=1))
    for number, count in enumerate((2, 1, 2, 1)):
        put(ledger, "post", *(notice(10 * number + each) for each in range(count)), incident=7)
        carrier.round(NOW + number * timedelta(minutes=30), PATIENCE)
    assert ["digest", "notice", "digest", "notice"] == [message.kind for message in post.taken]
    assert [None, None, None, "post 2"] == post.threads


def test_letters_for_a_channel_that_is_switched_off_wait_for_it(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    put(ledger, "post", page(1))
    assert (0, 1) == (courier(ledger, console).round(NOW, PATIENCE).sent, ledger.waiting())
    assert 1 == courier(ledger, post, console).round(NOW, PATIENCE).sent


def test_the_ledger_says_when_a_letter_arrived_by_the_clock_that_was_given(ledger: Ledger) -> None:
    post, console = Post(), Post("console")
    put(ledger, "post", page(1))
    Courier(ledger, [post], console, UNLIMITED).round(NOW, PATIENCE)
    (at,) = ledger.sent_times("ann", "post", NOW - timedelta(days=1))
    assert NOW <= at < NOW + PATIENCE
