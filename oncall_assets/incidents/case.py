"""What an incident is about, written from the signal that opened it: the evidence, the steps, who is concerned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.labels import INVESTORS
from oncall_assets.handbook.team import Severity
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.policy.grading import Grade, grade
from oncall_assets.incidents.signals.kinds import (
    CheckFailed,
    CheckNotRun,
    RunFailed,
    Signal,
    Trouble,
    check_target,
)
from oncall_assets.notify.message import Case, Link, shorten
from oncall_assets.rota import Rota

_LISTED = 12


@dataclass(frozen=True)
class Desk:
    """What messages are written with; `dagster_url` is the base of their links, `rota` that of the handbook.

    `location` is the code location whose jobs they link to; without one they name the command only.
    """

    handbook: Handbook
    lineage: Lineage
    dagster_url: str
    rota: Rota
    location: str | None = None


@dataclass(frozen=True)
class _Story:
    """The part of a case that depends on the kind of the signal; `given` is a severity of its own."""

    assets: Sequence[str]
    text: dict[str, Any]
    pipeline: str | None = None
    runbook: str | None = None
    step: int = 1
    issues: tuple[str, ...] = ()
    given: Severity | None = None


def case_of(signal: Signal, subject: str, desk: Desk, now: datetime) -> tuple[Case, Grade]:
    """The case that `signal` opens, about `subject`, and how bad it is. Raises TypeError if it opens none."""
    story = _STORIES[type(signal)](signal, desk)
    own = next((name for one in story.assets if (name := desk.lineage.about(one).pipeline)), None)
    pipeline = story.pipeline or own
    runbook = story.runbook or pipeline
    affected = desk.lineage.downstream(story.assets)
    graded = grade_of(story.assets, (pipeline, runbook), story.given, desk, now)
    case = Case(
        key=subject,
        severity=graded.severity,
        partition=signal.partition,
        happened_at=signal.at,
        affected=tuple(affected[:_LISTED]),
        more_affected=max(len(affected) - _LISTED, 0),
        audience=_audience(story.assets, desk) or _promised_to(desk.handbook, pipeline),
        issues=story.issues,
        **_promise(desk.handbook, pipeline),
        **_procedure(desk.handbook, runbook, story.step),
        **story.text,
    )
    return case, graded


def grade_of(
    assets: Sequence[str], pipelines: Iterable[str | None], given: Severity | None, desk: Desk, now: datetime
) -> Grade:
    """How bad and how urgent a fault of these assets is, by their tags and the runbooks of `pipelines`."""
    about = [desk.lineage.about(asset) for asset in assets]
    # A pipeline may be gone from the handbook, and its tag still be on an asset.
    known = [name for name in dict.fromkeys(pipelines) if name in desk.handbook.team.pipelines]
    tagged = [one.severity for one in about if one.severity in desk.handbook.team.severities]
    fed = desk.lineage.downstream(assets)
    investors = _audience(assets, desk) == INVESTORS or any(one.investors for one in fed)
    return grade(desk.handbook, known, tagged, given, investors, now)


def _check_failed(signal: CheckFailed, desk: Desk) -> _Story:
    view = urlencode({"view": "checks", "checkDetail": signal.check})
    page = f"{desk.dagster_url}/assets/{quote(signal.asset)}?{view}"
    text = {
        "title": shorten(f"{signal.check} failed on {signal.asset}", 200),
        "what": f"check {signal.check} of asset {signal.asset}",
        "finding": signal.evidence.finding,
        "observed": signal.evidence.observed,
        "threshold": signal.evidence.threshold,
        "sample": signal.evidence.sample,
        "links": (Link(title="Check", url=page), *_run_link(signal.run_id, desk)),
    }
    pipeline = desk.lineage.about(signal.asset).pipeline or signal.evidence.pipeline
    # The runbook that asked for the check has the step for it, also where the asset is another pipeline's.
    runbook = signal.evidence.pipeline or pipeline
    issues = _issues(desk.handbook, signal.asset, signal.check)
    return _Story([signal.asset], text, pipeline, runbook, signal.evidence.step, issues)


def _check_not_run(signal: CheckNotRun, desk: Desk) -> _Story:
    text = {
        "title": shorten(f"{signal.check} was not run on {signal.asset}", 200),
        "what": f"check {signal.check} of asset {signal.asset}",
        "finding": "The run computed the asset and succeeded, but this check, though planned, was never judged.",
        "figures": False,
        "links": _run_link(signal.run_id, desk),
    }
    return _Story([signal.asset], text, issues=_issues(desk.handbook, signal.asset, signal.check))


def _run_failed(signal: RunFailed, desk: Desk) -> _Story:
    own = [step for step in signal.steps if not step.caused_by] or signal.steps
    assets = sorted({asset for step in own for asset in step.assets})
    subject = ", ".join(assets) or f"job {signal.job}"
    more = f" (and {len(own) - 1} more steps failed)" if len(own) > 1 else ""
    text = {
        "title": shorten(f"Run failed: {subject}", 200),
        "what": f"run {signal.run_id[:8]} of job {signal.job}, at {subject}",
        "finding": own[0].error + more,
        "not_computed": signal.skipped[:_LISTED],
        "not_judged": signal.unjudged[:_LISTED],
        "links": _run_link(signal.run_id, desk),
    }
    return _Story(assets, text)


def _trouble(signal: Trouble, desk: Desk) -> _Story:
    text = {
        "title": shorten(signal.title, 200),
        "what": signal.target,
        "finding": signal.finding,
        "observed": signal.observed,
        "threshold": signal.threshold,
        "figures": signal.figures,
        "links": _run_link(signal.run_id, desk),
    }
    own = next((name for one in signal.assets if (name := desk.lineage.about(one).pipeline)), None)
    runbook = desk.handbook.runbooks.get(signal.pipeline or own or "")
    step = runbook.step_for(signal.kind) if runbook else 1
    return _Story(signal.assets, text, signal.pipeline, None, step, (signal.kind,), signal.severity)


_STORIES: dict[type[Signal], Callable[[Any, Desk], _Story]] = {
    CheckFailed: _check_failed,
    CheckNotRun: _check_not_run,
    RunFailed: _run_failed,
    Trouble: _trouble,
}


def _issues(handbook: Handbook, asset: str, check: str) -> tuple[str, ...]:
    """The issues that the check guards, each as `pipeline.issue`."""
    target = check_target(asset, check)
    return tuple(
        f"{runbook.pipeline}.{issue}"
        for runbook, _, one in handbook.checks()
        if check_target(one.asset, one.name) == target
        for issue in one.guards
    )


def _run_link(run_id: str, desk: Desk) -> tuple[Link, ...]:
    return (Link(title="Run", url=f"{desk.dagster_url}/runs/{quote(run_id, safe='')}"),) if run_id else ()


def _audience(assets: Sequence[str], desk: Desk) -> str | None:
    found = [audience for asset in assets if (audience := desk.lineage.about(asset).audience)]
    return INVESTORS if INVESTORS in found else next(iter(found), None)


def _promised_to(handbook: Handbook, pipeline: str | None) -> str | None:
    promise = handbook.team.pipelines.get(pipeline) if pipeline else None
    return promise.audience if promise else None


def _promise(handbook: Handbook, pipeline: str | None) -> dict[str, Any]:
    """The pipeline and its owners, as far as the handbook knows it."""
    if pipeline not in handbook.team.pipelines:
        return {"pipeline": pipeline}
    promise = handbook.team.pipelines[pipeline]
    owners = [handbook.team.engineers[key].name for key in (promise.primary, *promise.secondary)]
    return {"pipeline": pipeline, "owners": tuple(owners)}


def _procedure(handbook: Handbook, pipeline: str | None, step: int) -> dict[str, Any]:
    """The pipeline's runbook, and its next steps from `step` on."""
    runbook = handbook.runbooks.get(pipeline) if pipeline else None
    return {"runbook": runbook.path, "steps": runbook.steps_from(step)} if runbook else {}
