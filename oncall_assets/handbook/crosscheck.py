"""What must agree between fields and files, read from what is written so that one bad field hides no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from oncall_assets.handbook.labels import INVESTORS
from oncall_assets.handbook.problem import Problem, one_of, shown
from oncall_assets.handbook.regions import unknown_region
from oncall_assets.handbook.rotacheck import rota_problems, texts_at, unknown_engineer
from oncall_assets.handbook.rules import OF_THE_FILING
from oncall_assets.handbook.source import Source
from oncall_assets.handbook.tree import Loc
from oncall_assets.handbook.watching import watch_problems


def team_problems(team: Source, runbooks: set[str], folder: Path) -> Iterator[Problem]:
    """Unknown regions, engineers and audiences; pairs of one; pipelines without a runbook and the other way."""
    for key in team.fields("engineers"):
        region = team.text("engineers", key, "region")
        if region is not None and (wrong := unknown_region(region)):
            yield team.problem(("engineers", key, "region"), wrong)
    yield from rota_problems(team)
    pipelines = team.fields("pipelines")
    for key in pipelines:
        yield from _pipeline_problems(team, key, runbooks, folder)
    # Where a whole list is missing that is reported itself, and not once more for each name it would hold.
    for name in sorted(runbooks - set(pipelines)) if "pipelines" in team.tree else ():
        message = f"{shown(name)} is no pipeline of team.yaml; {one_of(name, pipelines)}"
        yield Problem(str(folder / f"{name}.md"), 1, 1, "(file)", message)


def sources_problems(sources: Source, tables: frozenset[str]) -> Iterator[Problem]:
    """Names that are no landed table, tables without a place, and a sample company that is not described."""
    bound = sources.fields("sources")
    for name in bound:
        if name not in tables:
            yield sources.problem(("sources", name), f"{shown(name)} is no source; {one_of(name, tables)}")
        if sources.text("sources", name, "kind") == "sample" and "sample" not in sources.tree:
            message = "needs the sample company; add `sample: {accounts: 400, seed: 7}` to this file"
            yield sources.problem(("sources", name, "kind"), message)
    for name in sorted(tables - set(bound)) if "sources" in sources.tree else ():
        message = f"{name} is not bound; name its place, or `{{kind: none, because: …}}`"
        yield sources.problem(("sources",), message)


def runbook_problems(runbook: Source, steps: int) -> Iterator[Problem]:
    """Checks that guard an unlisted issue, what leads beyond the procedure, and issues that nothing detects."""
    issues = runbook.fields("issues")
    guarded: set[str] = set()
    for number, _ in enumerate(runbook.items("checks")):
        for loc, issue in texts_at(runbook, "checks", number, "guards"):
            guarded.add(issue)
            if "issues" in runbook.tree and issue not in issues:
                yield runbook.problem(loc, f"{shown(issue)} is no issue of this runbook; {one_of(issue, issues)}")
        step = runbook.fields("checks", number).get("step")
        if steps and isinstance(step, int) and step > steps:
            message = f"{step} is no step; the procedure has {steps}, expected one of them"
            yield runbook.problem(("checks", number, "step"), message)
    for key in map(str, runbook.fields("actions")):
        if steps and key.isdecimal() and int(key) > steps:
            message = f"{key} is no step; the procedure has {steps}, expected one of them"
            yield runbook.problem(("actions", key), message)
    for issue in issues:
        what = runbook.fields("issues", issue)
        if steps and isinstance(step := what.get("step"), int) and step > steps:
            message = f"{step} is no step; the procedure has {steps}, expected one of them"
            yield runbook.problem(("issues", issue, "step"), message)
        if issue not in guarded and what and not {"detected_by", "by_hand"} & set(what):
            message = "nothing detects it; expected a check that guards it, `detected_by:` or `by_hand:`"
            yield runbook.problem(("issues", issue), message)
    yield from watch_problems(runbook)


def joint_problems(runbooks: Mapping[str, Source], tables: frozenset[str]) -> Iterator[Problem]:
    """Names of sources that are no landed table, two checks of one name on one asset, two deadlines of one day."""
    seen: dict[tuple[str | None, str | None], str] = {}
    due: dict[tuple[object, ...], str] = {}
    for runbook in runbooks.values():
        for loc, name in texts_at(runbook, "sources"):
            if name not in tables:
                yield runbook.problem(loc, f"{shown(name)} is no source; {one_of(name, tables)}")
        for loc, name in _counted(runbook):
            if name not in tables:
                message = f"{shown(name)} is not landed, so no control total counts it; {one_of(name, tables)}"
                yield runbook.problem(loc, message)
        for number, _ in enumerate(runbook.items("checks")):
            check = runbook.text("checks", number, "name"), runbook.text("checks", number, "asset")
            loc = ("checks", number, "name")
            if None not in check and check in seen:
                message = f"{shown(check[0])} on {check[1]} is taken by {seen[check]}; expected a name of its own"
                yield runbook.problem(loc, message)
            elif None not in check:
                here = runbook.problem(loc, "")
                seen[check] = f"{here.path}:{here.line}"
        yield from _second_deadlines(runbook, due)


def _second_deadlines(runbook: Source, due: dict[tuple[object, ...], str]) -> Iterator[Problem]:
    """Deadlines of an asset for a partition that has one already; `due` says where, and is added to."""
    for number, _ in enumerate(runbook.items("deadlines")):
        loc, written = ("deadlines", number), runbook.fields("deadlines", number)
        days, of = written.get("on", "every day"), written.get("of", "day before")
        which = (runbook.text(*loc, "asset"), str(days), str(of))
        if which in due:
            message = f"{which[0]} has a deadline for {days} already, at {due[which]}; expected one of the two"
            yield runbook.problem((*loc, "asset"), message)
        elif which[0] is not None:
            here = runbook.problem((*loc, "asset"), "")
            due[which] = f"{here.path}:{here.line}"


def _counted(runbook: Source) -> Iterator[tuple[Loc, str]]:
    """The tables that are held against the filing: the rule's `source`, or else the check's asset."""
    for number, _ in enumerate(runbook.items("checks")):
        written = runbook.fields("checks", number, "expect")
        for name in OF_THE_FILING & set(written):
            rule = ("checks", number, "expect", name)
            loc = (*rule, "source") if "source" in runbook.fields(*rule) else ("checks", number, "asset")
            yield from texts_at(runbook, *loc)


def _pipeline_problems(team: Source, key: str, runbooks: set[str], folder: Path) -> Iterator[Problem]:
    here = ("pipelines", key)
    primary, audience = team.text(*here, "primary"), team.text(*here, "audience")
    if primary is not None:
        yield from unknown_engineer(team, (*here, "primary"), primary)
    for loc, name in texts_at(team, *here, "secondary"):
        yield from unknown_engineer(team, loc, name)
        if name == primary:
            yield team.problem(loc, f"{shown(name)} is the primary owner too; expected somebody else")
    audiences = team.fields("audiences")
    if "audiences" in team.tree and audience is not None and audience not in audiences:
        message = f"{shown(audience)} is no audience; {one_of(audience, audiences)}"
        yield team.problem((*here, "audience"), message)
    if audience == INVESTORS and key not in runbooks:
        yield team.problem(here, f"reports to {INVESTORS} without a runbook; write {folder / f'{key}.md'}")
