"""Sending what waits for one channel, so that a fault of a letter, a person or the channel costs only its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from time import monotonic
from typing import Literal

from oncall_assets.handbook.escalation import Limits
from oncall_assets.handbook.problem import first_line
from oncall_assets.incidents.delivery.backoff import asked_wait, channel_rest, letter_wait
from oncall_assets.incidents.delivery.parcels import Entry, Parcel, Room, pack
from oncall_assets.incidents.delivery.routes import Routes
from oncall_assets.incidents.delivery.tally import Tally
from oncall_assets.incidents.ledger.records import Letter
from oncall_assets.notify.channel import Channel, DeliveryError
from oncall_assets.notify.message import message_from

# Longer than a request may take, so that nobody else sends a letter whose answer is still awaited.
CLAIM = timedelta(seconds=30)

_BETWEEN_DIGESTS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Failure:
    """A parcel that did not arrive for now; nobody else can take its letters yet."""

    parcel: Parcel
    error: DeliveryError


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rest rests on: letters that failed, for these persons."""

    letters: frozenset[int]
    persons: frozenset[str]

    def doubted_by(self, letters: Iterable[Letter]) -> bool:
        """Whether one of these may get through all the same: the fault may be one letter's or one person's."""
        new = [letter for letter in letters if letter.id not in self.letters]
        if len(self.letters) == 1:
            return bool(new)
        return len(self.persons) == 1 and any(letter.person not in self.persons for letter in new)


# `elsewhere`: somebody else has it, or another channel carries it now; that says nothing about this channel.
Outcome = Literal["arrived", "elsewhere"] | Failure


