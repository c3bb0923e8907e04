"""What the ledger hands out, apart from how it is kept, so that whoever reads it needs no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# What becomes of an incident by which those who were told of it are told again.
Outcome = Literal["acknowledged", "resolved"]


class LedgerError(Exception):
    """The ledger cannot do what it was asked for: what is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person over one channel, on its way; `message` is JSON.

    `subject` says what it is about, and `incident` which incident, if it is about one. `attempts` counts the tries
    that are over. `doubtful`: an earlier try may have arrived, although nobody knows that it did. `claimed_until`
    tells whoever claimed it from whoever claims it after them.
    """

    id: int
    subject: str
    incident: int | None
    step: str
    person: str
    channel: str
    message: str
    created_at: datetime
    attempts: int = 0
    doubtful: bool = False
    claimed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel does: failures since it last worked, until when it rests, and since when it fails."""

    failures: int
    rest_until: datetime | None
    last_error: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A channel will not take what is for a person, and nothing has arrived there since `at`."""

    person: str
    channel: str
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Announcement:
    """What those who were told of an incident do not know yet; `by` is nobody where it ended by itself.

    `round` is the round of the escalation it happened in, `silenced` whether a silence held the incident then.
    """

    number: int
    what: Outcome
    by: str | None
    at: datetime
    because: str
    round: int
    silenced: bool


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident as it stands in a list; instants are UTC."""

    number: int
    title: str
    severity: str
    partition: str | None
    opened_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """One thing that failed, as the `cause` of its incident or as a consequence; open without `cleared_at`."""

    target: str
    partition: str | None
    cause: bool
    opened_at: datetime
    last_failed_at: datetime
    failures: int
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """An incident with its faults, as people read it; instants are UTC.

    `cause` names what it began with in a few words, `issues` the runbook's issues behind it. `first_told_at` is
    when the first page arrived, `round` that of the escalation.
    """

    number: int
    title: str
    severity: str
    urgency: str
    pipeline: str | None
    opened_at: datetime
    clock_from: datetime
    respond_by: datetime
    resolve_by: datetime
    first_told_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    repeats: int
    round: int
    cause: str
    faults: tuple[FaultRecord, ...]
    issues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A line of an incident's story: `what` in one word or two, `who` if a person did it or was told."""

    at: datetime
    what: str
    who: str | None
    text: str
