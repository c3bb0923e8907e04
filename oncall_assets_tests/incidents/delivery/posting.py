"""Letters to send, and small channels to send them over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from oncall_assets.handbook.escalation import Limits
from oncall_assets.incidents.delivery.courier import Courier
from oncall_assets.incidents.ledger import letters
from oncall_assets.incidents.ledger.ledger import Ledger, Letter
from oncall_assets.notify.channel import DeliveryError
from oncall_assets.notify.message import Digest, Message, Notice, Page, Person

NOW = datetime(2026, 1, 7, 2, 0, tzinfo=UTC)
PATIENCE = timedelta(seconds=20)
UNLIMITED = Limits(messages=100_000)

Trouble = Callable[[Message], Exception | None]


def page(number: int, to: str = "ann") -> Page:
    """The first page of an incident with this number."""
    person = Person(key=to, name=to.title(), timezone="Europe/Berlin")
    return Page(
        id=f"incident {number}/1.1 on_call.primary/{to}",
        dedup=f"oncall-0123456789ab-{number}",
        incident=number,
        to=person,
        why="the primary on call",
        key=f"orders:check_{number}",
        title=f"check_{number} failed on orders",
        severity="critical",
        what=f"check check_{number} of asset orders",
        finding="7 rows of 9 are there.",
        happened_at=NOW,
        told_at=NOW,
        primary=person,
        secondary=None,
        respond=timedelta(hours=1),
        resolve=timedelta(hours=4),
        respond_by=NOW + timedelta(hours=1),
        resolve_by=NOW + timedelta(hours=4),
    )


def notice(number: int, to: str = "ann") -> Notice:
    person = Person(key=to, name=to.title(), timezone="Europe/Berlin")
    return Notice(id=f"notice {number}", to=person, title=f"Notice {number}", rows=(), told_at=NOW)


def down(said: str = "down", **more: bool | timedelta) -> DeliveryError:
    """A failure that may pass, unless told otherwise."""
    return DeliveryError(said, **({"permanent": False} | more))  # type: ignore[arg-type]


def put(
    ledger: Ledger,
    channel: str,
    *messages: Message,
    at: datetime = NOW,
    incident: int | None = None,
    step: str = "1.1 on_call.primary",
) -> None:
    """A letter for each message, in this order."""
    with ledger.transaction() as connection:
        for message in messages:
            subject = f"incident {message.incident}" if isinstance(message, Page) else message.id
            text = message.model_dump_json()
            letter = Letter(0, subject, incident, step, message.to.key, channel, text, at)
            assert letters.put(connection, letter, at)


@dataclass
class Post:
    """A channel that keeps what it is given, unless `trouble` names an error to raise for it instead."""

    name: str = "post"
    people: frozenset[str] = frozenset({"ann", "ben"})
    digests: bool = True
    trouble: Trouble = lambda _: None
    tried: list[Message] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)
    threads: list[str | None] = field(default_factory=list)

    def reaches(self, person: str) -> bool:
        return person in self.people

    def takes(self, message: Message) -> bool:
        return self.digests or not isinstance(message, Digest)

    def send(self, message: Message, person: str, thread: str | None) -> str | None:
        assert person == message.to.key
        self.tried.append(message)
        if error := self.trouble(message):
            raise error
        self.taken.append(message)
        self.threads.append(thread)
        return f"{self.name} {len(self.taken)}"

    @property
    def numbers(self) -> list[int]:
        """Which incidents it was given pages of, in order."""
        return [message.incident for message in self.taken if isinstance(message, Page)]

    @property
    def tries(self) -> list[int]:
        """Which incidents' pages were tried, in order."""
        return [message.incident for message in self.tried if isinstance(message, Page)]


def standing_still() -> float:
    """A stopwatch by which a round takes no time, however long it takes."""
    return 0.0


def courier(ledger: Ledger, *channels: Post, limits: Limits = UNLIMITED) -> Courier:
    """A courier whose last resort is the last of the channels."""
    return Courier(ledger, channels[:-1], channels[-1], limits)
