"""Threads that meet at the wrong moment: what one leaves behind, the other takes up in the same round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, current_thread, enumerate, main_thread
from time import monotonic

import pytest

from oncall_assets.incidents.ledger.ledger import Ledger, Letter
from oncall_assets.notify.message import Message
from oncall_assets_tests.incidents.delivery.posting import NOW, PATIENCE, Post, courier, down, page, put


def until(condition: Callable[[], bool]) -> None:
    """Waits for it, up to 20 seconds."""
    ends = monotonic() + 20
    pause = Event()
    while not condition():
        assert monotonic() < ends
        pause.wait(0.005)


def _runs(channel: str) -> bool:
    return f"oncall courier {channel}" in [thread.name for thread in enumerate()]


class Gap(Ledger):
    """The worker for `mail` finds nothing left, and goes home only after the one for `post` did."""

    found_nothing = Event()

    def pending(self, at: datetime, channel: str) -> list[Letter]:
        letters = super().pending(at, channel)
        if channel == "mail" and not letters and current_thread() is not main_thread():
            self.found_nothing.set()
            until(lambda: not _runs("post"))
        return letters


def test_a_letter_refused_to_a_channel_that_is_just_ending_goes_in_the_same_round(tmp_path: Path) -> None:
    post, mail = Post(), Post("mail")
    with Gap(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:

        def refuse(_: Message) -> Exception:
            ledger.found_nothing.wait(20)
            return down(permanent=True)

        post.trouble = refuse
        put(ledger, "post", page(1))
        put(ledger, "mail", page(2))
        assert 2 == courier(ledger, post, mail, Post("console")).round(NOW, PATIENCE).sent
    assert [2, 1] == mail.numbers


class SlowBooks(Ledger):
    """Takes its time to write down that a letter was sent."""

    reached, go_on = Event(), Event()

    def sent(self, letters: Sequence[Letter], at: datetime, receipt: str | None = None) -> None:
        self.reached.set()
        self.go_on.wait(20)
        super().sent(letters, at, receipt)


def test_a_slow_ledger_is_not_taken_for_a_channel_without_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oncall_assets.incidents.delivery.courier.CLAIM", timedelta(0))
    post = Post()
    with SlowBooks(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        put(ledger, "post", page(1))
        carrier = courier(ledger, post, Post("console"))
        carrier.round(NOW, timedelta(0))
        assert ledger.reached.wait(20)
        delivered = carrier.round(NOW, timedelta(0))
        assert ([1], (), 1) == (post.numbers, delivered.troubles, delivered.waiting)
        ledger.go_on.set()
        carrier.close()
        assert 1 == carrier.round(NOW, PATIENCE).sent
