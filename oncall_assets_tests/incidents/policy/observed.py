"""Signals to decide about, seconds apart, and what is open after the decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from oncall_assets.handbook.team import Severity
from oncall_assets.incidents.policy.decide import Decision, Fault, FaultKey, OpenIncident, Reason, decide
from oncall_assets.incidents.signals.kinds import (
    CheckFailed,
    CheckNotRun,
    CheckPassed,
    Evidence,
    FailedStep,
    RunFailed,
    RunSucceeded,
    Signal,
    Trouble,
    TroubleOver,
)

START = datetime(2026, 1, 7, 2, tzinfo=UTC)

# raw → orders → profit → report, and rates apart.
ANCESTORS = {"orders": {"raw"}, "profit": {"raw", "orders"}, "report": {"raw", "orders", "profit"}}


def upstream(asset: str) -> frozenset[str]:
    return frozenset(ANCESTORS.get(asset, ()))


def at(number: int) -> datetime:
    return START + timedelta(seconds=number)


def failed(
    number: int,
    asset: str = "orders",
    partition: str | None = None,
    check: str = "complete",
    severity: Literal["error", "warn"] = "error",
    run_id: str = "",
) -> CheckFailed:
    return CheckFailed(
        id=f"s{number}", at=at(number), run_id=run_id or f"run {number}", partition=partition, asset=asset,
        check=check, severity=severity, evidence=Evidence("rows are missing"),
    )  # fmt: skip


def passed(
    number: int, asset: str = "orders", partition: str | None = None, check: str = "complete"
) -> CheckPassed:
    return CheckPassed(
        id=f"s{number}", at=at(number), run_id=f"run {number}", partition=partition, asset=asset, check=check
    )


def not_run(number: int, asset: str = "orders", partition: str | None = None) -> CheckNotRun:
    return CheckNotRun(
        id=f"s{number}", at=at(number), run_id=f"run {number}", partition=partition, asset=asset, check="complete"
    )


def step(target: str, *caused_by: str) -> FailedStep:
    """A step of one target: an asset, a check of one, or a job."""
    assets = () if target.startswith("job:") else (target.partition(":")[0],)
    return FailedStep(assets, (target,), "ValueError: EUR", caused_by)


def run_failed(number: int, *steps: FailedStep, partition: str | None = None, run_id: str = "") -> RunFailed:
    return RunFailed(
        id=f"s{number}", at=at(number), run_id=run_id or f"run {number}", partition=partition, job="nightly",
        steps=steps, skipped=("report",), unjudged=("report:complete",),
    )  # fmt: skip


def run_succeeded(number: int, *covers: str, partition: str | None = None) -> RunSucceeded:
    return RunSucceeded(
        id=f"s{number}", at=at(number), run_id=f"run {number}", partition=partition, job="nightly",
        covers=frozenset(covers),
    )  # fmt: skip


def late(number: int, asset: str, partition: str | None = None, severity: Severity | None = None) -> Trouble:
    return Trouble(
        id=f"s{number}", at=at(number), run_id="", partition=partition, kind="asset late", target=f"late {asset}",
        assets=(asset,), title="late", finding="It is not there.", severity=severity,
    )  # fmt: skip


def short_of_storage(number: int) -> Trouble:
    return Trouble(
        id=f"s{number}", at=at(number), run_id="", partition=None, kind="storage short", target="storage",
        assets=(), title="short", finding="1 MiB is left.",
    )  # fmt: skip


def no_longer_late(number: int, asset: str, partition: str | None = None) -> TroubleOver:
    return TroubleOver(
        id=f"s{number}", at=at(number), run_id="", partition=partition, kind="asset late", target=f"late {asset}"
    )


def decided(*signals: Signal, known: Iterable[OpenIncident] = ()) -> list[Decision]:
    return decide(signals, known, {}, upstream)


def reasons(decisions: Iterable[Decision]) -> list[Reason]:
    return [decision.reason for decision in decisions]


def left_open(decisions: Sequence[Decision], known: Iterable[OpenIncident] = ()) -> list[OpenIncident]:
    """The incidents open after the decisions, as a ledger that recorded them would have them."""
    causes = {one.opened_by: one.cause for one in known}
    faults: dict[str, dict[FaultKey, Fault]] = {one.opened_by: dict(one.faults) for one in known}
    for decision in decisions:
        if decision.reason is Reason.OPENED:
            causes[decision.signal.id] = frozenset(asset for fault in decision.failed for asset in fault.assets)
            faults[decision.signal.id] = {}
        for fault in decision.failed:
            faults[decision.incidents[0]][fault.key] = fault
        for incident, key in decision.cleared:
            del faults[incident][key]
        for incident in decision.resolved:
            assert {} == faults.pop(incident)
    assert all(faults.values())
    return [OpenIncident(opened_by, causes[opened_by], here) for opened_by, here in faults.items()]


def open_keys(decisions: Sequence[Decision]) -> set[FaultKey]:
    return {key for incident in left_open(decisions) for key in incident.faults}
