"""The handbook as one object that can be trusted, because every problem in its folder was reported first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from oncall_assets.handbook.crosscheck import joint_problems, sources_problems, team_problems
from oncall_assets.handbook.escalation import Step, Urgency
from oncall_assets.handbook.problem import HandbookError, Problem
from oncall_assets.handbook.published import PublishedShift, overlaps, read_published
from oncall_assets.handbook.reportcheck import report_problems
from oncall_assets.handbook.reports import PlannedReport
from oncall_assets.handbook.runbook import Check, Deadline, Rise, Runbook, runbook_of
from oncall_assets.handbook.source import Source, read_front_matter, read_yaml
from oncall_assets.handbook.sources import Sources
from oncall_assets.handbook.team import Severity, Team
from oncall_assets.handbook.tellcheck import telling_problems

Read = TypeVar("Read")

_NOT_RUNBOOKS = {"README.md"}
_FILES = ("*.yaml", "*.md", "published/*.yaml")


@dataclass(frozen=True)
class Handbook:
    """What a team wrote down: `folder` as given, validated files, and where their fields stand.

    `published` has the shifts of each published quarter (`2027Q1`) in order, `published_at` when it was told.
    """

    folder: Path
    team: Team
    sources: Sources
    runbooks: dict[str, Runbook]
    team_source: Source
    sources_source: Source
    published: dict[str, tuple[PublishedShift, ...]] = field(default_factory=dict)
    published_at: dict[str, datetime] = field(default_factory=dict)

    def severity(self, pipeline: str) -> Severity:
        """Of the runbook; of `team.yaml` for a pipeline without one."""
        runbook = self.runbooks.get(pipeline)
        return runbook.front.severity if runbook else self.team.pipelines[pipeline].severity

    def urgency(self, pipeline: str) -> Urgency:
        """Of the runbook; at any time for a pipeline without one."""
        runbook = self.runbooks.get(pipeline)
        return runbook.front.urgency if runbook else "any_time"

    def rises(self, pipeline: str) -> list[Rise]:
        """Of the runbook; none for a pipeline without one."""
        runbook = self.runbooks.get(pipeline)
        return runbook.front.rises if runbook else []

    def escalation(self, pipeline: str | None) -> list[Step]:
        """The steps of the runbook where it has its own, else those of the team."""
        runbook = self.runbooks.get(pipeline) if pipeline is not None else None
        return runbook.front.escalation if runbook and runbook.front.escalation else self.team.escalation

    def deadlines(self) -> Iterator[tuple[Runbook, int, Deadline]]:
        """Every deadline with its runbook and its position there."""
        for runbook in self.runbooks.values():
            for number, deadline in enumerate(runbook.front.deadlines):
                yield runbook, number, deadline

    def reports(self) -> Iterator[tuple[Runbook, int, PlannedReport]]:
        """Every report with its runbook and its position there."""
        for runbook in self.runbooks.values():
            for number, report in enumerate(runbook.front.reports):
                yield runbook, number, report

    def checks(self) -> Iterator[tuple[Runbook, int, Check]]:
        """Every check with its runbook and its position there."""
        for runbook in self.runbooks.values():
            for number, check in enumerate(runbook.front.checks):
                yield runbook, number, check


def load_handbook(folder: Path, tables: frozenset[str]) -> Handbook:
    """The handbook in `folder`; `tables` names the landed tables it must bind.

    Raises HandbookError with every problem found.
    """
    if not folder.is_dir():
        message = "is no folder; create it, or name another one in ONCALL_HANDBOOK"
        raise HandbookError([Problem(str(folder), 1, 1, "(folder)", message)])
    paths = [path for path in sorted(folder.glob("*.md")) if path.name not in _NOT_RUNBOOKS]
    problems: list[Problem] = []
    team_source = _collect(problems, partial(read_yaml, folder / "team.yaml"))
    sources_source = _collect(problems, partial(read_yaml, folder / "sources.yaml"))
    if team_source:
        problems += team_problems(team_source, {path.stem for path in paths}, folder)
    if sources_source:
        problems += sources_problems(sources_source, tables)
    # What the runbooks share is judged on their trees: one that is refused still takes up its names.
    read = {path.stem: _collect(problems, partial(read_front_matter, path)) for path in paths}
    trees = {name: tree for name, tree in read.items() if tree}
    problems += joint_problems(trees, tables)
    if team_source:
        problems += telling_problems(team_source, sources_source, trees)
        problems += report_problems(team_source, trees)
    team = _collect(problems, partial(team_source.validate, Team)) if team_source else None
    sources = _collect(problems, partial(sources_source.validate, Sources)) if sources_source else None
    runbooks = {name: _collect(problems, partial(runbook_of, tree)) for name, tree in trees.items()}
    engineers = team_source.fields("engineers") if team_source else {}
    published = [
        _collect(problems, partial(read_published, path, engineers))
        for path in sorted(folder.glob("published/*.yaml"))
    ]
    told = [quarter for quarter in published if quarter]
    problems += overlaps(folder, told)
    if problems or not (team and sources and team_source and sources_source):
        raise HandbookError(problems)
    whole = {name: book for name, book in runbooks.items() if book}
    return Handbook(
        folder,
        team,
        sources,
        whole,
        team_source,
        sources_source,
        published={quarter.quarter: tuple(quarter.shifts) for quarter in told},
        published_at={quarter.quarter: quarter.published for quarter in told},
    )


def handbook_files(folder: Path) -> list[Path]:
    """Every file that may be part of the handbook in `folder`, in order."""
    return sorted(path for pattern in _FILES for path in folder.glob(pattern))


def _collect(problems: list[Problem], read: Callable[[], Read]) -> Read | None:
    try:
        return read()
    except HandbookError as error:
        problems += error.problems
        return None
