"""What must agree in the rota's part of `team.yaml`, read from what is written, so that no fault hides another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from oncall_assets.handbook.problem import Problem, one_of, shown
from oncall_assets.handbook.source import Source
from oncall_assets.handbook.tree import Loc, at

_ORDER = ("rotation", "order")


def rota_problems(team: Source) -> Iterator[Problem]:
    """Unknown engineers, pairs of one, orders without a secondary, years missing in a table, broken guarantees."""
    yield from _order_problems(team)
    for loc, name in texts_at(team, "volunteers"):
        yield from unknown_engineer(team, loc, name)
    for number, _ in enumerate(team.items("away")):
        yield from _unknown_at(team, "away", number, "who")
    for number, _ in enumerate(team.items("changes")):
        for field in ("give", "take", "primary", "secondary"):
            yield from _unknown_at(team, "changes", number, field)
    for number, _ in enumerate(team.items("planning", "rather_not")):
        yield from _unknown_at(team, "planning", "rather_not", number, "who")
    for holiday in team.fields("holidays", "table"):
        yield from _table_problems(team, ("holidays", "table", holiday))
    yield from _guarantee_problems(team)
    for key in team.fields("engineers"):
        joined, left = (at(team.tree, ("engineers", key, field)) for field in ("joined", "left"))
        if isinstance(joined, date) and isinstance(left, date) and left < joined:
            yield team.problem(
                ("engineers", key, "left"), f"{left} is before `joined`; expected {joined} or later"
            )


def _order_problems(team: Source) -> Iterator[Problem]:
    singles = [isinstance(entry, str) for entry in team.items(*_ORDER)]
    for number, _ in enumerate(singles):
        pair = [*texts_at(team, *_ORDER, number)]
        for loc, name in pair:
            yield from unknown_engineer(team, loc, name)
        names = [name for _, name in pair]
        if len(names) == 2 and names[0] == names[1]:
            message = f"{shown(names[0])} is primary and secondary at once; expected two people"
            yield team.problem((*_ORDER, number), message)
    if any(singles) and not all(singles):
        message = "is a single engineer among pairs; expected [primary, secondary], or single engineers only"
        yield team.problem((*_ORDER, singles.index(True)), message)
    elif all(singles) and singles:
        yield from _lag_problems(team, [str(name) for name in team.items(*_ORDER)])
    elif singles and "secondary" in team.fields("rotation"):
        message = "names a secondary although each pair of `order` does; remove it, or list single engineers"
        yield team.problem(("rotation", "secondary"), message)


def _lag_problems(team: Source, order: list[str]) -> Iterator[Problem]:
    """Of an order of single engineers: whoever the lag makes their own secondary."""
    secondary = at(team.tree, ("rotation", "secondary"))
    if secondary is None:
        message = "is missing, as `order` lists single engineers; expected `next`, or `{lag: 2}`"
        yield team.problem(("rotation", "secondary"), message)
        return
    lag = 1 if secondary == "next" else at(team.tree, ("rotation", "secondary", "lag"))
    if isinstance(lag, int):
        twice = [name for number, name in enumerate(order) if name == order[(number + lag) % len(order)]]
        if twice:
            loc = ("rotation", "secondary") if secondary == "next" else ("rotation", "secondary", "lag")
            message = f"makes {twice[0]} primary and secondary at once; expected another lag or order"
            yield team.problem(loc, message)


def _table_problems(team: Source, loc: Loc) -> Iterator[Problem]:
    """Engineers who take no turns, and years missing between the first and the last."""
    table = team.fields(*loc)
    turns = _in_order(team)
    for year in table:
        for place, name in texts_at(team, *loc, year):
            unknown = [*unknown_engineer(team, place, name)]
            yield from unknown
            if not unknown and turns and name not in turns:
                message = f"{shown(name)} takes no turns, so that the table cannot go on; {one_of(name, turns)}"
                yield team.problem(place, message)
    years = [int(str(year)) for year in table if str(year).isdecimal()]
    missing = sorted(set(range(min(years, default=0), max(years, default=0))) - set(years))
    if missing:
        message = f"has no year {missing[0]}; expected every year from {min(years)} to {max(years)}"
        yield team.problem(loc, message)


def _in_order(team: Source) -> set[str]:
    return {name for number, _ in enumerate(team.items(*_ORDER)) for _, name in texts_at(team, *_ORDER, number)}


def _guarantee_problems(team: Source) -> Iterator[Problem]:
    """A major holiday off for everybody where no plan whatever could give one."""
    if not team.fields("holidays").get("guarantee_one_major_off"):
        return
    loc = ("holidays", "guarantee_one_major_off")
    holidays = len({*map(str, team.items("holidays", "major"))})
    if holidays < 2:
        message = "needs two holidays or more under `major`, as somebody serves on each; add to `major`"
        yield team.problem(loc, message)
        return
    turns = _in_order(team) | {name for _, name in texts_at(team, "volunteers")}
    turns |= {str(who) for who in team.fields("engineers") if team.fields("engineers", who).get("joined")}
    # Two serve on each holiday, and nobody on all of them.
    if len(turns) * (holidays - 1) < 2 * holidays:
        message = (
            f"cannot hold with {len(turns)} people and {holidays} major holidays, as two serve on each; "
            "expected more people or more holidays under `major`"
        )
        yield team.problem(loc, message)


def _unknown_at(team: Source, *loc: str | int) -> Iterator[Problem]:
    name = team.text(*loc)
    if name is not None:
        yield from unknown_engineer(team, loc, name)


def unknown_engineer(team: Source, loc: Loc, name: str) -> Iterator[Problem]:
    """That `name` at `loc` is no engineer, if it is none."""
    engineers = team.fields("engineers")
    if "engineers" in team.tree and name not in engineers:
        yield team.problem(loc, f"{shown(name)} is no engineer; {one_of(name, engineers)}")


def texts_at(source: Source, *loc: str | int) -> Iterator[tuple[Loc, str]]:
    """The texts of a list with their places; a single text stands for a list of one."""
    single = source.text(*loc)
    if single is not None:
        yield loc, single
    for position, _ in enumerate(source.items(*loc)):
        text = source.text(*loc, position)
        if text is not None:
            yield (*loc, position), text
