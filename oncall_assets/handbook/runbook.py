"""A runbook: one Markdown file that says what a pipeline promises, what can go wrong, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from oncall_assets.handbook.actions import Actions
from oncall_assets.handbook.crosscheck import runbook_problems
from oncall_assets.handbook.escalation import METRIC_OWNER, Steps, Urgency, metric_owner_key
from oncall_assets.handbook.problem import HandbookError, Problem, shown
from oncall_assets.handbook.recurring import EVERY_DAY, OnDays
from oncall_assets.handbook.reports import PlannedReport
from oncall_assets.handbook.rules import Rule
from oncall_assets.handbook.source import Source
from oncall_assets.handbook.team import WORST_FIRST, Severity
from oncall_assets.handbook.values import CheckName, Duration, Hour, Name, Written
from oncall_assets.handbook.watching import PlannedWatch

Mechanism = Literal[
    "run failed",
    "run stuck",
    "asset late",
    "source silent",
    "storage short",
    "check could not run",
    "automation failing",
    "edition held",
    "edition in doubt",
    "figure restated",
]
Text = Annotated[str, Field(min_length=1)]

# How many steps of a procedure a page and a drill show.
STEPS: Final = 3

_HEADING = re.compile(r"^## Procedure[ \t]*$", re.MULTILINE)


class Metric(Written):
    """One figure, in the words of those who read it."""

    name: Text
    means: Text
    calculation: Text


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Issue(Written):
    """Something that can go wrong; seen by checks that guard it, by a mechanism or several, or `by_hand`.

    `step` is the step of the procedure for what a mechanism detects, the first without it; a check has its own.
    """

    what: Text
    detected_by: Annotated[list[Mechanism], BeforeValidator(_listed), Field(min_length=1)] | None = None
    by_hand: Text | None = None
    step: Annotated[int, Field(ge=1)] | None = None

    @field_validator("step")
    @classmethod
    def _of_what_a_mechanism_detects(cls, step: int | None, info: ValidationInfo) -> int | None:
        if step is not None and info.data.get("detected_by") is None:
            raise ValueError("belongs to `detected_by`; a check names its own step, and `by_hand` needs none")
        return step


def _rule_first(value: object) -> object:
    """`{unique: {columns: […]}}` as the rule's own fields, so that a runbook reads as a sentence."""
    if isinstance(value, dict) and len(value) == 1:
        ((rule, fields),) = value.items()
        if fields is None or (isinstance(fields, dict) and "rule" not in fields):
            return {"rule": rule, **(fields or {})}
    raise ValueError(
        f"{shown(value)} is not one rule with its fields; expected one such as {{unique: {{columns: [id]}}}}"
    )


class Check(Written):
    """A rule on an asset. `guards` names issues; `step` the step of the procedure that deals with a failure."""

    name: CheckName
    asset: Annotated[str, Field(min_length=1)]
    expect: Annotated[Rule, BeforeValidator(_rule_first)]
    guards: Annotated[list[Name], Field(min_length=1)]
    step: Annotated[int, Field(ge=1)]
    severity: Literal["error", "warn"] = "error"
    blocking: bool = False


class Rise(Written):
    """When an incident is worse than the runbook's `severity` and `urgency` say, and what they are then.

    `month_end`: in the time `within` before the end of a month in the team's zone. `investors`: where figures that
    go to investors are computed from what failed.
    """

    when: Literal["month_end", "investors"]
    within: Duration | None = Field(default=None, validate_default=True)
    severity: Severity | None = None
    urgency: Urgency | None = None

    @field_validator("within")
    @classmethod
    def _of_month_ends_only(cls, within: timedelta | None, info: ValidationInfo) -> timedelta | None:
        when = info.data.get("when")
        if when == "month_end" and within is None:
            raise ValueError("is missing; expected how long before the end of the month, as `within: 7 days`")
        if when == "investors" and within is not None:
            raise ValueError("has no meaning for `when: investors`, which holds at any time; remove it")
        return within

    @model_validator(mode="after")
    def _to_something(self) -> Rise:
        if self.severity is None and self.urgency is None:
            raise ValueError("changes nothing; expected `severity`, `urgency` or both")
        return self


class Deadline(Written):
    """`asset` must be there by the wall time `by` of the team's zone, on each day that `on` names.

    `of` says which daily partition of it: that of the day before, or of the same day. Working days are those of
    `business_hours`. `tell` names an engineer, a team or `metric_owner`, told beside the on-call when it is late.
    """

    asset: Annotated[str, Field(min_length=1)]
    by: Hour
    on: OnDays = EVERY_DAY
    of: Literal["day before", "same day"] = "day before"
    tell: Name | None = None

    def told(self, pipeline: str) -> str | None:
        """The key of whom `tell` names, in the runbook of `pipeline`."""
        return metric_owner_key(pipeline) if self.tell == METRIC_OWNER else self.tell


