"""What a fault would set off, tried on the handbook alone: a rota is trusted by those who saw it answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.runbook import Check, Runbook
from oncall_assets.handbook.team import Severity
from oncall_assets.incidents.policy.escalation import Held, Standing, Telling, clocks, timeline
from oncall_assets.incidents.policy.grading import Grade, grade
from oncall_assets.incidents.policy.recipients import everyone, shift_at
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets.incidents.signals.kinds import check_target
from oncall_assets.notify.message import Affected
from oncall_assets.rota import Rota


@dataclass(frozen=True, slots=True)
class Fault:
    """What is supposed to fail at `at` (UTC): a check of the asset, or without one its run.

    `pipeline` and `tagged` (a severity) are the asset's, `affected` is what is computed from it, and `investors`
    whether figures for them are hit.
    """

    asset: str
    check: str | None
    partition: str | None
    at: datetime
    pipeline: str | None
    tagged: Severity | None
    affected: Sequence[Affected]
    investors: bool

    @property
    def target(self) -> str:
        return self.asset if self.check is None else check_target(self.asset, self.check)


@dataclass(frozen=True, slots=True)
class Drill:
    """The incident that would open, and what would be told or held back until when, if nobody answers."""

    fault: Fault
    grade: Grade
    standing: Standing
    told: tuple[tuple[datetime, Telling | Held], ...]
    runbook: str | None
    steps: tuple[str, ...]
    issues: tuple[str, ...]


def drilled(
    handbook: Handbook, fault: Fault, severity: Severity | None, silences: Sequence[Silence]
) -> Drill | None:
    """What the fault would set off, at the `severity` if one is given; None if it is below the bar."""
    runbook, check = _rule(handbook, fault)
    if check is not None and check.severity == "warn":
        return None
    # The runbook that asked for the check has the step for it, also where the asset is another pipeline's.
    book = runbook or (handbook.runbooks.get(fault.pipeline) if fault.pipeline else None)
    pipelines = dict.fromkeys(name for name in (fault.pipeline, book and book.pipeline) if name)
    graded = _graded(handbook, fault, pipelines, severity)
    rota = Rota(handbook)
    standing = _standing(handbook, rota, fault, next(iter(pipelines), None), graded)
    end = standing.clock_from + 2 * (standing.resolve_by - standing.clock_from)
    told = timeline(standing, handbook, rota, silences, end)
    return Drill(
        fault,
        graded,
        standing,
        tuple(_until_all_know(told, set(everyone(handbook, fault.at)))),
        book.path if book else None,
        book.steps_from(check.step if check else 1) if book else (),
        tuple(check.guards) if check else (),
    )


def _rule(handbook: Handbook, fault: Fault) -> tuple[Runbook | None, Check | None]:
    """The runbook that asks for the fault's check, and the check as written there; neither if none does."""
    for runbook, _, check in handbook.checks():
        if fault.check is not None and (check.asset, check.name) == (fault.asset, fault.check):
            return runbook, check
    return None, None


def _graded(handbook: Handbook, fault: Fault, pipelines: Iterable[str], severity: Severity | None) -> Grade:
    tagged = [fault.tagged] if fault.tagged else []
    found = grade(handbook, pipelines, tagged, None, fault.investors, fault.at)
    if severity is None:
        return found
    return Grade(severity, found.urgency, (*found.why, f"{severity} was asked for; it would be {found.severity}"))


def _standing(handbook: Handbook, rota: Rota, fault: Fault, pipeline: str | None, graded: Grade) -> Standing:
    shift = shift_at(rota, fault.at)
    clock_from, respond_by, resolve_by = clocks(
        handbook, graded.severity, graded.urgency, shift.primary if shift else None, fault.at
    )
    return Standing(
        number=0,
        severity=graded.severity,
        urgency=graded.urgency,
        pipeline=pipeline,
        assets=(fault.asset,),
        targets=(fault.target,),
        opened_at=fault.at,
        round=1,
        clock_from=clock_from,
        respond_by=respond_by,
        resolve_by=resolve_by,
        acknowledged_at=None,
        acknowledged_by=None,
        told=frozenset(),
        tell=None,
    )


def _until_all_know(
    told: Sequence[tuple[datetime, Telling | Held]], left: set[str]
) -> list[tuple[datetime, Telling | Held]]:
    """The beginning of the timeline, up to where nobody is left who was not told."""
    found = []
    for at, what in told:
        found.append((at, what))
        if isinstance(what, Telling):
            left -= set(what.people)
            if not left:
                break
    return found