class Dispatch:
    """One channel's letters, sent one after the other until none is left that can be sent now.

    `clock` gives the time, `stopping` ends the run after the letter under way. Afterwards `moved` holds the
    channels that carry what this one refused, `evidence` what a rest of the channel rests on, if it rests.
    """

    def __init__(
        self,
        channel: Channel,
        routes: Routes,
        limits: Limits,
        clock: Callable[[], datetime],
        tally: Tally,
        stopping: Event,
    ) -> None:
        self.channel = channel
        self.moved: set[str] = set()
        self.evidence: Evidence | None = None
        self._ledger = routes.ledger
        self._routes = routes
        self._limits = limits
        self._clock = clock
        self._tally = tally
        self._stopping = stopping
        self._failures = 0
        self._blamed: set[str] = set()
        self._sending: tuple[Parcel, float] | None = None

    def run(self) -> None:
        """Send until nothing is left. Raises whatever the ledger raises."""
        state = self._ledger.channel_states().get(self.channel.name)
        self._failures = state.failures if state else 0
        while queue := self._queue():
            if not self._empty(queue):
                return

    def silent_for(self) -> tuple[Parcel, timedelta] | None:
        """The parcel whose answer is awaited, and since how long."""
        sending = self._sending
        return sending and (sending[0], timedelta(seconds=monotonic() - sending[1]))

    def _queue(self) -> list[Parcel]:
        """What may go now, the parcel with the oldest letter first; letters that cannot be read are refused."""
        at = self._clock()
        pending = self._ledger.pending(at, self.channel.name)
        people: dict[str, list[Entry]] = {}
        for letter in pending:
            if entry := self._read(letter, at):
                people.setdefault(letter.person, []).append(entry)
        parcels = []
        for person, entries in people.items():
            parcels += pack(entries, self._room(person, at), self.channel.takes, at)
        places = {letter.id: place for place, letter in enumerate(pending)}
        return sorted(parcels, key=lambda parcel: places[parcel.first.id])

    def _read(self, letter: Letter, at: datetime) -> Entry | None:
        try:
            return Entry(letter, message_from(letter.message))
        except ValueError as error:
            # No channel could carry it, so it goes to none; the ledger shows it among the refusals.
            reason = f"the message cannot be read: {first_line(error)}"
            for claimed in self._ledger.claim([letter], at, at + CLAIM):
                self._ledger.refuse(claimed, reason, None, at)
                self._trouble(f"{claimed.person}, {claimed.subject}", reason)
            return None

    def _room(self, person: str, at: datetime) -> Room:
        times = self._ledger.sent_times(person, self.channel.name, at - self._limits.within)
        quiet = not times or at - max(times) >= _BETWEEN_DIGESTS
        return Room(self._limits.messages - len(times), quiet)

    def _empty(self, queue: list[Parcel]) -> bool:
        """Send the parcels; False if the channel rests, or the run is to end."""
        while queue and not self._stopping.is_set():
            outcome = self._send(queue.pop(0))
            if isinstance(outcome, Failure) and not self._survives(outcome, queue):
                return False
        return not self._stopping.is_set()

    def _send(self, parcel: Parcel) -> Outcome:
        at = self._clock()
        parcel = parcel.only(self._ledger.claim(parcel.letters, at, at + CLAIM))
        if not parcel.entries:
            return "elsewhere"
        try:
            receipt = self._hand_over(parcel, at)
        except DeliveryError as error:
            if not error.permanent:
                return Failure(parcel, error)
            self._refused(parcel, str(error))
            return "elsewhere"
        except Exception as error:  # noqa: BLE001 - one letter's fault must not keep the others from being sent
            self._refused(parcel, f"{type(error).__name__}: {error}")
            return "elsewhere"
        self._arrived(parcel, receipt)
        return "arrived"

    def _hand_over(self, parcel: Parcel, at: datetime) -> str | None:
        incident = parcel.first.incident if len(parcel.entries) == 1 else None
        name, person = self.channel.name, parcel.person
        thread = self._ledger.receipt(incident, person, name) if incident is not None else None
        message = parcel.written(at)
        self._sending = (parcel, monotonic())
        try:
            receipt = self.channel.send(message, person, thread)
        finally:
            self._sending = None
        # A digest is of many incidents, so it begins the thread of none.
        return receipt if incident is not None else None

    def _arrived(self, parcel: Parcel, receipt: str | None) -> None:
        self._ledger.sent(parcel.letters, self._clock(), receipt)
        self._tally.sent(len(parcel.entries))
        if self._failures:
            self._ledger.working(self.channel.name)
            self._failures = 0

    def _refused(self, parcel: Parcel, error: str) -> None:
        at = self._clock()
        if self.channel.name == self._routes.last_resort:
            until = self._aside(parcel, error, in_doubt=False)
            self._trouble(parcel.about, f"{error}; nothing else can carry it, so again at {until:%H:%M:%S} UTC")
            return
        carriers = set()
        for entry in parcel.entries:
            carrier = self._routes.instead(entry.letter, entry.message)
            self._ledger.refuse(entry.letter, error, carrier, at)
            carriers.add(carrier)
        self.moved |= carriers
        self._trouble(parcel.about, f"{error}; goes to {', '.join(sorted(carriers))} instead")

    def _survives(self, failure: Failure, queue: list[Parcel]) -> bool:
        """Whether the channel works although the parcel failed: the next of the queue is a second opinion."""
        if failure.error.retry_after is not None:
            return self._rest([failure])
        if failure.parcel.person in self._blamed:
            return self._stand_aside(failure)
        while queue and not self._stopping.is_set():
            outcome = self._send(_second_opinion(queue, failure))
            if isinstance(outcome, Failure):
                return self._rest([failure, outcome])
            if outcome == "arrived":
                return self._stand_aside(failure)
        return self._rest([failure])

    def _stand_aside(self, failure: Failure) -> bool:
        self._blamed.add(failure.parcel.person)
        until = self._aside(failure.parcel, str(failure.error), failure.error.in_doubt)
        self._trouble(failure.parcel.about, f"{failure.error}; it stands aside until {until:%H:%M:%S} UTC")
        return True

    def _aside(self, parcel: Parcel, error: str, in_doubt: bool) -> datetime:
        until = self._clock() + letter_wait(parcel.first.attempts, parcel.first.id)
        for letter in parcel.letters:
            self._ledger.aside(letter, error, until, in_doubt)
        return until

    def _rest(self, failures: list[Failure]) -> bool:
        """The channel rests, and every letter keeps its place."""
        at = self._clock()
        asked = [one.error.retry_after for one in failures if one.error.retry_after is not None]
        wait = asked_wait(max(asked)) if asked else channel_rest(self._failures, failures[0].parcel.first.id)
        for one in failures:
            self._ledger.release(one.parcel.letters, str(one.error), one.error.in_doubt)
            rests = f"{self.channel.name} rests until {at + wait:%H:%M:%S} UTC"
            self._trouble(one.parcel.about, f"{one.error}; {rests}")
        self._ledger.rest(self.channel.name, at + wait, str(failures[-1].error), at)
        if not asked:
            letters = frozenset(letter.id for one in failures for letter in one.parcel.letters)
            self.evidence = Evidence(letters, frozenset(one.parcel.person for one in failures))
        return False

    def _trouble(self, about: str, text: str) -> None:
        self._tally.trouble(f"{self.channel.name} to {about}: {text}")


def _second_opinion(queue: list[Parcel], failure: Failure) -> Parcel:
    """Takes the parcel that says most about the channel: of another person, and tried least.

    Were it always the same, two letters that fail each time would keep all the others from being sent.
    """
    person = failure.parcel.person
    best = min(range(len(queue)), key=lambda at: (queue[at].person == person, queue[at].first.attempts, at))
    return queue.pop(best)
