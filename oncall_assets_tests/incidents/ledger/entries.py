"""Entries for a ledger as a tick makes them: signals decided by the real policy, and letters posted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from oncall_assets.incidents.ledger.ledger import Ledger, Letter
from oncall_assets.incidents.policy.decide import Decision, Reason, decide
from oncall_assets.incidents.policy.grading import Grade
from oncall_assets.incidents.signals.kinds import (
    CheckFailed,
    CheckPassed,
    Evidence,
    FailedStep,
    RunFailed,
    RunSucceeded,
    Signal,
    Trouble,
    TroubleOver,
)
from oncall_assets.notify.message import Case, Notice, Page, Person, Update

NOW = datetime(2026, 1, 7, 2, 0, tzinfo=UTC)
DAY = "2026-01-07"
GRADE = Grade("critical", "any_time", ())
CLOCKS = (NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=4))

Upstream = Callable[[str], frozenset[str]]


def seconds(number: float) -> datetime:
    """So many seconds after NOW."""
    return NOW + timedelta(seconds=number)


def failed(number: float, asset: str = "orders", partition: str | None = DAY, **more: Any) -> CheckFailed:
    """The failure `s<number>`, so many seconds after NOW."""
    settings: dict[str, Any] = {
        "run_id": "r",
        "check": "complete",
        "severity": "error",
        "evidence": Evidence("rows are missing"),
    }
    return CheckFailed(
        **(settings | {"id": f"s{number}", "at": seconds(number)} | more), asset=asset, partition=partition
    )


def passed(
    number: int, asset: str = "orders", partition: str | None = DAY, check: str = "complete"
) -> CheckPassed:
    return CheckPassed(
        id=f"s{number}", at=seconds(number), run_id="r", partition=partition, asset=asset, check=check
    )


def run_failed(number: int, *steps: FailedStep, partition: str | None = DAY, run_id: str = "r") -> RunFailed:
    return RunFailed(
        id=f"s{number}",
        at=seconds(number),
        run_id=run_id,
        partition=partition,
        job="nightly",
        steps=steps,
        skipped=(),
    )


def run_succeeded(number: int, *covers: str, partition: str | None = DAY) -> RunSucceeded:
    return RunSucceeded(
        id=f"s{number}", at=seconds(number), run_id="run-of-today", partition=partition, job="nightly",
        covers=frozenset(covers),
    )  # fmt: skip


def late(number: int, target: str = "late orders") -> Trouble:
    return Trouble(
        id=f"s{number}", at=seconds(number), run_id="", partition=DAY, kind="asset late", target=target,
        assets=("orders",), title="orders is late", finding="It was due at 06:00.",
    )  # fmt: skip


def over(number: int, target: str = "late orders") -> TroubleOver:
    return TroubleOver(
        id=f"s{number}", at=seconds(number), run_id="", partition=DAY, kind="asset late", target=target
    )


def case(**more: Any) -> Case:
    settings = {
        "key": "orders:complete @ 2026-01-07", "title": "complete failed on orders", "severity": "critical",
        "what": "check complete of asset orders", "finding": "rows are missing", "happened_at": NOW,
        "partition": DAY, "pipeline": "profit", "issues": ("profit.short",),
    }  # fmt: skip
    return Case.model_validate(settings | more)


def _nothing(_: str) -> frozenset[str]:
    return frozenset()


def write(ledger: Ledger, *signals: Signal, at: datetime = NOW, upstream: Upstream = _nothing) -> list[Decision]:
    """Decide and record as a tick does, what nobody has decided yet."""
    with ledger.writing() as pen:
        unknown = pen.unknown(one.id for one in signals)
        new = [one for one in signals if one.id in unknown]
        steps = [step for one in new if isinstance(one, RunFailed) for step in one.steps]
        causes = pen.incidents_of([cause for step in steps for cause in step.caused_by])
        decisions = decide(new, pen.open_incidents(), causes, upstream)
        for decision in decisions:
            if decision.reason is Reason.OPENED:
                pen.open(decision, case(), GRADE, CLOCKS, at)
        pen.record(decisions, at)
    return decisions


def reasons(decisions: list[Decision]) -> list[Reason]:
    return [decision.reason for decision in decisions]


def page(number: int, person: str, step: str) -> Page:
    to = Person(key=person, name=person.title(), timezone="Europe/London")
    return Page(
        **case().model_dump(), id=f"incident {number}/{step}/{person}", dedup=f"oncall-{number}", incident=number,
        to=to, why="the primary on call", told_at=NOW, primary=to, secondary=to, respond=timedelta(hours=1),
        resolve=timedelta(hours=4), respond_by=CLOCKS[1], resolve_by=CLOCKS[2],
    )  # fmt: skip


def update(number: int, person: str, step: str) -> Update:
    to = Person(key=person, name=person.title(), timezone="Europe/London")
    return Update(
        id=f"incident {number}/{step}/{person}", dedup=f"oncall-{number}", incident=number, to=to, what="resolved",
        severity="critical", title="complete failed on orders", rows=(), told_at=NOW,
    )  # fmt: skip


def notice(name: str, person: str = "ann") -> Notice:
    to = Person(key=person, name=person.title(), timezone="Europe/London")
    return Notice(id=name, to=to, title=name, rows=(), told_at=NOW)


def letter(message: Page | Update | Notice, channel: str, step: str) -> Letter:
    """The letter that carries the message, not yet in the outbox."""
    number = None if isinstance(message, Notice) else message.incident
    subject = message.id if isinstance(message, Notice) else f"incident {number}"
    return Letter(0, subject, number, step, message.to.key, channel, message.model_dump_json(), NOW)


def tell(
    ledger: Ledger, number: int, person: str = "ann", channel: str = "slack", *, step: str = "1.1 on_call.primary",
    at: datetime = NOW,
) -> Letter:  # fmt: skip
    """A page of the incident, written at that instant: the letter as it lies in the outbox."""
    with ledger.writing() as pen:
        assert pen.post(letter(page(number, person, step), channel, step), at)
    return newest(ledger, channel, at)


def newest(ledger: Ledger, channel: str, at: datetime) -> Letter:
    """The letter of the channel that was written last."""
    return max(ledger.pending(at, channel), key=lambda one: one.id)


def sent(ledger: Ledger, one: Letter, at: datetime, receipt: str | None = None) -> None:
    """Claim the letter and send it at that instant."""
    ledger.sent(ledger.claim([one], at, at + timedelta(seconds=30)), at, receipt)
