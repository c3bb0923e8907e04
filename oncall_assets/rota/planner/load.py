"""The load in the solver's terms: whole numbers, so that a proof about them is one about the measure."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from math import gcd
from typing import TYPE_CHECKING, Final

from oncall_assets.rota.fairness import FAIR
from oncall_assets.rota.planner.aims import Aim
from oncall_assets.rota.planner.model import Model
from oncall_assets.rota.planner.worth import UNITS

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import IntVar

# Shares that differ are counted in fractions of a unit as fine as this.
_FINE: Final = 4096
# Parts of a share, and what is carried over, are rounded to so many units.
_ROUNDED: Final = 6


def even_load(model: Model) -> Aim:
    """By how much the spread of the deviations exceeds what counts as fair; exact for equal shares."""
    problem = model.problem
    loads: dict[str, list[tuple[IntVar, int]]] = {who: [] for who in problem.handbook.team.engineers}
    for _, literal, outcome in model.terms:
        for who, units in outcome.points:
            loads[who].append((literal, units))
    settled = dict(problem.settled.points)
    counted = [who for who in loads if loads[who] or settled.get(who) or problem.balance.available[who]]
    step = gcd(*(units for terms in loads.values() for _, units in terms)) or 1
    reference = Counter(problem.balance.share(who) for who in counted).most_common(1)[0][0]
    uneven = any(problem.balance.share(who) != reference for who in counted)
    if uneven or any(problem.balance.carried.values()):
        step = gcd(step, _ROUNDED)
    most = sum(units for _, units in problem.settled.points) + _most(model)
    tolerance = round(FAIR * UNITS) // step
    bound = 2 * round(most + sum(abs(one) for one in problem.balance.carried.values()) * UNITS) // step
    # About what the total will be, so that little of it is counted in rounded fractions.
    about = round(0.9 * most)
    total = model.cp.new_int_var(0, most // step, "total")
    brought = sum(units // step * one for one, units in chain(*loads.values()))
    model.cp.add(total == sum(settled.values()) // step + brought)
    low, high = (model.cp.new_int_var(-bound, bound, name) for name in ("lowest", "highest"))
    for who in counted:
        load = sum(units // step * one for one, units in loads[who])
        apart = problem.balance.share(who) - reference
        start = settled.get(who, 0) + problem.balance.carried.get(who, 0.0) * UNITS
        if not apart:
            own, fine = load + round(start / step), 1
        else:
            own = _FINE * load + round(_FINE * (start - apart * about) / step)
            own -= round(_FINE * apart) * (total - about // step)
            fine = _FINE
        model.cp.add(own >= fine * low)
        model.cp.add(own <= fine * high)
    # Deviations add up to what was carried over, so that their average lies between their ends. It follows from
    # the rest, and without it no proof gets anywhere.
    carried = round(sum(problem.balance.carried.get(who, 0.0) for who in counted) * UNITS / step)
    people = len(counted)
    average = _FINE * carried + round(_FINE * people * reference) * total
    rounded = _FINE * people + (0 if people * reference == 1 else most // step)
    model.cp.add(_FINE * people * low <= average + rounded)
    model.cp.add(_FINE * people * high >= average - rounded)
    excess = model.cp.new_int_var(0, 2 * bound, "excess")
    model.cp.add(excess >= high - low - tolerance)
    return Aim("load", excess, "points", UNITS / step, UNITS // (10 * step) if uneven else 0)


def _most(model: Model) -> int:
    """Units that all blocks together can bring at most."""
    most: dict[tuple[int, str], int] = {}
    for (number, role, _), outcome in model.problem.alone.items():
        key = number, role
        most[key] = max(most.get(key, 0), sum(units for _, units in outcome.points))
    for (number, _, _), outcome in model.problem.together.items():
        alone = most[number, "primary"] + most[number, "secondary"]
        most[number, "primary"] += max(sum(units for _, units in outcome.points) - alone, 0)
    return sum(most.values())
