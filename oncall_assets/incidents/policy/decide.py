"""What to do about each signal and why, decided without a clock or a database, so that it can be tested alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from oncall_assets.incidents.policy.faults import Fault, FaultKey, OpenFaults, OpenIncident
from oncall_assets.incidents.policy.partitions import each, tells_of
from oncall_assets.incidents.signals.kinds import (
    CheckFailed,
    CheckNotRun,
    CheckPassed,
    FailedStep,
    RunFailed,
    RunSucceeded,
    Signal,
    Trouble,
    TroubleOver,
    check_target,
)

__all__ = ["Decision", "Fault", "FaultKey", "OpenIncident", "Reason", "decide"]


class Reason(StrEnum):
    """Why something was done, or not: the first group answers signals, the second tells people."""

    OPENED = "opened"
    REPEATED = "repeated"
    CAUSED = "part of another's cause"
    BELOW = "below the bar"
    RESOLVED = "resolved"
    CLEARED = "one of several faults is over"
    OUTDATED = "older than the last failure"
    NOTHING_OPEN = "nothing is open for it"

    RAISED = "severity raised"
    SILENCED = "silenced"
    OFFICE_HOURS = "waits for business hours"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    RETURNED = "outlived its resolution time"
    TOLD = "all who are due were told"
    NOBODY = "nobody is on call"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one signal; `incidents` are named by the ids of the signals that opened them.

    `failed` are the faults it added to the first of `incidents` or that failed there again, as they stand after
    it. `cleared` are (incident, fault's key), `resolved` the incidents left without an open fault.
    """

    signal: Signal
    reason: Reason
    incidents: tuple[str, ...] = ()
    failed: tuple[Fault, ...] = ()
    cleared: tuple[tuple[str, FaultKey], ...] = ()
    resolved: tuple[str, ...] = ()


def decide(
    signals: Iterable[Signal],
    open_incidents: Iterable[OpenIncident],
    causes: Mapping[str, str],
    upstream: Callable[[str], frozenset[str]],
) -> list[Decision]:
    """One decision for each signal, in order; later signals see what earlier ones did.

    `open_incidents` come oldest first. `causes` maps ids of earlier failures to the incident (by what opened it)
    that each opened, repeated or joined, open or not. `upstream` gives all ancestors of an asset.

    A failure goes to the oldest incident that one of these finds, the first before the second and so on: the same
    target and partition is open; the same target; the same asset, in an overlapping partition or in the same run;
    a cause upstream of its asset, open in an overlapping partition. Else it opens one.
    """
    book = _Book(OpenFaults(open_incidents), dict(causes), cache(upstream))
    return [_decide(signal, book) for signal in signals]


@dataclass
class _Book:
    """What is open, and which incident each failure belongs to, as the decisions go along."""

    open: OpenFaults
    by_signal: dict[str, str]
    upstream: Callable[[str], frozenset[str]]


def _decide(signal: Signal, book: _Book) -> Decision:
    match signal:
        case CheckFailed(severity="warn"):
            # Where an error of this check is open, a warning neither repeats it nor is the pass that clears it.
            return Decision(signal, Reason.BELOW)
        case CheckFailed() | CheckNotRun():
            target = check_target(signal.asset, signal.check)
            return _failed(signal, _faults(signal, target, (signal.asset,)), book)
        case RunFailed(quiet=True):
            return Decision(signal, Reason.BELOW)
        case RunFailed():
            return _run_failed(signal, book)
        case Trouble():
            return _failed(signal, _faults(signal, signal.target, signal.assets), book)
        case CheckPassed():
            return _succeeded(
                signal, {check_target(signal.asset, signal.check)}, book, concerns=_judged_by(signal)
            )
        case RunSucceeded():
            return _succeeded(signal, signal.covers, book, concerns=_mended_by_run)
        case TroubleOver():
            return _succeeded(signal, {signal.target}, book)
    raise TypeError(f"no rule for a {type(signal).__name__}")


def _run_failed(signal: RunFailed, book: _Book) -> Decision:
    # A check whose failure nobody was told of, as it came before the pager, is no excuse for silence.
    own = [step for step in signal.steps if not step.caused_by or not set(step.caused_by) <= book.by_signal.keys()]
    if own:
        targets = [(target, _assets(target, step)) for step in own for target in step.targets]
        return _failed(signal, [fault for one in targets for fault in _faults(signal, *one)], book)
    incidents = [book.by_signal[cause] for step in signal.steps for cause in step.caused_by]
    return Decision(signal, Reason.CAUSED, tuple(dict.fromkeys(incidents)))


def _assets(target: str, step: FailedStep) -> tuple[str, ...]:
    """The assets that the target is about: itself, that of `asset:check`, or all of the step for a job."""
    asset, _, _ = target.rpartition(":")
    return next(((name,) for name in (target, asset) if name in step.assets), step.assets)


def _faults(signal: Signal, target: str, assets: tuple[str, ...]) -> list[Fault]:
    # The days that were judged as one failed as one: none of them could be shown to be well alone.
    whole = signal.whole if isinstance(signal, Trouble) else signal.watched
    parts = each(signal.partition, whole=whole)
    return [Fault(target, part, assets, signal.at, signal.run_id) for part in parts]


def _failed(signal: Signal, faults: Sequence[Fault], book: _Book) -> Decision:
    faults = list({fault.key: fault for fault in faults}.values())
    if incident := book.open.failing_already(faults):
        reason = Reason.REPEATED
    elif incident := book.open.cause_of(faults, book.upstream):
        reason = Reason.CAUSED
    else:
        reason, incident = Reason.OPENED, signal.id
        book.open.begin(incident, frozenset(asset for fault in faults for asset in fault.assets))
    failed = book.open.fail(incident, faults)
    book.by_signal[signal.id] = incident
    return Decision(signal, reason, (incident,), failed)


def _any_fault(_: Fault) -> bool:
    return True


def _judged_by(signal: CheckPassed) -> Callable[[Fault], bool]:
    return (lambda fault: tells_of(signal.partition, fault.partition)) if signal.watched else _any_fault


def _mended_by_run(fault: Fault) -> bool:
    """Whether it is about an asset or a job as such: that a check was judged in a run does not say how."""
    return fault.target in fault.assets or not fault.assets


def _succeeded(
    signal: Signal, targets: Set[str], book: _Book, concerns: Callable[[Fault], bool] = _any_fault
) -> Decision:
    mended = book.open.succeed(targets, signal.partition, signal.at, concerns)
    if not mended.cleared:
        return Decision(signal, Reason.OUTDATED if mended.outdated else Reason.NOTHING_OPEN)
    reason = Reason.RESOLVED if mended.resolved else Reason.CLEARED
    incidents = tuple(dict.fromkeys(incident for incident, _ in mended.cleared))
    return Decision(signal, reason, incidents, cleared=mended.cleared, resolved=mended.resolved)
