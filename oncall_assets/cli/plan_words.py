"""A plan and its certificate in words and tables: what is proven, what it is better than, what could not hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oncall_assets.cli.tables import print_fairness, print_rows
from oncall_assets.handbook import Handbook
from oncall_assets.notify.message import printable
from oncall_assets.rota.fairness import FAIR, measure
from oncall_assets.rota.planfile import Certificate, PlanFile

if TYPE_CHECKING:
    from oncall_assets.rota.audit.stored import Checked
    from oncall_assets.rota.planner.conflicts import Conflict
    from oncall_assets.rota.planner.curve import Point

_STAGES = {"load": f"spread of load beyond {FAIR:.0f} points"}
_RULES = {
    "coverage": "somebody is always on duty",
    "two_people": "primary and secondary are two people",
    "away": "nobody is on duty while away",
    "holiday_excuse": "nobody works on a holiday that excuses them",
    "apart": "rest between turns",
    "table": "the table of major holidays",
    "one_major_off": "everybody has a major holiday off",
    "shared_season": "days of a season are shared",
    "shared_holiday": "long holidays are shared",
    "frozen": "what is published or agreed stays",
    "budget": "no more changes than allowed",
}


def print_plan(handbook: Handbook, plan: PlanFile, conflicts: Sequence[Conflict]) -> None:
    """The certificate, whatever could not hold and why, and then the load."""
    made = plan.certificate
    _say(f"{made.solver}, seed {made.seed}, effort {made.effort:g}.")
    rows = [
        (
            _STAGES.get(one.name, one.name),
            one.unit,
            _figure(one.value),
            _figure(one.bound),
            "yes" if one.proven else "no",
        )
        for one in made.stages
    ]
    print_rows(("stage", "unit", "value", "proven bound", "proven"), rows, numbers={2, 3})
    _print_rules(made)
    for conflict in conflicts:
        _print_conflict(conflict)
    _print_changes(made)
    print_rows(
        ("spread of load", "points"),
        [("this plan", f"{made.spread:.1f}"), *((name, f"{value:.1f}") for name, value in made.rivals.items())],
        numbers={1},
    )
    load = measure(handbook.team, plan.served, plan.start, plan.end, made.carried)
    print_fairness(load, handbook.team)


def _print_rules(made: Certificate) -> None:
    rows = [(_RULES.get(one.rule, one.rule), str(one.violations)) for one in made.rules]
    print_rows(("rule", "broken"), rows, numbers={1})
    for rule in made.rules:
        for text in rule.instances:
            _say(f"{rule.rule}: {text}.")


def _print_conflict(conflict: Conflict) -> None:
    _say("In any plan one of these comes true:")
    for text in (*(rule.text for rule in conflict.rules), *conflict.words):
        _say(f"  {text}")
    tried = [("would help", one.text) for one in conflict.relaxations if one.helps]
    tried += [("would not help", one.text) for one in conflict.relaxations if not one.helps]
    for verdict, text in tried:
        _say(f"  {verdict}: {text}")


def _print_changes(made: Certificate) -> None:
    for one in made.changed:
        _say(f"{one.start:%Y-%m-%d}: {one.after} instead of {one.before} as {one.role}.")
    if made.changed or made.budget is not None:
        allowed = "" if made.budget is None else f" of {made.budget} allowed"
        _say(f"{len(made.changed)} changes{allowed} against the earlier plan.")


def print_curve(points: Iterable[Point]) -> None:
    """A row a budget: how fair the plan gets with it."""
    rows = [
        (str(one.budget), str(one.changes), f"{one.spread:.1f}", str(one.broken), "yes" if one.proven else "no")
        for one in points
    ]
    print_rows(("allowed", "changes", "spread of load", "broken rules", "proven"), rows, numbers={0, 1, 2, 3})
    _say("Take as many as are worth it by --changes.")


def print_check(handbook: Handbook, path: Path, plan: PlanFile, found: Checked) -> None:
    """Whether the plan holds, and everything that speaks against it."""
    if found.changed:
        _say(f"The handbook has changed since the plan was made on {plan.made:%Y-%m-%d}.")
    rows = [(_RULES.get(one.rule, one.rule), one.who, one.text) for one in found.findings]
    if rows:
        print_rows(("rule", "who", "what"), rows)
    for doubt in found.doubts:
        _say(f"{doubt[0].upper()}{doubt[1:]}.")
    count = len(found.findings) + len(found.doubts)
    verdict = "holds" if found.holds else f"does not hold: {count} finding{'s' * (count != 1)}"
    zone = handbook.team.timezone
    _say(f"{path}: {len(plan.shifts)} shifts ({zone}), spread {found.load.spread:.1f} points; the plan {verdict}.")


def plan_as_json(plan: PlanFile, path: Path, conflicts: Sequence[Conflict]) -> dict[str, Any]:
    """The certificate and where the plan is; instants as text."""
    return {
        "file": str(path),
        "from": plan.start.isoformat(),
        "to": plan.end.isoformat(),
        "certificate": plan.certificate.model_dump(mode="json"),
        "conflicts": [
            {
                "words": list(one.words),
                "relaxations": [{"text": each.text, "helps": each.helps} for each in one.relaxations],
            }
            for one in conflicts
        ],
    }


def _figure(value: float) -> str:
    return f"{value:.1f}" if value % 1 else f"{value:.0f}"


def _say(text: str) -> None:
    click.echo(printable(text))
