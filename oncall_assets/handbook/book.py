"""The handbook as one object that can be trusted, because every problem in its folder was reported first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from oncall_assets.handbook.labels import INVESTORS
from oncall_assets.handbook.problem import HandbookError, Problem, one_of
from oncall_assets.handbook.regions import unknown_region
from oncall_assets.handbook.runbook import Check, Runbook, read_runbook
from oncall_assets.handbook.source import Source, read_yaml
from oncall_assets.handbook.sources import Sources
from oncall_assets.handbook.team import Pipeline, Severity, Team, unknown_engineer

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
    problems: list[Problem] = []
    team_source = _collect(problems, partial(read_yaml, folder / "team.yaml"))
    sources_source = _collect(problems, partial(read_yaml, folder / "sources.yaml"))
    team = _collect(problems, partial(team_source.validate, Team)) if team_source else None
    sources = _collect(problems, partial(sources_source.validate, Sources)) if sources_source else None
    runbooks = {}
    for path in sorted(folder.glob("*.md")):
        if path.name not in _NOT_RUNBOOKS:
            runbooks[path.stem] = _collect(problems, partial(read_runbook, path))
    if team and team_source:
        problems += _check_team(team, team_source, set(runbooks), folder)
    if sources and sources_source:
        problems += _check_sources(sources, sources_source, tables)
    problems += _check_names({name: book for name, book in runbooks.items() if book}, tables)
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


def _check_team(team: Team, source: Source, runbooks: set[str], folder: Path) -> Iterator[Problem]:
    for key, engineer in team.engineers.items():
        if wrong := unknown_region(engineer.region):
            yield source.problem(("engineers", key, "region"), wrong)
    for number, pair in enumerate(team.rotation.order):
        for position, name in enumerate(pair):
            if wrong := unknown_engineer(name, team):
                yield source.problem(("rotation", "order", number, position), wrong)
        if pair[0] == pair[1]:
            message = f"{pair[0]!r} is primary and secondary at once; expected two people"
            yield source.problem(("rotation", "order", number), message)
    for key, pipeline in team.pipelines.items():
        here = ("pipelines", key)
        yield from _check_owners(team, source, key)
        if pipeline.audience not in team.audiences:
            message = f"{pipeline.audience!r} is no audience; {one_of(pipeline.audience, team.audiences)}"
            yield source.problem((*here, "audience"), message)
        if pipeline.audience == INVESTORS and key not in runbooks:
            message = f"reports to {INVESTORS} without a runbook; write {folder / f'{key}.md'}"
            yield source.problem(here, message)
    for name in sorted(runbooks - set(team.pipelines)):
        message = f"{name!r} is no pipeline of team.yaml; {one_of(name, team.pipelines)}"
        yield Problem(str(folder / f"{name}.md"), 1, 1, "(file)", message)


def _check_owners(team: Team, source: Source, key: str) -> Iterator[Problem]:
    pipeline, here = team.pipelines[key], ("pipelines", key)
    if wrong := unknown_engineer(pipeline.primary, team):
        yield source.problem((*here, "primary"), wrong)
    for position, name in enumerate(pipeline.secondary):
        if wrong := unknown_engineer(name, team):
            yield source.problem((*here, "secondary", position), wrong)
        if name == pipeline.primary:
            message = f"{name!r} is the primary owner too; expected somebody else"
            yield source.problem((*here, "secondary", position), message)


def _check_sources(sources: Sources, source: Source, tables: frozenset[str]) -> Iterator[Problem]:
    for name in sources.sources:
        if name not in tables:
            yield source.problem(("sources", name), f"{name!r} is no source; {one_of(name, tables)}")
    for name in sorted(tables - set(sources.sources)):
        message = f"{name} is not bound; name its place, or `{{kind: none, because: …}}`"
        yield source.problem(("sources",), message)


def _check_names(runbooks: dict[str, Runbook], tables: frozenset[str]) -> Iterator[Problem]:
    for runbook in runbooks.values():
        for position, name in enumerate(runbook.front.sources):
            if name not in tables:
                message = f"{name!r} is no source; {one_of(name, tables)}"
                yield runbook.source.problem(("sources", position), message)
