"""A plan as it is stored: who owns which turn, the shifts that come of it, and the proof, in one readable file."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field

from oncall_assets.handbook.problem import HandbookError, Problem
from oncall_assets.handbook.published import Instant, PublishedShift
from oncall_assets.handbook.source import Source, read_yaml
from oncall_assets.handbook.team import Team
from oncall_assets.handbook.values import Name, Written
from oncall_assets.rota.shift import Reason, Shift
from oncall_assets.rota.yamltext import instant, quoted, shift_line, word

VERSION: Final = 1
# What a plan follows from. Channels, pipelines and the like may change without any plan being another.
_PLANNED_BY: Final = (
    "timezone", "engineers", "rotation", "volunteers", "holidays", "planning", "away", "changes"
)  # fmt: skip
_OF_AN_ENGINEER: Final = ("region", "timezone", "joined", "left", "works")


def _not_negative(value: int) -> int:
    if value < 0:
        raise ValueError(f"{value} is below zero; expected 0 or more")
    return value


Count = Annotated[int, AfterValidator(_not_negative)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class StageFile(Written):
    """One aim, in the order of their weight: the value reached, the bound that is proven, whether the two meet."""

    name: str
    value: Number
    bound: Number
    proven: bool
    unit: str


class RuleFile(Written):
    """How often a rule is broken; `instances` say who and when, in a sentence each."""

    rule: str
    violations: Count
    instances: list[str] = []


class ChangedDuty(Written):
    """A duty of the block that starts at `start` which had another owner in the earlier plan."""

    start: Instant
    role: Literal["primary", "secondary"]
    before: Name
    after: Name


class Certificate(Written):
    """What is proven of a plan, and what was measured on its shifts.

    `spread`, `rivals`, `carried` and `deviations` are in points of load, `budget` is how many duties were allowed
    to change; `changed` are those that did. `effort` is the solver's deterministic time.
    """

    solver: str
    seed: int
    effort: Number
    stages: list[StageFile]
    spread: Number
    rivals: dict[str, Number] = {}
    rules: list[RuleFile]
    budget: Count | None = None
    changed: list[ChangedDuty] = []
    carried: dict[Name, Number] = {}
    deviations: dict[Name, Number] = {}

    @property
    def broken(self) -> int:
        """How many instances of rules the plan breaks."""
        return sum(rule.violations for rule in self.rules)


class OwnedBlock(Written):
    """The pair that owns the block from `start` on, whoever stands in for them."""

    start: Instant
    primary: Name
    secondary: Name


class PlanFile(Written):
    """The whole of a stored plan for `[start, end)` UTC, made at the instant `made`.

    `handbook` is the digest of what it follows from (`digest`).
    """

    version: int
    start: Instant
    end: Instant
    made: Instant
    handbook: str
    certificate: Certificate
    owners: list[OwnedBlock]
    shifts: Annotated[list[PublishedShift], Field(min_length=1)]

    @property
    def pairs(self) -> dict[datetime, tuple[str, str]]:
        """The owners by the start of their block."""
        return {one.start: (one.primary, one.secondary) for one in self.owners}

    @property
    def served(self) -> tuple[Shift, ...]:
        """The shifts as the rota has them."""
        return tuple(
            Shift(one.start, one.end, one.primary, one.secondary, tuple(Reason("plan", text) for text in one.why))
            for one in self.shifts
        )

    @property
    def earlier(self) -> dict[datetime, tuple[str, str]]:
        """The owners as they were in the earlier plan, as far as the two have blocks in common."""
        found = {start: list(pair) for start, pair in self.pairs.items()}
        for one in self.certificate.changed:
            found[one.start][one.role == "secondary"] = one.before
        return {start: (pair[0], pair[1]) for start, pair in found.items()}


def digest(team: Team) -> str:
    """The digest of all that a plan follows from in `team.yaml`, the same in every process."""
    # A date where a wall time may stand too is told apart by its type, which the serializer would warn of.
    written = team.model_dump(include=set(_PLANNED_BY), warnings=False)
    people: Mapping[str, Mapping[str, Any]] = written["engineers"]
    written["engineers"] = [[who, {key: one[key] for key in _OF_AN_ENGINEER}] for who, one in people.items()]
    return hashlib.sha256(json.dumps(written, sort_keys=True, default=str).encode()).hexdigest()[:16]


def read_plan(path: Path) -> PlanFile:
    """The plan in a file. Raises HandbookError with every problem of the file, by line and column."""
    source = read_yaml(path)
    version = source.fields().get("version")
    if isinstance(version, int) and version != VERSION:
        message = f"{version} is not {VERSION}; make the plan again with this version of `oncall plan`"
        raise HandbookError([source.problem(("version",), message)])
    plan = source.validate(PlanFile)
    if problems := [*_problems(source, plan)]:
        raise HandbookError(problems)
    return plan


def _problems(source: Source, plan: PlanFile) -> Iterator[Problem]:
    if plan.end <= plan.start:
        yield source.problem(("end",), "is not after `start`; expected a later instant")
    for number, one in enumerate(plan.owners):
        if one.primary == one.secondary:
            message = f"'{one.primary}' is primary and secondary at once; expected two people"
            yield source.problem(("owners", number, "secondary"), message)
    for number, (before, after) in enumerate(pairwise(plan.owners), start=1):
        if after.start <= before.start:
            message = (
                f"is not after the block before, {instant(before.start)}; expected blocks in order, each once"
            )
            yield source.problem(("owners", number, "start"), message)
    for number, shift in enumerate(plan.shifts):
        if shift.end <= shift.start:
            message = "is not after `start`; expected a later instant"
            yield source.problem(("shifts", number, "end"), message)
    for number, duty in enumerate(plan.certificate.changed):
        owned = plan.pairs.get(duty.start)
        if owned is None or owned[duty.role == "secondary"] != duty.after:
            message = (
                f"says that {duty.after} owns a duty which `owners` gives to somebody else; expected the same"
            )
            yield source.problem(("certificate", "changed", number), message)


def write_plan(path: Path, plan: PlanFile) -> Path:
    """Write the plan whole or not at all, over an earlier one of the same name; its path. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(f"{line}\n" for line in _lines(plan))
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()
    return path


