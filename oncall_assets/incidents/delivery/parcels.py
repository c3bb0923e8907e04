"""Which letters go out as one message: pure, so that a storm's digests can be tested without sending any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from oncall_assets.incidents.ledger.records import Letter
from oncall_assets.notify.message import Digest, Message, Page, line_of, marked

# From then on a reader has to know that the message is not from just now.
_LATE = timedelta(minutes=15)

_LINES = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """A letter with what is written in it."""

    letter: Letter
    message: Message


@dataclass(frozen=True, slots=True)
class Room:
    """What the limit still allows one person over one channel: messages, or a digest although none is left."""

    messages: int
    digest: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one person gets as one message, oldest entry first; several entries are a digest.

    `following` counts the letters to the same person that wait for the next digest.
    """

    entries: tuple[Entry, ...]
    following: int = 0

    @property
    def letters(self) -> list[Letter]:
        return [entry.letter for entry in self.entries]

    @property
    def first(self) -> Letter:
        return self.entries[0].letter

    @property
    def person(self) -> str:
        return self.first.person

    @property
    def about(self) -> str:
        """Person and subject, for whoever reads of its trouble."""
        more = f" and {len(self.entries) - 1} more" if len(self.entries) > 1 else ""
        return f"{self.person}, {self.first.subject}{more}"

    def only(self, letters: Sequence[Letter]) -> Parcel:
        """The parcel with these of its letters, as they stand now."""
        now = {letter.id: letter for letter in letters}
        kept = [replace(one, letter=now[one.letter.id]) for one in self.entries if one.letter.id in now]
        return replace(self, entries=tuple(kept))

    def written(self, at: datetime) -> Message:
        """The message as it is sent at `at`, with its marks."""
        message = self.entries[0].message if len(self.entries) == 1 else _digest(self, at)
        age = at - min(letter.created_at for letter in self.letters)
        return marked(message, any(letter.doubtful for letter in self.letters), age if age > _LATE else None)


def pack(entries: Sequence[Entry], room: Room, takes: Callable[[Message], bool], at: datetime) -> list[Parcel]:
    """One person's entries, oldest first, as the messages that may go now; what is in none of them waits.

    If all fit into what is left of the limit each goes by itself; else one fewer than what is left, and the rest
    as a digest. A channel that takes no digest has no limit: it says each incident once by itself.
    """
    each = [Parcel((entry,)) for entry in entries]
    if len(entries) <= room.messages or not takes(_digest(Parcel(tuple(entries)), at)):
        return each
    if room.messages <= 0 and not room.digest:
        return []
    alone = max(room.messages - 1, 0)
    return [*each[:alone], _together(entries[alone:])]


def _together(entries: Sequence[Entry]) -> Parcel:
    """As many of the entries, in their order, as leave a line to each incident somebody is called for."""
    called: set[int] = set()
    for place, entry in enumerate(entries):
        if isinstance(entry.message, Page):
            called.add(entry.message.incident)
        if len(called) > _LINES:
            return Parcel(tuple(entries[:place]), following=len(entries) - place)
    return Parcel(tuple(entries))


def _digest(parcel: Parcel, at: datetime) -> Digest:
    entries = parcel.entries
    listed = _listed([entry.message for entry in entries])
    count = len(entries) + parcel.following
    # The same letters sent again are the same digest, wherever it is told; their texts name the installation.
    texts = "\n".join(entry.letter.message for entry in entries)
    return Digest(
        id=f"digest {sha256(texts.encode()).hexdigest()[:24]}",
        to=entries[0].message.to,
        title=f"{count} messages at once",
        lines=tuple(line_of(message) for message in listed),
        more=count - len(listed),
        told_at=at,
    )


def _listed(messages: Sequence[Message]) -> list[Message]:
    """Those with a line of their own, oldest first: the first page of each incident before all others."""
    called: set[int] = set()
    first, other = [], []
    for place, message in enumerate(messages):
        if isinstance(message, Page) and message.incident not in called:
            called.add(message.incident)
            first.append(place)
        else:
            other.append(place)
    return [messages[place] for place in sorted([*first, *other][:_LINES])]
