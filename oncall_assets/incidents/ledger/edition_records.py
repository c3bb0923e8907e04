"""What the ledger takes and hands out of reports as sent, so that whoever sends or shows one needs no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

EditionState = Literal["sending", "sent", "doubtful"]
CopyState = Literal["waiting", "sending", "sent", "refused", "doubtful"]

ANNOUNCED: Final = "as announced, "
"""How the cause of a restatement begins where the edition itself said that the figure might still change."""


@dataclass(frozen=True, slots=True)
class NewCopy:
    """Whom an edition is for: `recipient` is the handbook's key for `address`, `message_id` names the mail."""

    recipient: str
    address: str
    message_id: str


@dataclass(frozen=True, slots=True)
class NewEdition:
    """What is to be sent: `content` is the edition as JSON, instants are UTC."""

    report: str
    period: str
    due: datetime
    content: str
    composed_at: datetime
    copies: tuple[NewCopy, ...]


@dataclass(frozen=True, slots=True)
class CopyRecord:
    """An edition on its way to one address.

    `tried_at` is when it was last taken to be sent. `doubtful`: nobody knows whether that try arrived, until
    `settled_by` says so.
    """

    id: int
    recipient: str
    address: str
    message_id: str
    state: CopyState
    tried_at: datetime | None
    sent_at: datetime | None
    last_error: str | None
    settled_by: str | None = None


@dataclass(frozen=True, slots=True)
class EditionRecord:
    """An edition as it was sent, or is being sent by `run_id` until `claimed_until`; without that by nobody.

    `repeat` counts the times it was sent before on purpose. `tried_at` and `last_error` are of the last try that
    left copies waiting. `sent_at` is when the last of its copies was done with. `copies` come in their order.
    """

    id: int
    report: str
    period: str
    repeat: int
    state: EditionState
    due: datetime
    content: str
    composed_at: datetime
    run_id: str
    claimed_until: datetime | None
    tried_at: datetime | None
    last_error: str | None
    sent_at: datetime | None
    copies: tuple[CopyRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Won:
    """The edition is the caller's to send: those of its copies that are waiting."""

    edition: EditionRecord


@dataclass(frozen=True, slots=True)
class Busy:
    """Another run is sending it, and nobody else may before `until`."""

    run_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """It was sent, or waits for somebody to say what became of a copy in doubt: nothing is to be sent."""

    edition: EditionRecord


Claimed = Won | Busy | Done


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """Why an edition is held, and since when; `told_at` is when those who wait were told `expected_at`.

    `judged_at` is the last time it was found to be held, `over_at` when it was found to be so no more.
    """

    report: str
    period: str
    reasons: tuple[str, ...]
    due: datetime
    held_at: datetime
    judged_at: datetime
    told_at: datetime | None
    expected_at: datetime | None
    over_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """The word of `by` that an edition goes out `because` of something, although `reasons` held it."""

    report: str
    period: str
    by: str
    at: datetime
    because: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RestatementRecord:
    """The figure in `column` of `edition` was `sent` and is `now` something else, both JSON of a value.

    `edition` comes without its copies. `sent` is what its readers were told last: as it was sent, or as another
    edition listed it. Over without being listed or closed by somebody: it is as sent again.
    """

    id: int
    edition: EditionRecord
    column: str
    sent: str
    now: str
    cause: str
    found_at: datetime
    listed_in: int | None
    over_at: datetime | None
    closed_by: str | None
