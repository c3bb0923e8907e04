"""Sending what the ledger holds, each channel by itself, so that a slow one keeps no page of another waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic

from oncall_assets.handbook.escalation import Limits
from oncall_assets.incidents.delivery.dispatch import CLAIM, Dispatch, Evidence
from oncall_assets.incidents.delivery.routes import Routes
from oncall_assets.incidents.delivery.tally import Tally
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.notify.channel import Channel


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many letters went out since the last round, how many still wait, and what went wrong, a line each."""

    sent: int
    waiting: int
    troubles: tuple[str, ...]


class Courier:
    """Takes the ledger's letters to `channels`, which stand in order of preference.

    What all of them refuse goes to `last_resort`. `limits` are those of each person and channel. One thread uses
    it; the work is done in a thread for each channel, which may outlive the round that began it. `stopwatch` says,
    in seconds, how long after a round's instant a letter goes.
    """

    def __init__(
        self,
        ledger: Ledger,
        channels: Sequence[Channel],
        last_resort: Channel,
        limits: Limits,
        stopwatch: Callable[[], float] = monotonic,
    ) -> None:
        self._ledger = ledger
        self._channels = {channel.name: channel for channel in (*channels, last_resort)}
        self._routes = Routes(ledger, self._channels, last_resort.name)
        self._limits = limits
        self._stopwatch = stopwatch
        self._tally = Tally()
        self._running: dict[str, Dispatch] = {}
        self._threads: dict[str, Thread] = {}
        self._ended: SimpleQueue[Dispatch] = SimpleQueue()
        self._stopping = Event()
        # What the present rest of a channel rests on; after a restart it is rested to its end.
        self._evidence: dict[str, Evidence | None] = {}

    def round(self, now: datetime, patience: timedelta) -> Delivered:
        """Send what is due at `now`, and wait for it no longer than `patience`.

        A worker that takes longer goes on by itself, is not waited for again, and is not started twice; what it
        does is told by the round in which it is done. Raises whatever the ledger raises.
        """
        began = monotonic()
        clock = self._clock(now)
        self._reap_all()
        due = set(self._channels)
        mine: set[str] = set()
        while True:
            due, started = self._start(due, clock)
            mine |= started
            left = patience.total_seconds() - (monotonic() - began)
            if not mine or left <= 0 or (ended := self._next(left)) is None:
                break
            mine.discard(ended.channel.name)
            due |= ended.moved
        for channel in self._running:
            self._tell_if_silent(channel)
        sent, troubles = self._tally.take()
        return Delivered(sent, self._ledger.waiting(), troubles)

    def close(self, patience: timedelta = timedelta(seconds=10)) -> None:
        """Begin no letter more, and wait for those under way, no longer than `patience` in all."""
        self._stopping.set()
        ends = monotonic() + patience.total_seconds()
        for thread in self._threads.values():
            thread.join(max(0.0, ends - monotonic()))

    def _start(self, names: Iterable[str], clock: Callable[[], datetime]) -> tuple[set[str], set[str]]:
        """Those of the channels that run still, to be looked at again, and those started now."""
        names = set(names)
        free = names - self._running.keys()
        started = {name for name in free if self._is_due(name, clock())}
        for name in started:
            dispatch = Dispatch(
                self._channels[name], self._routes, self._limits, clock, self._tally, self._stopping
            )
            thread = Thread(target=self._work, args=(dispatch,), name=f"oncall courier {name}", daemon=True)
            self._running[name], self._threads[name] = dispatch, thread
            thread.start()
        return names - free, started

    def _is_due(self, name: str, at: datetime) -> bool:
        letters = self._ledger.pending(at, name)
        if not letters:
            return False
        state = self._ledger.channel_states().get(name)
        if state is None or state.rest_until is None or state.rest_until <= at:
            return True
        evidence = self._evidence.get(name)
        return evidence is not None and evidence.doubted_by(letters)

    def _work(self, dispatch: Dispatch) -> None:
        try:
            dispatch.run()
        except BaseException as error:  # noqa: BLE001 - a thread that ends silently is what nobody would find
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            self._tally.trouble(f"{dispatch.channel.name} stopped, its letters wait for the next round: {reason}")
        finally:
            self._ended.put(dispatch)

    def _next(self, seconds: float) -> Dispatch | None:
        """The next worker to end within that time, which may be one of an earlier round."""
        try:
            ended = self._ended.get(timeout=seconds)
        except Empty:
            return None
        name = ended.channel.name
        self._threads.pop(name).join()
        del self._running[name]
        self._evidence[name] = ended.evidence
        return ended

    def _reap_all(self) -> None:
        while not self._ended.empty():
            self._next(0)

    def _tell_if_silent(self, name: str) -> None:
        waiting = self._running[name].silent_for()
        if waiting and waiting[1] > CLAIM:
            seconds = int(waiting[1].total_seconds())
            self._tally.trouble(f"{name} to {waiting[0].about}: no answer for {seconds} s; its other letters wait")

    def _clock(self, now: datetime) -> Callable[[], datetime]:
        """Goes on from `now`, however the clock on the wall is set."""
        began = self._stopwatch()
        return lambda: now + timedelta(seconds=self._stopwatch() - began)
