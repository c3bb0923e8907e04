"""A runbook: one Markdown file that says what a pipeline promises, what can go wrong, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from oncall_assets.handbook.problem import HandbookError, Problem, one_of
from oncall_assets.handbook.rules import Rule
from oncall_assets.handbook.source import Source, read_front_matter
from oncall_assets.handbook.team import Severity
from oncall_assets.handbook.values import Name, Written

Mechanism = Literal["run failed"]


class Metric(Written):
    """One figure, in the words of those who read it."""

    name: str
    means: str
    calculation: str


class Issue(Written):
    """Something that can go wrong; seen by checks that guard it, by a mechanism, or `by_hand`."""

    what: str
    detected_by: Mechanism | None = None
    by_hand: str | None = None


def _rule_first(value: object) -> object:
    """`{unique: {columns: […]}}` as the rule's own fields, so that a runbook reads as a sentence."""
    if isinstance(value, dict) and len(value) == 1:
        ((rule, fields),) = value.items()
        if fields is None or isinstance(fields, dict):
            return {"rule": rule, **(fields or {})}
    raise ValueError(
        f"{value!r} is not a rule; expected one rule with its fields, as in {{unique: {{columns: [id]}}}}"
    )


class Check(Written):
    """A rule on an asset. `guards` names issues; `step` the step of the procedure that deals with a failure."""

    name: Name
    asset: str
    expect: Annotated[Rule, BeforeValidator(_rule_first)]
    guards: Annotated[list[Name], Field(min_length=1)]
    step: Annotated[int, Field(ge=1)]
    severity: Literal["error", "warn"] = "error"
    blocking: bool = False


class FrontMatter(Written):
    """What stands between the two `---` lines."""

    purpose: str
    metrics: Annotated[list[Metric], Field(min_length=1)]
    frequency: str
    sources: list[Name] = []
    sla: Annotated[list[str], Field(min_length=1)]
    severity: Severity
    issues: Annotated[dict[Name, Issue], Field(min_length=1)]
    checks: list[Check] = []


@dataclass(frozen=True)
class Runbook:
    """Front matter, and the ordered steps under `## Procedure`."""

    pipeline: str
    path: str
    front: FrontMatter
    procedure: tuple[str, ...]
    source: Source

    def steps_from(self, step: int, count: int) -> tuple[str, ...]:
        """`count` steps of the procedure beginning with number `step` (from 1), each with its number."""
        numbered = [f"{number}. {text}" for number, text in enumerate(self.procedure, start=1)]
        return tuple(numbered[step - 1 : step - 1 + count])


def read_runbook(path: Path) -> Runbook:
    """The runbook of the pipeline that the file is named after. Raises HandbookError with all its problems."""
    source = read_front_matter(path)
    problems: list[Problem] = []
    procedure = _procedure(source.body)
    if not procedure:
        line = source.first_line + len(path.read_text(encoding="utf-8").splitlines()) - 1
        message = "is missing or empty; expected a heading `## Procedure` and an ordered list below it"
        problems.append(Problem(str(path), line - 1, 1, "## Procedure", message))
    try:
        front = source.validate(FrontMatter)
    except HandbookError as error:
        raise HandbookError([*problems, *error.problems]) from None
    problems += _cross_check(source, front, procedure)
    if problems:
        raise HandbookError(problems)
    return Runbook(path.stem, str(path), front, procedure, source)


def _procedure(body: str) -> tuple[str, ...]:
    section = re.search(r"^## Procedure[ \t]*$(.*?)(?=^#{1,2} |\Z)", body, re.MULTILINE | re.DOTALL)
    if section is None:
        return ()
    # A step runs to the next number; its further lines are indented or blank.
    steps = re.findall(r"^\d+\.[ \t]+(.+?)(?=^\d+\.[ \t]|\Z)", section[1], re.MULTILINE | re.DOTALL)
    return tuple(" ".join(step.split()) for step in steps)


def _cross_check(source: Source, front: FrontMatter, procedure: tuple[str, ...]) -> list[Problem]:
    problems = []
    seen: set[tuple[str, str]] = set()
    for number, check in enumerate(front.checks):
        for position, issue in enumerate(check.guards):
            if issue not in front.issues:
                message = f"{issue!r} is no issue of this runbook; {one_of(issue, front.issues)}"
                problems.append(source.problem(("checks", number, "guards", position), message))
        if procedure and check.step > len(procedure):
            message = f"{check.step} is no step; the procedure has {len(procedure)}"
            problems.append(source.problem(("checks", number, "step"), message))
        if (check.asset, check.name) in seen:
            message = f"{check.name!r} stands twice for {check.asset}; give each check a name of its own"
            problems.append(source.problem(("checks", number, "name"), message))
        seen.add((check.asset, check.name))
    guarded = {issue for check in front.checks for issue in check.guards}
    for issue, what in front.issues.items():
        if issue not in guarded and what.detected_by is None and what.by_hand is None:
            message = "nothing detects it; expected a check that guards it, `detected_by:` or `by_hand:`"
            problems.append(source.problem(("issues", issue), message))
    return problems
