"""The problem in the solver's terms: a literal for each owner of a duty, and what they bring as sums of these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from oncall_assets.rota.planner.blocks import Block
from oncall_assets.rota.planner.owners import Owners
from oncall_assets.rota.planner.problem import Problem
from oncall_assets.rota.planner.rules import Atom, Broken, Owns
from oncall_assets.rota.planner.worth import Outcome
from oncall_assets.rota.shift import ROLES, Role

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar


@dataclass
class Model:
    """The literals of a problem, without any rule or aim.

    `owns` is by block, role and engineer. `terms` has every literal that brings an outcome: a block becomes what
    its true literals bring. `pairs` are owners who bring more together than alone, and `rest` is an owner without
    any of these partners.
    """

    problem: Problem
    cp: CpModel
    owns: dict[Owns, IntVar] = field(default_factory=dict)
    terms: list[tuple[Block, IntVar, Outcome]] = field(default_factory=list)
    pairs: dict[tuple[int, str, str], IntVar] = field(default_factory=dict)
    rest: dict[Owns, IntVar] = field(default_factory=dict)
    rules: dict[Broken, IntVar] = field(default_factory=dict)
    atoms: dict[Atom, IntVar] = field(default_factory=dict)

    def either(self, block: Block, who: str) -> list[IntVar]:
        """The literals by which `who` owns the block in one of its roles."""
        return [self.owns[key] for role in ROLES if (key := Owns(block.number, role, who)) in self.owns]

    def wanted(self, owners: Owners) -> Iterator[tuple[IntVar, bool]]:
        """The value of each owner's literal, and of each pair's, if these own the blocks."""
        for block in self.problem.blocks:
            if block.start not in owners:
                continue
            pair = owners[block.start]
            chosen = (block.number, *pair) in self.pairs
            for key, literal in self._of(self.owns, block):
                yield literal, pair[ROLES.index(key.role)] == key.who
            for key, literal in self._of(self.rest, block):
                yield literal, not chosen and pair[ROLES.index(key.role)] == key.who
            for (_, *two), literal in self._pairs_of(block):
                yield literal, tuple(two) == pair

    def _of(self, literals: dict[Owns, IntVar], block: Block) -> list[tuple[Owns, IntVar]]:
        keys = [Owns(block.number, role, who) for role in ROLES for who in self.problem.candidates[block.number]]
        return [(key, literals[key]) for key in keys if key in literals]

    def _pairs_of(self, block: Block) -> list[tuple[tuple[int, str, str], IntVar]]:
        who = self.problem.candidates[block.number]
        keys = [(block.number, one, other) for one in who for other in who]
        return [(key, self.pairs[key]) for key in keys if key in self.pairs]


def build(problem: Problem) -> Model:
    """A model in which two different candidates own each block, and every outcome has its literal."""
    from ortools.sat.python import cp_model

    model = Model(problem, cp_model.CpModel())
    for block in problem.blocks:
        _owned(model, block)
        _brought(model, block)
    return model


def _owned(model: Model, block: Block) -> None:
    people = model.problem.candidates[block.number]
    for role in ROLES:
        for who in people:
            model.owns[Owns(block.number, role, who)] = model.cp.new_bool_var(f"{role} {block.number} {who}")
        model.cp.add_exactly_one(model.owns[Owns(block.number, role, who)] for who in people)
    for who in people:
        model.cp.add_at_most_one(model.either(block, who))


def _brought(model: Model, block: Block) -> None:
    """The outcomes of a block: of each owner alone, and of the pairs that are more than that."""
    problem, people = model.problem, model.problem.candidates[block.number]
    partners: dict[tuple[Role, str], list[IntVar]] = {}
    for primary in people:
        for secondary in people:
            outcome = problem.together.get((block.number, primary, secondary))
            if outcome is not None:
                both = model.cp.new_bool_var(f"both {block.number} {primary} {secondary}")
                model.pairs[block.number, primary, secondary] = both
                model.terms.append((block, both, outcome))
                partners.setdefault(("primary", primary), []).append(both)
                partners.setdefault(("secondary", secondary), []).append(both)
    for role in ROLES:
        for who in people:
            key = Owns(block.number, role, who)
            _alone(model, block, key, partners.get((role, who), []))


def _alone(model: Model, block: Block, key: Owns, partners: list[IntVar]) -> None:
    """What an owner brings unless as one of the pairs `partners`."""
    literal = model.owns[key]
    if len(partners) == len(model.problem.candidates[block.number]) - 1:
        model.cp.add(sum(partners) == literal)
        return
    if partners:
        rest = model.cp.new_bool_var(f"alone {key.role} {key.block} {key.who}")
        model.cp.add(sum(partners) + rest == literal)
        model.rest[key] = literal = rest
    model.terms.append((block, literal, model.problem.alone[key.block, key.role, key.who]))


def neighbours(problem: Problem) -> Iterator[tuple[Block, Block]]:
    """The pairs of blocks of two turns in a row, days of seasons aside."""
    whole = [block for block in problem.blocks if block.season is None]
    turns = [list(found) for _, found in groupby(whole, key=lambda block: block.turn)]
    for before, after in pairwise(turns):
        if after[0].turn == before[0].turn + 1:
            yield from ((one, other) for one in before for other in after)