def _lines(plan: PlanFile) -> Iterator[str]:
    yield "# A plan: nobody serves by it until a quarter of it is published, by `oncall publish … --plan …`."
    yield f"version: {plan.version}"
    yield f"start: {instant(plan.start)}"
    yield f"end: {instant(plan.end)}"
    yield f"made: {instant(plan.made)}"
    yield f"handbook: {quoted(plan.handbook)}"
    yield "certificate:"
    yield from (f"  {line}" for line in _of_certificate(plan.certificate))
    yield from _list("owners", [_flow(_of_block(one)) for one in plan.owners])
    yield "shifts:"
    for one in plan.shifts:
        yield shift_line(one.start, one.end, one.primary, one.secondary, tuple(one.why))


def _of_certificate(made: Certificate) -> Iterator[str]:
    yield f"solver: {quoted(made.solver)}"
    yield f"seed: {made.seed}"
    yield f"effort: {_number(made.effort)}"
    stages = [
        {
            "name": word(one.name),
            "value": _number(one.value),
            "bound": _number(one.bound),
            "proven": "true" if one.proven else "false",
            "unit": quoted(one.unit),
        }
        for one in made.stages
    ]
    yield from _list("stages", [_flow(one) for one in stages])
    yield f"spread: {_number(made.spread)}"
    yield f"rivals: {_flow({quoted(name): _number(value) for name, value in made.rivals.items()})}"
    yield "rules:" if made.rules else "rules: []"
    for rule in made.rules:
        instances = ", ".join(quoted(text) for text in rule.instances)
        yield f"- {{rule: {word(rule.rule)}, violations: {rule.violations}, instances: [{instances}]}}"
    if made.budget is not None:
        yield f"budget: {made.budget}"
    yield from _list("changed", [_flow(_of_duty(one)) for one in made.changed])
    yield f"carried: {_flow({word(who): _number(value) for who, value in made.carried.items()})}"
    yield f"deviations: {_flow({word(who): _number(value) for who, value in made.deviations.items()})}"


def _of_block(one: OwnedBlock) -> dict[str, str]:
    return {"start": instant(one.start), "primary": word(one.primary), "secondary": word(one.secondary)}


def _of_duty(one: ChangedDuty) -> dict[str, str]:
    return {
        "start": instant(one.start), "role": one.role, "before": word(one.before), "after": word(one.after)
    }  # fmt: skip


def _list(name: str, entries: Sequence[str]) -> Iterator[str]:
    yield f"{name}:" if entries else f"{name}: []"
    yield from (f"- {entry}" for entry in entries)


def _flow(fields: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in fields.items()) + "}"


def _number(value: float) -> str:
    """Six decimals at most: beyond them lies only the noise of adding up."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0.0" if text in {"-0", "0"} else text if "." in text else f"{text}.0"
