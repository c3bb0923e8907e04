"""Incidents counted by what they have in common: a pipeline, an issue of a runbook, a cause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.runbook import Issue
from oncall_assets.incidents.ledger.records import IncidentRecord

NO_PIPELINE: Final = "(no pipeline)"
NO_ISSUE: Final = "(no issue of a runbook)"

_STUCK = "run stuck"


def by_pipeline(records: Iterable[IncidentRecord]) -> dict[str, list[IncidentRecord]]:
    """Those with the most incidents first."""
    return _grouped((record.pipeline or NO_PIPELINE, record) for record in records)


def by_issue(handbook: Handbook, records: Iterable[IncidentRecord]) -> dict[str, list[IncidentRecord]]:
    """By `pipeline.issue`; an incident stands under each of its issues. Those with the most incidents first."""
    return _grouped((issue, record) for record in records for issue in issues_of(handbook, record) or (NO_ISSUE,))


def by_cause(records: Iterable[IncidentRecord]) -> dict[str, list[IncidentRecord]]:
    """By what failed first, whichever its partition. Those with the most incidents first."""
    return _grouped((_cause(record), record) for record in records)


def issues_of(handbook: Handbook, record: IncidentRecord) -> tuple[str, ...]:
    """The issues that a check guards, or those of the pipeline's runbook that the mechanism detects."""
    named = [issue for issue in record.issues if "." in issue]
    if named:
        return tuple(named)
    runbook = handbook.runbooks.get(record.pipeline) if record.pipeline else None
    if runbook is None:
        return ()
    found = _mechanisms(record)
    return tuple(
        f"{runbook.pipeline}.{name}"
        for name, issue in runbook.front.issues.items()
        if found.intersection(issue.detected_by or ())
    )


def known_issues(handbook: Handbook) -> Iterator[tuple[str, Issue]]:
    """Every issue of every runbook as `pipeline.issue`, in their order."""
    for runbook in handbook.runbooks.values():
        for name, issue in runbook.front.issues.items():
            yield f"{runbook.pipeline}.{name}", issue


def guarding(handbook: Handbook) -> dict[str, list[str]]:
    """What detects each issue that software can see: its checks, then its mechanisms."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for runbook, _, check in handbook.checks():
        for guarded in check.guards:
            found[f"{runbook.pipeline}.{guarded}"].append(f"check {check.name}")
    for name, issue in known_issues(handbook):
        found[name] += issue.detected_by or ()
    return {name: detectors for name, detectors in found.items() if detectors}


def _mechanisms(record: IncidentRecord) -> set[str]:
    """How an incident that no check of a runbook found was found, in the words of `detected_by`."""
    if record.issues:
        return set(record.issues)
    targets = [fault.target for fault in record.faults if fault.cause]
    # A check has a target of its own, so one that raised is told from an asset that failed.
    judged = any(":" in target and not target.startswith("job:") for target in targets)
    return {"check could not run"} if judged else {"run failed"}


def _cause(record: IncidentRecord) -> str:
    if _STUCK in record.issues:
        # Its target names a single run, which never gets stuck again.
        return f"{_STUCK}, {record.pipeline or NO_PIPELINE}"
    return ", ".join(sorted({fault.target for fault in record.faults if fault.cause})) or record.cause


def _grouped(pairs: Iterable[tuple[str, IncidentRecord]]) -> dict[str, list[IncidentRecord]]:
    found: defaultdict[str, list[IncidentRecord]] = defaultdict(list)
    for name, record in pairs:
        found[name].append(record)
    size = Counter({name: len(records) for name, records in found.items()})
    return {name: found[name] for name in sorted(found, key=lambda name: (-size[name], name))}
