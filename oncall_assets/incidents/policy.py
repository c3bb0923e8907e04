"""What to do about each signal and why, decided without a clock or a database, so that it can be tested alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from oncall_assets.incidents.kinds import (
    CheckFailed,
    CheckPassed,
    RunFailed,
    RunSucceeded,
    Signal,
    bounded,
    check_target,
)

# The first word of an incident's key.
_CHECK = "check "
_RUN = "run "


class Reason(StrEnum):
    """Why a signal was answered as it was."""

    OPENED = "opened"
    REPEATED = "repeated"
    CAUSED = "part of another's cause"
    BELOW = "below the bar"
    RESOLVED = "resolved"
    OUTDATED = "older than the last failure"
    NOTHING_OPEN = "nothing is open for it"


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident, by the id of the signal that opened it; all that it `covers` must succeed to resolve it."""

    opened_by: str
    key: str
    partition: str | None
    covers: frozenset[str]
    last_failed_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one signal; `incidents` are those it opened, repeated, belongs to or resolved."""

    signal: Signal
    reason: Reason
    incidents: tuple[OpenIncident, ...] = ()


def decide(
    signals: Iterable[Signal], open_incidents: Iterable[OpenIncident], causes: Mapping[str, OpenIncident]
) -> list[Decision]:
    """One decision for each signal, in order.

    `causes` maps ids of earlier signals to the incident each opened or repeated, open or not.
    """
    book = _Book({incident.key: incident for incident in open_incidents}, dict(causes))
    return [_decide(signal, book) for signal in signals]


@dataclass
class _Book:
    """What is open by key, and which incident each failure belongs to, as the decisions go along."""

    by_key: dict[str, OpenIncident]
    by_signal: dict[str, OpenIncident]


def _decide(signal: Signal, book: _Book) -> Decision:
    match signal:
        case CheckFailed(severity="warn"):
            return Decision(signal, Reason.BELOW)
        case CheckFailed():
            target = check_target(signal.asset, signal.check)
            return _failed(signal, _CHECK + target, frozenset({target}), book)
        case CheckPassed():
            # A pass also ends an incident of the run kind that says this check could not be run.
            passed = frozenset({check_target(signal.asset, signal.check)})
            return _succeeded(signal, passed, (_CHECK, _RUN), book)
        case RunFailed():
            return _run_failed(signal, book)
        case RunSucceeded():
            return _succeeded(signal, signal.covers, (_RUN,), book)
    raise TypeError(f"no rule for a {type(signal).__name__}")


def _run_failed(signal: RunFailed, book: _Book) -> Decision:
    causes = [book.by_signal.get(cause) for step in signal.steps for cause in step.caused_by]
    known = tuple(dict.fromkeys(cause for cause in causes if cause))
    # A check whose failure nobody was told of, as it came before the pager, is no excuse for silence.
    own = [step for step in signal.steps if not step.caused_by or not set(step.caused_by) <= set(book.by_signal)]
    if not own:
        return Decision(signal, Reason.CAUSED, known)
    targets = sorted({target for step in own for target in step.targets})
    return _failed(signal, _RUN + " ".join(targets), frozenset(targets), book)


def _failed(signal: Signal, subject: str, covers: frozenset[str], book: _Book) -> Decision:
    key = bounded(f"{subject} @ {signal.partition}" if signal.partition else subject)
    known = book.by_key.get(key)
    if known is None:
        incident, reason = OpenIncident(signal.id, key, signal.partition, covers, signal.at), Reason.OPENED
    else:
        latest = max(known.last_failed_at, signal.at)
        incident, reason = replace(known, last_failed_at=latest), Reason.REPEATED
    book.by_key[key] = book.by_signal[signal.id] = incident
    return Decision(signal, reason, (incident,))


def _succeeded(signal: Signal, covered: frozenset[str], kinds: tuple[str, ...], book: _Book) -> Decision:
    matching = [
        incident
        for incident in book.by_key.values()
        if incident.key.startswith(kinds) and incident.partition == signal.partition and incident.covers <= covered
    ]
    over = tuple(incident for incident in matching if incident.last_failed_at <= signal.at)
    for incident in over:
        del book.by_key[incident.key]
    if over:
        return Decision(signal, Reason.RESOLVED, over)
    return Decision(signal, Reason.OUTDATED if matching else Reason.NOTHING_OPEN)
