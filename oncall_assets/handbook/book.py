"""The handbook as one object that can be trusted, because every problem in its folder was reported first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from oncall_assets.handbook.crosscheck import joint_problems, sources_problems, team_problems
from oncall_assets.handbook.problem import HandbookError, Problem
from oncall_assets.handbook.runbook import Check, Runbook, read_runbook
from oncall_assets.handbook.source import Source, read_front_matter, read_yaml
from oncall_assets.handbook.sources import Sources
from oncall_assets.handbook.team import Pipeline, Severity, Team

Read = TypeVar("Read")

_NOT_RUNBOOKS = {"README.md"}


@dataclass(frozen=True)
class Handbook:
    """What a team wrote down: `folder` as given, validated files, and where their fields stand."""

    folder: Path
    team: Team
    sources: Sources
    runbooks: dict[str, Runbook]
    team_source: Source
    sources_source: Source

    def pipeline(self, name: str) -> Pipeline:
        return self.team.pipelines[name]

    def severity(self, pipeline: str) -> Severity:
        """Of the runbook; of `team.yaml` for a pipeline without one."""
        runbook = self.runbooks.get(pipeline)
        return runbook.front.severity if runbook else self.team.pipelines[pipeline].severity

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
    trees = {path.stem: _collect(problems, partial(read_front_matter, path)) for path in paths}
    problems += joint_problems({name: tree for name, tree in trees.items() if tree}, tables)
    team = _collect(problems, partial(team_source.validate, Team)) if team_source else None
    sources = _collect(problems, partial(sources_source.validate, Sources)) if sources_source else None
    runbooks = {path.stem: _collect(problems, partial(read_runbook, path)) for path in paths}
    if problems or not (team and sources and team_source and sources_source):
        raise HandbookError(problems)
    whole = {name: book for name, book in runbooks.items() if book}
    return Handbook(folder, team, sources, whole, team_source, sources_source)


def _collect(problems: list[Problem], read: Callable[[], Read]) -> Read | None:
    try:
        return read()
    except HandbookError as error:
        problems += error.problems
        return None
