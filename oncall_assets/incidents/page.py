"""A page written from a signal: the evidence, the person, the steps, and who else is concerned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.labels import INVESTORS
from oncall_assets.handbook.team import Severity
from oncall_assets.incidents.kinds import CheckFailed, RunFailed
from oncall_assets.incidents.lineage import Lineage
from oncall_assets.incidents.policy import OpenIncident
from oncall_assets.notify.message import Link, Page, Person, shorten
from oncall_assets.rota import Rota

_RANK: tuple[Severity, ...] = ("critical", "major", "minor")
# Nobody has said how bad it is, so it is neither slept through nor the end of the world.
_UNKNOWN: Severity = "major"

_STEPS = 3
_LISTED = 12


@dataclass(frozen=True)
class Desk:
    """What messages are written with; `dagster_url` is the base of their links, `rota` that of the handbook."""

    handbook: Handbook
    lineage: Lineage
    dagster_url: str
    rota: Rota


def write_page(signal: CheckFailed | RunFailed, incident: OpenIncident, desk: Desk, now: datetime) -> Page:
    """The page to whoever is on call at `now`. Its incident number is 0 until the ledger gives one."""
    if isinstance(signal, CheckFailed):
        assets, story, step = [signal.asset], _check_story(signal, desk), signal.evidence.step
        pipeline = _pipeline(assets, desk) or signal.evidence.pipeline
        # The runbook that asked for the check has the step for it, also where the asset is another pipeline's.
        runbook = signal.evidence.pipeline or pipeline
    else:
        own = [one for one in signal.steps if incident.covers.issuperset(one.targets)]
        assets, step = sorted({asset for one in own for asset in one.assets}), 1
        story = _run_story(signal, [one.error for one in own], assets, desk)
        pipeline = runbook = _pipeline(assets, desk)
    severity = _severity(assets, {pipeline, runbook}, desk)
    targets = desk.handbook.team.severities[severity]
    affected = desk.lineage.downstream(assets)
    return Page(
        incident=0,
        key=incident.key,
        severity=severity,
        partition=signal.partition,
        happened_at=signal.at,
        told_at=now,
        respond=targets.respond,
        resolve=targets.resolve,
        affected=tuple(affected[:_LISTED]),
        more_affected=max(len(affected) - _LISTED, 0),
        audience=_audience(assets, desk),
        **_people(desk, now),
        **_promise(desk.handbook, pipeline),
        **_procedure(desk.handbook, runbook, step),
        **story,
    )


def _check_story(signal: CheckFailed, desk: Desk) -> dict[str, Any]:
    view = urlencode({"view": "checks", "checkDetail": signal.check})
    page = f"{desk.dagster_url}/assets/{quote(signal.asset)}?{view}"
    return {
        "title": shorten(f"{signal.check} failed on {signal.asset}", 200),
        "what": f"check {signal.check} of asset {signal.asset}",
        "finding": signal.evidence.finding,
        "observed": signal.evidence.observed,
        "threshold": signal.evidence.threshold,
        "sample": signal.evidence.sample,
        "links": (Link(title="Check", url=page), *_run_link(signal.run_id, desk)),
    }


def _run_story(signal: RunFailed, errors: Sequence[str], assets: Sequence[str], desk: Desk) -> dict[str, Any]:
    subject = ", ".join(assets) or f"job {signal.job}"
    more = f" (and {len(errors) - 1} more steps failed)" if len(errors) > 1 else ""
    return {
        "title": shorten(f"Run failed: {subject}", 200),
        "what": f"run {signal.run_id[:8]} of job {signal.job}, at {subject}",
        "finding": errors[0] + more,
        "not_computed": signal.skipped[:_LISTED],
        "links": _run_link(signal.run_id, desk),
    }


def _run_link(run_id: str, desk: Desk) -> tuple[Link, ...]:
    return (Link(title="Run", url=f"{desk.dagster_url}/runs/{quote(run_id, safe='')}"),) if run_id else ()


def _pipeline(assets: Sequence[str], desk: Desk) -> str | None:
    return next((name for asset in assets if (name := desk.lineage.about(asset).pipeline)), None)


def _audience(assets: Sequence[str], desk: Desk) -> str | None:
    found = [audience for asset in assets if (audience := desk.lineage.about(asset).audience)]
    return INVESTORS if INVESTORS in found else next(iter(found), None)


def _severity(assets: Sequence[str], pipelines: set[str | None], desk: Desk) -> Severity:
    """The worst of what the assets are tagged with and what the pipelines concerned are worth."""
    found = {desk.lineage.about(asset).severity for asset in assets}
    # A pipeline may be gone from the handbook, and its tag still be on an asset.
    found |= {desk.handbook.severity(name) for name in pipelines if name in desk.handbook.team.pipelines}
    return next((severity for severity in _RANK if severity in found), _UNKNOWN)


def _people(desk: Desk, now: datetime) -> dict[str, Any]:
    shift = desk.rota.on_call(now)
    return {
        "primary": Person.of(desk.handbook.team, shift.primary),
        "secondary": Person.of(desk.handbook.team, shift.secondary),
        "because": shift.why,
    }


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
    return {"runbook": runbook.path, "steps": runbook.steps_from(step, _STEPS)} if runbook else {}
