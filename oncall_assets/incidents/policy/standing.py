"""How an open incident stands with the people told of it, and the clock that its escalation runs by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.escalation import Urgency
from oncall_assets.handbook.team import Severity
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.recipients import everyone
from oncall_assets.rota.office import next_working


@dataclass(frozen=True, slots=True)
class Standing:
    """An open incident as the escalation sees it; instants are UTC.

    `assets` are those of its cause, `targets` those of its open faults. `round` counts from 1, its clock runs
    from `clock_from`, and `told` are the keys of those told in it. `tell` is whom this incident tells beside
    the escalation's first step.
    """

    number: int
    severity: Severity
    urgency: Urgency
    pipeline: str | None
    assets: tuple[str, ...]
    targets: tuple[str, ...]
    opened_at: datetime
    round: int
    clock_from: datetime
    respond_by: datetime
    resolve_by: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    told: frozenset[str]
    tell: str | None


@dataclass(frozen=True, slots=True)
class Telling:
    """`people` to be told now, by key. `step` is `<round>.<number> <whom>`, `why` a sentence for their page.

    `restart` begins a new round before they are told: its clock runs from now, they are its first, and an
    acknowledgement lapses.
    """

    step: str
    people: tuple[str, ...]
    reason: Reason
    why: str
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody is not told now, and why; `until` is when that ends by itself, if it does."""

    reason: Reason
    until: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Call:
    """A step of the escalation on the clock: `tell` says who is told from `at` on, which is `after` its start."""

    number: int
    tell: str
    at: datetime
    after: timedelta


def clocks(
    handbook: Handbook, severity: Severity, urgency: Urgency, primary: str | None, now: datetime
) -> tuple[datetime, datetime, datetime]:
    """When the clock starts, until when the incident is to be answered, and until when resolved.

    It starts now; where that can wait for business hours, when the `primary` next works, or if nobody is on call
    the first of all.
    """
    start = now
    if urgency == "business_hours":
        people = everyone(handbook, now) if primary is None else (primary,)
        start = min(next_working(handbook, who, now) for who in people)
    targets = handbook.team.severities[severity]
    return start, start + targets.respond, start + targets.resolve


def calls(standing: Standing, handbook: Handbook) -> list[Call]:
    """The steps of this round in order, none before one that stands above it.

    Whom the incident itself tells comes beside the first.
    """
    respond, resolve = standing.respond_by - standing.clock_from, standing.resolve_by - standing.clock_from
    steps = handbook.escalation(standing.pipeline)
    waits = [step.after.length(respond, resolve) if step.after else timedelta(0) for step in steps]
    found = [
        Call(number, step.tell, standing.clock_from + wait, wait)
        for number, (step, wait) in enumerate(zip(steps, accumulate(waits, max), strict=True), start=1)
    ]
    if standing.tell is not None:
        found.insert(1, Call(1, standing.tell, found[0].at, found[0].after))
    return found