class FrontMatter(Written):
    """What stands between the two `---` lines.

    `urgency: business_hours` lets an incident wait for the next working hour of whom it concerns; `rises` say
    when it does not wait, or is worse. `escalation` stands in the place of the team's. `actions` are by step.
    """

    purpose: Text
    metrics: Annotated[list[Metric], Field(min_length=1)]
    frequency: Text
    sources: list[Name] = []
    sla: Annotated[list[Text], Field(min_length=1)]
    severity: Severity
    urgency: Urgency = "any_time"
    rises: list[Rise] = []
    escalation: Steps | None = None
    deadlines: list[Deadline] = []
    issues: Annotated[dict[Name, Issue], Field(min_length=1)]
    checks: list[Check] = []
    actions: Actions = {}
    watch: list[PlannedWatch] = []
    reports: list[PlannedReport] = []

    @field_validator("rises")
    @classmethod
    def _each_to_something_worse(cls, rises: list[Rise], info: ValidationInfo) -> list[Rise]:
        severity, urgency = info.data.get("severity"), info.data.get("urgency")
        for rise in rises if severity and urgency else ():
            worse = rise.severity is not None and WORST_FIRST.index(rise.severity) < WORST_FIRST.index(severity)
            sooner = (urgency, rise.urgency) == ("business_hours", "any_time")
            if not worse and not sooner:
                usual = f"this runbook is {severity} and {urgency} already"
                raise ValueError(f"of `{rise.when}` changes nothing, as {usual}; expected something worse")
        return rises


@dataclass(frozen=True)
class Runbook:
    """Front matter, and the ordered steps under `## Procedure`."""

    pipeline: str
    path: str
    front: FrontMatter
    procedure: tuple[str, ...]
    source: Source

    def step_for(self, mechanism: str) -> int:
        """The step that deals with what the mechanism detects: that of the first issue that names one."""
        named = [
            one.step for one in self.front.issues.values() if one.step and mechanism in (one.detected_by or ())
        ]
        return named[0] if named else 1

    def steps_from(self, step: int, count: int = STEPS) -> tuple[str, ...]:
        """`count` steps of the procedure beginning with number `step` (from 1), each with its number."""
        numbered = [f"{number}. {text}" for number, text in enumerate(self.procedure, start=1)]
        return tuple(numbered[step - 1 : step - 1 + count])


def runbook_of(source: Source) -> Runbook:
    """The runbook of the pipeline that the file is named after. Raises HandbookError with all its problems."""
    procedure = read_procedure(source.body)
    problems = [*runbook_problems(source, len(procedure))]
    if not procedure:
        problems.append(_no_procedure(source))
    try:
        front = source.validate(FrontMatter)
    except HandbookError as error:
        raise HandbookError([*problems, *error.problems]) from None
    if problems:
        raise HandbookError(problems)
    return Runbook(Path(source.path).stem, source.path, front, procedure, source)


def read_procedure(body: str) -> tuple[str, ...]:
    """The steps of the ordered list under `## Procedure`, each on one line; none if it is not there.

    As in Markdown, a step goes on in indented lines and in lines that follow without a blank one, and the
    numbers written are not read: steps are counted.
    """
    section = re.search(rf"{_HEADING.pattern}\n(.*?)(?=^#{{1,2}} |\Z)", body, re.MULTILINE | re.DOTALL)
    steps: list[list[str]] = []
    inside, after_blank = False, False
    for line in section[1].split("\n") if section else ():
        if step := re.match(r"\d+[.)][ \t]+(?=\S)", line):
            steps.append([line[step.end() :]])
            inside = True
        elif not line.strip():
            after_blank = True
            continue
        elif line.startswith("#") or (after_blank and not line[0].isspace()):
            inside = False
        elif inside:
            steps[-1].append(line)
        after_blank = False
    return tuple(" ".join(" ".join(lines).split()) for lines in steps)


def _no_procedure(source: Source) -> Problem:
    heading = _HEADING.search(source.body)
    if heading is None:
        line = source.body_line + source.body.rstrip("\n").count("\n")
        message = "is missing; expected this heading and an ordered list of steps below it"
    else:
        line = source.body_line + source.body[: heading.start()].count("\n")
        message = "has no steps; expected an ordered list such as `1. Open the run`"
    return Problem(source.path, line, 1, "## Procedure", message)
