"""Whatever runs begin, die, come back late or are settled, in any order: nobody gets a copy twice by mistake."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from oncall_assets.incidents.ledger.edition_records import EditionRecord, Won
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.ledger import Ledger, LedgerError
from oncall_assets_tests.incidents.ledger.edition_entries import (
    MINUTE,
    NOW,
    REPORT,
    copies,
    new_edition,
)

PEOPLE = ("ann", "ben")
RUNS = st.integers(0, 1)
WHICH = st.integers(0, 1)
PERIODS = itertools.count()


@pytest.fixture(scope="module", autouse=True)
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One for all, as each machine has a period of its own and a ledger takes a while to make."""
    with Ledger(f"sqlite:///{tmp_path_factory.mktemp('editions') / 'ledger.sqlite'}") as made:
        Sending.ledger = made
        yield


class Sending(RuleBasedStateMachine):
    """Two runs, each with a book of its own, that take copies, hand them to a server and report honestly.

    A run may stop for as long as it likes between any two of its steps, which is also how it dies.
    """

    ledger: ClassVar[Ledger]

    def __init__(self) -> None:
        super().__init__()
        self.period = f"period {next(PERIODS)}"
        self.books = [EditionBook(self.ledger) for _ in range(2)]
        self.now = NOW
        # What each run has in its hands: copies taken, and whether the server has got it.
        self.hands: list[dict[int, bool]] = [{}, {}]
        self.arrived: Counter[int] = Counter()
        # Copies that somebody said had not arrived while a run that was asleep had them still, or rightly not.
        self.mistaken: Counter[int] = Counter()

    def editions(self) -> list[EditionRecord]:
        found = (self.books[0].edition(REPORT, self.period, repeat) for repeat in range(2))
        return [one for one in found if one is not None]

    def copy(self, which: int) -> int | None:
        every = [copy.id for edition in self.editions() for copy in edition.copies]
        return every[-1 - which] if every else None

    @rule(run=RUNS)
    def begin(self, run: int) -> None:
        claimed = self.books[run].begin(
            new_edition(*PEOPLE, period=self.period), f"run-{run}", self.now, self.now + 5 * MINUTE
        )
        if isinstance(claimed, Won):
            assert all(copy.state != "sending" for copy in claimed.edition.copies)

    @rule(run=RUNS, which=WHICH, arrives=st.booleans())
    def take(self, run: int, which: int, arrives: bool) -> None:
        copy = self.copy(which)
        if copy is not None and self.books[run].claim_copy(copy, self.now, self.now + 5 * MINUTE):
            self.hands[run][copy] = arrives
            self.arrived[copy] += arrives

    @precondition(lambda self: any(self.hands))
    @rule(run=RUNS, data=st.data())
    def hand_over(self, run: int, data: st.DataObject) -> None:
        waiting = sorted(copy for copy, got in self.hands[run].items() if not got)
        if waiting:
            copy = data.draw(st.sampled_from(waiting))
            self.hands[run][copy] = True
            self.arrived[copy] += 1

    @precondition(lambda self: any(self.hands))
    @rule(run=RUNS, data=st.data(), knows=st.booleans())
    def report(self, run: int, data: st.DataObject, knows: bool) -> None:
        if not self.hands[run]:
            return
        copy = data.draw(st.sampled_from(sorted(self.hands[run])))
        got, book = self.hands[run].pop(copy), self.books[run]
        if not knows:
            book.copy_doubtful(copy, "lost the connection", self.now)
        elif got:
            book.copy_sent(copy, self.now)
        else:
            book.copy_waits(copy, "connection refused", self.now)

    @rule(run=RUNS, which=WHICH)
    def finish(self, run: int, which: int) -> None:
        if every := self.editions():
            one = self.books[run].finish(every[which % len(every)].id, self.now)
            assert ("sent" == one.state) == all(copy.state in ("sent", "refused") for copy in one.copies)

    @rule(which=WHICH)
    def settle(self, which: int) -> None:
        """By somebody who has seen what arrived until now."""
        copy = self.copy(which)
        if copy is None:
            return
        try:
            self.books[0].settle(copy, self.arrived[copy] > 0, "ann", self.now)
        except LedgerError:
            return
        # What is still in the hands of a run that nobody hears of may arrive after that.
        self.mistaken[copy] += sum(hand.get(copy) is False for hand in self.hands)

    @rule(run=RUNS)
    def again(self, run: int) -> None:
        latest = self.books[run].latest(REPORT, self.period)
        if latest is None or latest.repeat == 1:
            return
        new = copies(*PEOPLE, repeat=latest.repeat + 1)
        try:
            self.books[run].again(REPORT, self.period, new, self.now, self.now + 5 * MINUTE, f"run-{run}")
        except LedgerError:
            return
        assert "sent" == latest.state

    @rule(minutes=st.sampled_from([1, 5]))
    def wait(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @invariant()
    def nobody_gets_it_twice(self) -> None:
        assert all(count <= 1 + self.mistaken[copy] for copy, count in self.arrived.items()), self.arrived

    @invariant()
    def what_is_sent_arrived(self) -> None:
        sent = [copy.id for edition in self.editions() for copy in edition.copies if copy.state == "sent"]
        assert all(self.arrived[copy] for copy in sent)

    @invariant()
    def what_is_waiting_did_not_arrive_but_by_mistake(self) -> None:
        waiting = [copy.id for edition in self.editions() for copy in edition.copies if copy.state == "waiting"]
        assert all(self.arrived[copy] <= self.mistaken[copy] for copy in waiting)


TestSending = Sending.TestCase
TestSending.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
