"""What each runbook fears and what would notice it, in words for people and as JSON for programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.labels import EDITIONS
from oncall_assets.handbook.rules import tables_named
from oncall_assets.handbook.runbook import Check, Issue, Runbook
from oncall_assets.incidents.signals.kinds import check_target
from oncall_assets.notify.message import in_utc, length

if TYPE_CHECKING:
    from oncall_assets.incidents.ledger.fired import Fired

HEADS = ("issue", "runbook", "what it is", "detected by", "last fired")
# Keys that a selection of assets spells out, the only part of it that can be read without loading Dagster.
_KEYS = re.compile(r"key:\s*(?:\"([^\"]*)\"|([^\s\"()]+))")
_WHOLE = frozenset({"storage short", "automation failing", "run stuck"})
_OF_EDITIONS = frozenset({"edition held", "edition in doubt", "figure restated"})


@dataclass(frozen=True, slots=True)
class Feared:
    """An issue of a runbook, the checks that guard it, and the failure that was found last, if any was."""

    runbook: Runbook
    name: str
    issue: Issue
    checks: tuple[Check, ...]
    last: Fired | None = None

    @property
    def detectors(self) -> list[str]:
        """Checks with their rule, then mechanisms, then what a person does."""
        by_hand = [f"by hand: {self.issue.by_hand}"] if self.issue.by_hand else []
        return [*map(_check, self.checks), *(self.issue.detected_by or ()), *by_hand]

    def last_fired(self, now: datetime) -> str:
        """`2026-11-20 02:11 UTC, 1 d 3 h ago, incident 12 (revenue_records:unique)`, or `never`."""
        if self.last is None:
            return "never"
        ago = length(max(now - self.last.at, now - now))
        return f"{in_utc(self.last.at)}, {ago} ago, incident {self.last.incident} ({_name(self.last)})"


def feared(handbook: Handbook, pipeline: str | None, fired: Sequence[Fired]) -> Iterator[Feared]:
    """The issues of one runbook or of all, in the order they are written; `fired` is the latest first."""
    for runbook in handbook.runbooks.values():
        if pipeline in (None, runbook.pipeline):
            concerned = _Concerned(handbook, runbook)
            for name, issue in runbook.front.issues.items():
                checks = tuple(check for check in runbook.front.checks if name in check.guards)
                targets = {check_target(check.asset, check.name) for check in checks}
                last = next((one for one in fired if concerned.by(one, targets, issue)), None)
                yield Feared(runbook, name, issue, checks, last)


def row(one: Feared, now: datetime | None) -> tuple[str, ...]:
    """The cells under `HEADS`; without `now` the last of them is left out."""
    cells = (one.name, one.runbook.pipeline, one.issue.what, "\n".join(one.detectors))
    return cells if now is None else (*cells, one.last_fired(now))


def as_json(one: Feared, with_last: bool) -> dict[str, Any]:
    """Instants are text in UTC; `last_fired` is null where nothing was ever found."""
    found: dict[str, Any] = {
        "issue": one.name,
        "pipeline": one.runbook.pipeline,
        "runbook": one.runbook.path,
        "what": one.issue.what,
        "checks": [
            {
                "check": check_target(check.asset, check.name),
                "rule": check.expect.rule,
                "severity": check.severity,
                "blocking": check.blocking,
            }
            for check in one.checks
        ],
        "mechanisms": list(one.issue.detected_by or ()),
        "by_hand": one.issue.by_hand,
    }
    if with_last:
        last = one.last
        told = last and {"at": last.at.isoformat(), "incident": last.incident, "detector": _name(last)}
        found["last_fired"] = told
    return found


def as_markdown(team: str, found: Iterable[Feared], now: datetime | None) -> str:
    """A page with one table."""
    heads = HEADS if now else HEADS[:-1]
    lines = [
        f"# What the runbooks of {team} fear, and what notices it",
        "",
        "A check stands as `asset:name` with its rule. `holds back`: what is computed from the asset waits until",
        "it passes. `digest only`: nobody is told at once. What is no check is a mechanism of the pager itself,",
        "or what a person does. Written by `oncall issues --format markdown`, without the times by",
        "`--without-ledger`.",
        "",
        f"| {' | '.join(heads)} |",
        f"|{' --- |' * len(heads)}",
    ]
    lines += [f"| {' | '.join(map(_cell, row(one, now)))} |" for one in found]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Concerned:
    """Which failures that a mechanism found are about a pipeline."""

    handbook: Handbook
    runbook: Runbook

    def by(self, one: Fired, checks: set[str], issue: Issue) -> bool:
        """Whether the failure is one that a detector of the issue found."""
        if one.target in checks:
            return one.by == "check"
        if one.by not in (issue.detected_by or ()):
            return False
        if not one.assets:
            # The disk, a schedule or a queue is everybody's; a job without assets is nobody's.
            return one.by in _WHOLE
        return one.pipeline == self.runbook.pipeline or not self._assets(one.by).isdisjoint(one.assets)

    def _assets(self, mechanism: str) -> set[str]:
        front, pipeline = self.runbook.front, self.handbook.team.pipelines[self.runbook.pipeline]
        own = {quoted or bare for quoted, bare in _KEYS.findall(pipeline.assets)}
        if mechanism == "asset late":
            return own | {deadline.asset for deadline in front.deadlines}
        if mechanism in _OF_EDITIONS:
            return {f"{EDITIONS}/{report.key(self.runbook.pipeline)}" for report in front.reports}
        if mechanism == "source silent":
            return own | set(front.sources)
        named = {table for check in front.checks for _, table in tables_named(check.expect)}
        return own | set(front.sources) | named | {check.asset for check in front.checks}


def _check(check: Check) -> str:
    told = ", digest only" if check.severity == "warn" else ", holds back" if check.blocking else ""
    return f"{check_target(check.asset, check.name)} ({check.expect.rule}{told})"


def _name(one: Fired) -> str:
    return one.target if one.by == "check" else one.by


def _cell(text: str) -> str:
    """Text of people as one cell: a bar would end it, and a tag would hide what follows."""
    plain = " ".join(text.split(" ")).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return plain.strip().replace("\n", "<br>")
