"""What a plan is asked for, stage by stage: each rule as a literal that says it is broken, each aim as one sum."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from oncall_assets.rota.planner.model import Model, neighbours
from oncall_assets.rota.planner.rules import Atom, Even, Limit, On, Owns

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import IntVar, LinearExpr


@dataclass(frozen=True)
class Aim:
    """A sum to keep small, of whole numbers of which `scale` make one `unit`.

    `slack` of them are lost by rounding, if any; plain counting shows that it is `least` at least.
    """

    name: str
    sum: LinearExpr | int
    unit: str
    scale: float = 1.0
    slack: int = 0
    least: int = 0


def add_rules(model: Model) -> Aim:
    """Every rule of the problem as a literal in `model.rules`; the aim is how many are broken.

    Each change beyond the budget counts as one more.
    """
    weights: list[IntVar] = []
    for limit in model.problem.rules.limits:
        weights.append(_limited(model, limit))
    for even in model.problem.rules.evens:
        weights += _even(model, even)
    budget = model.problem.rules.budget
    if budget is not None and model.problem.budget is not None:
        changed = _changed(model)
        over = model.cp.new_int_var(0, len(changed), "changes beyond the budget")
        model.cp.add(sum(changed) <= model.problem.budget + over)
        literal = model.cp.new_bool_var(f"broken {budget.rule}")
        model.cp.add(over == 0).only_enforce_if(~literal)
        model.rules[budget] = literal
        weights.append(over)
    return Aim("broken rules", sum(weights), "rules")


def _limited(model: Model, limit: Limit) -> IntVar:
    literal = model.cp.new_bool_var(f"broken {limit.broken.rule} {limit.broken.who} {limit.broken.start}")
    model.rules[limit.broken] = literal
    for atoms, most in limit.groups:
        if len(atoms) > most >= 0:
            true = sum(atom_literal(model, atom) for atom in atoms)
            model.cp.add(true <= most + (len(atoms) - most) * literal)
        elif most < 0:
            model.cp.add(literal == 1)
    return literal


def atom_literal(model: Model, atom: Atom) -> IntVar | int:
    """The literal of an owner, or one that is true exactly if somebody is on duty on a major holiday."""
    if isinstance(atom, Owns):
        return model.owns[atom]
    if atom not in model.atoms:
        serving = [one for _, one, outcome in model.terms if (atom.who, atom.day) in outcome.majors]
        literal = model.cp.new_bool_var(f"on {atom.day} {atom.who}")
        for one in serving:
            model.cp.add_implication(one, literal)
        model.cp.add_bool_or([*serving, ~literal])
        model.atoms[atom] = literal
    return model.atoms[atom]


def _even(model: Model, even: Even) -> list[IntVar]:
    least = model.cp.new_int_var(0, len(even.blocks) + max(even.had), f"fewest days of {even.season}")
    literals = []
    for who, had, broken in zip(even.people, even.had, even.broken, strict=True):
        literal = model.rules[broken] = model.cp.new_bool_var(f"broken season {even.season} {who}")
        days = had + sum(
            one for block, one, outcome in model.terms if block.number in even.blocks and outcome.leads == who
        )
        model.cp.add(days >= least)
        model.cp.add(days <= least + 1 + (len(even.blocks) + had) * literal)
        literals.append(literal)
    return literals


def _changed(model: Model) -> list[LinearExpr]:
    """One or 0 for each duty that the earlier plan gives to somebody else."""
    found: list[LinearExpr] = []
    for (number, role), who in sorted((model.problem.earlier or {}).items()):
        kept = model.owns.get(Owns(number, role, who))
        found.append(1 - kept if kept is not None else 1 - model.cp.new_constant(0))
    return found


def fewest_changes(model: Model) -> Aim:
    return Aim("changes", sum(_changed(model)), "duties")


def even_holidays(model: Model) -> Aim:
    """How many major holidays somebody is on duty more than another, of those who are there throughout."""
    problem = model.problem
    served = set(problem.settled.majors)
    days = sorted({day for _, _, outcome in model.terms for _, day in outcome.majors if problem.within(day)})
    settled = Counter(who for who, day in served if problem.within(day))
    most = model.cp.new_int_var(0, len(days) + max(settled.values(), default=0), "most holidays")
    least = model.cp.new_int_var(0, len(days) + max(settled.values(), default=0), "fewest holidays")
    throughout = [who for who in problem.people if who in problem.balance.throughout]
    for who in throughout:
        open_days = [day for day in days if (who, day) not in served]
        count = settled[who] + sum(atom_literal(model, On(day, who)) for day in open_days)
        model.cp.add(count <= most)
        model.cp.add(count >= least)
    others = len(problem.handbook.team.engineers) - len(throughout)
    # Where the days have fewer places than there are people one has none; and one of two who serve is counted.
    short = bool(days) and others < 2 and settled.total() + _places(model) < len(throughout)
    return Aim("major holidays", most - least, "holidays", least=int(short))


def _places(model: Model) -> int:
    """How many people at most, counted day by day, the blocks can put on duty on major holidays of the window."""
    places: dict[tuple[int, date], int] = {}
    for block, _, outcome in model.terms:
        for day, count in Counter(day for _, day in outcome.majors if model.problem.within(day)).items():
            places[block.number, day] = max(places.get((block.number, day), 0), count)
    # Of a block two literals may be true, each with an outcome.
    return 2 * sum(places.values())


def fewest_strains(model: Model) -> Aim:
    """How often somebody has turns in a row, in any role, or steps in for another."""
    strained: list[IntVar | LinearExpr] = []
    close: dict[tuple[str, int], IntVar] = {}
    for before, after in neighbours(model.problem):
        for who in model.problem.people:
            both = [*model.either(before, who), *model.either(after, who)]
            if len(both) > 2:
                if (who, after.turn) not in close:
                    close[who, after.turn] = model.cp.new_bool_var(f"close {after.turn} {who}")
                model.cp.add(sum(both) <= 1 + close[who, after.turn])
    strained += close.values()
    strained += [len(outcome.steps) * one for _, one, outcome in model.terms if outcome.steps]
    return Aim("turns in a row and step-ins", sum(strained), "times")


def fewest_wishes(model: Model) -> Aim:
    """How many preferences are not kept."""
    wishes = model.problem.wishes
    unkept = [
        wishes[key.block, key.who] * one for key, one in model.owns.items() if (key.block, key.who) in wishes
    ]
    return Aim("preferences not kept", sum(unkept), "duties")
