"""The question a planner is asked, as plain data: blocks, people, what each pairing brings, and the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.rota.holidays import local_day
from oncall_assets.rota.planner.balance import Balance, carried_over
from oncall_assets.rota.planner.blocks import Block, Duty, blocks, pool
from oncall_assets.rota.planner.candidates import candidates
from oncall_assets.rota.planner.instances import rules_of
from oncall_assets.rota.planner.outcomes import Outcomes
from oncall_assets.rota.planner.owners import Owners, gaps
from oncall_assets.rota.planner.rules import Rules
from oncall_assets.rota.planner.worth import UNITS, Outcome
from oncall_assets.rota.shift import ROLES, Role

# So far back a run of major holidays that ends in the window may begin.
_RUN = timedelta(days=402)


@dataclass(frozen=True)
class Problem:
    """One window to plan.

    `people` may own blocks, `candidates` which of them by block number. `alone` and `together` say what owners
    bring: a pair that is not in `together` brings what its two bring alone. `settled` is what no plan moves: load
    in the window, and major holidays on duty in it and before. `earlier` has the owners of an earlier plan by
    duty. `wishes` says by block number and engineer how many preferences a duty there breaks.
    """

    handbook: Handbook
    start: datetime
    end: datetime
    blocks: tuple[Block, ...]
    people: tuple[str, ...]
    candidates: tuple[tuple[str, ...], ...]
    alone: Mapping[tuple[int, Role, str], Outcome]
    together: Mapping[tuple[int, str, str], Outcome]
    settled: Outcome
    balance: Balance
    rules: Rules
    wishes: Mapping[tuple[int, str], int]
    earlier: Mapping[Duty, str] | None = None
    budget: int | None = None

    @property
    def earlier_owners(self) -> dict[datetime, tuple[str, str]] | None:
        """The earlier plan as owners of the blocks that it knows; None without one."""
        known = self.earlier
        if known is None:
            return None
        owned = [block for block in self.blocks if (block.number, "primary") in known]
        return {block.start: (known[block.number, "primary"], known[block.number, "secondary"]) for block in owned}

    def outcomes(self, owners: Owners) -> list[Outcome]:
        """What each block brings under these owners, in order; any pair of `people` may own one."""
        return [self.outcome(block, *owners[block.start]) for block in self.blocks]

    def within(self, day: date) -> bool:
        """Whether a major holiday of that nominal date counts in the window: where its noon lies in it."""
        zone = ZoneInfo(self.handbook.team.timezone)
        first, last = local_day(day, zone)
        return self.start <= first + (last - first) / 2 < self.end

    def deviations(self, outcomes: Sequence[Outcome]) -> dict[str, float]:
        """In points, as `fairness.measure` has them, of everybody who is available or serves."""
        units = dict.fromkeys(self.handbook.team.engineers, 0)
        for one in (self.settled, *outcomes):
            for who, more in one.points:
                units[who] += more
        total = sum(units.values())
        balance = self.balance
        return {
            who: (load - balance.share(who) * total) / UNITS + balance.carried.get(who, 0.0)
            for who, load in units.items()
            if load or balance.available[who]
        }

    def outcome(self, block: Block, primary: str, secondary: str) -> Outcome:
        """What the block brings if that pair owns it."""
        found = self.together.get((block.number, primary, secondary))
        if found is not None:
            return found
        first = self.alone.get((block.number, "primary", primary))
        second = self.alone.get((block.number, "secondary", secondary))
        if first is None or second is None:
            return Outcomes(self.handbook, self.start, self.end).together(block, primary, secondary)
        points = dict(first.points)
        for who, units in second.points:
            points[who] = points.get(who, 0) + units
        majors = tuple(sorted({*first.majors, *second.majors}))
        return Outcome(tuple(sorted(points.items())), majors, first.leads)


def pose(
    handbook: Handbook, start: datetime, end: datetime, *, earlier: Owners | None = None, budget: int | None = None
) -> Problem:
    """The problem of planning `[start, end)` UTC, at best from hand-off to hand-off.

    With an `earlier` plan as few duties as possible change hands, or at most `budget`.
    """
    found = blocks(handbook, start, end)
    people = pool(handbook.team, start, end)
    outcomes = Outcomes(handbook, start - _RUN, end)
    before = None if earlier is None else _duties(found, earlier)
    may = candidates(outcomes, found, people, before or {})
    together = {
        (block.number, *pair): outcomes.together(block, *pair)
        for block, who in zip(found, may, strict=True)
        for pair in outcomes.entangled(block, who)
    }
    alone = {
        (block.number, role, who): outcomes.alone(block, who, role)
        for block, names in zip(found, may, strict=True)
        for role in ROLES
        for who in names
    }
    problem = Problem(
        handbook=handbook,
        start=start,
        end=end,
        blocks=found,
        people=people,
        candidates=may,
        alone=alone,
        together=together,
        settled=_settled(outcomes, found, start, end),
        balance=Balance.of(handbook, start, end, carried_over(handbook, start)),
        rules=Rules(),
        wishes=_wishes(handbook, found),
        earlier=before,
        budget=budget,
    )
    return replace(problem, rules=rules_of(problem))


def _duties(found: tuple[Block, ...], owners: Owners) -> dict[Duty, str]:
    return {
        (block.number, role): who
        for block in found
        if block.start in owners
        for role, who in zip(ROLES, owners[block.start], strict=True)
    }


def _settled(outcomes: Outcomes, found: tuple[Block, ...], start: datetime, end: datetime) -> Outcome:
    """Load that no plan moves in the window, and major holidays on duty from well before it on."""
    points: dict[str, int] = {}
    majors: dict[tuple[str, date], None] = {}
    spans = [(start - _RUN, start), *gaps(((one.start, one.end) for one in found), start, end)]
    for first, last in spans:
        for shift in outcomes.cover.expand(first, last):
            here = max(shift.start, first), min(shift.end, last)
            for who, primary in ((shift.primary, True), (shift.secondary, False)):
                units, behind, days = outcomes.worth.of(who, *here)
                majors |= dict.fromkeys((who, day) for day in days)
                if first >= start:
                    points[who] = points.get(who, 0) + (units if primary else behind)
    return Outcome(tuple(sorted(points.items())), tuple(sorted(majors)))


def _wishes(handbook: Handbook, found: tuple[Block, ...]) -> dict[tuple[int, str], int]:
    """By block and engineer, how many of their wishes a duty in it would break."""
    team = handbook.team
    counted: dict[tuple[int, str], int] = {}
    for wish in team.planning.rather_not:
        zone = ZoneInfo(team.engineers[wish.who].timezone)
        start, end = local_day(wish.first, zone)[0], local_day(wish.last, zone)[1]
        for block in found:
            if block.start < end and start < block.end:
                counted[block.number, wish.who] = counted.get((block.number, wish.who), 0) + 1
    return counted
