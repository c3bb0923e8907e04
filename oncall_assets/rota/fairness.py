"""Who carried how much, against what was theirs to carry: hours alone hide the nights, the weekends and Christmas.

The measure: real hours × points of the kind of day in the engineer's own zone × role. A person's share is the time
they were there for, and `deviation` is what they carried beyond it; the `spread` between the two ends of a team is
the one figure to keep small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Final, Literal

from oncall_assets.handbook.book import Handbook
from oncall_assets.handbook.team import Team
from oncall_assets.rota.availability import available_hours
from oncall_assets.rota.days import Home, Piece, pieces
from oncall_assets.rota.resolve import shifts
from oncall_assets.rota.shift import Role, Shift

Kind = Literal["weekday", "weekend", "holiday", "major"]

# Points of a whole day of primary duty, by its kind.
POINTS: Final[dict[Kind, float]] = {"weekday": 10.0, "weekend": 20.0, "holiday": 30.0, "major": 50.0}
SECONDARY: Final = 0.4
# A spread of one weekday of duty counts as fair.
FAIR: Final = 10.0
_GRAFANA_BALANCED: Final = 95


@dataclass(slots=True)
class Hours:
    """Real hours on duty in one role, in all and of certain kinds, which may overlap.

    Night is 22:00 to 06:00, the weekend Saturday and Sunday, a holiday a public one of the engineer's region, a
    major one listed by the team: all in the engineer's own zone.
    """

    total: float = 0.0
    night: float = 0.0
    weekend: float = 0.0
    holiday: float = 0.0
    major: float = 0.0


@dataclass(slots=True)
class Load:
    """What `who` carried.

    `holidays` are the public holidays of their region with primary duty on them, `major` by year the major
    holidays with duty in either role on the nominal date. `available` is in hours, `share` its ratio to the whole
    team's; `points` and `deviation` are points of load, and `by_kind` is what `points` is the sum of.
    """

    who: str
    primary: Hours = field(default_factory=Hours)
    secondary: Hours = field(default_factory=Hours)
    holidays: list[date] = field(default_factory=list)
    major: dict[int, list[str]] = field(default_factory=dict)
    points: float = 0.0
    by_kind: dict[tuple[Role, Kind], float] = field(default_factory=dict)
    available: float = 0.0
    share: float = 0.0
    deviation: float = 0.0

    @property
    def due(self) -> float:
        """The points that would be fair: the share of the total, less the balance carried over."""
        return self.points - self.deviation


@dataclass(frozen=True, slots=True)
class Grafana:
    """Grafana OnCall's score, 0 to 100: how much time is `covered`, how well the hours of two people `balance`."""

    covered: int
    balance: int
    score: int


@dataclass(frozen=True, slots=True)
class Fairness:
    """The load of everybody who was available or on duty in `[start, end)`, in the order of `team.yaml`."""

    start: datetime
    end: datetime
    loads: tuple[Load, ...]
    spread: float
    grafana: Grafana

    @property
    def fair(self) -> bool:
        return self.spread <= FAIR


def fairness(
    handbook: Handbook, start: datetime, end: datetime, carried: Mapping[str, float] | None = None
) -> Fairness:
    """The loads of `[start, end)` by the final shifts. Raises ValueError if the window is empty."""
    return measure(handbook.team, shifts(handbook, start, end), start, end, carried)


def measure(
    team: Team, served: Iterable[Shift], start: datetime, end: datetime, carried: Mapping[str, float] | None = None
) -> Fairness:
    """The loads of the shifts `served` within `[start, end)`, in UTC instants.

    `carried` is the balance of each engineer from before, in points; whoever is not in it starts at 0. The
    deviation is load + carried − share × total load. Raises ValueError if the window is empty.
    """
    if end <= start:
        raise ValueError(f"the window from {start} to {end} is empty; expected an end after the start")
    homes = {who: Home.of(team, who, start, end) for who in team.engineers}
    loads = {who: Load(who, available=available_hours(team, who, start, end)) for who in team.engineers}
    for shift in served:
        first, last = max(shift.start, start), min(shift.end, end)
        for who, primary in ((shift.primary, True), (shift.secondary, False)):
            for piece in pieces(first, last, homes[who]):
                _add(loads[who], piece, homes[who], primary)
    present = tuple(load for load in loads.values() if load.available or load.points)
    total = sum(load.points for load in present)
    everybody = sum(load.available for load in present)
    for load in present:
        load.share = load.available / everybody if everybody else 0.0
        load.deviation = load.points + (carried or {}).get(load.who, 0.0) - load.share * total
    deviations = [load.deviation for load in present]
    hours = {load.who: load.primary.total for load in present}
    spread = max(deviations, default=0.0) - min(deviations, default=0.0)
    return Fairness(start, end, present, spread, grafana_score(hours, (end - start) / timedelta(days=1)))


def grafana_score(hours: Mapping[str, float], days: float) -> Grafana:
    """Grafana OnCall's score of `hours` of primary duty by engineer in `days` of 24 hours.

    Whoever has no hours is left out of their sum, and so is secondary duty. Source: the quality report of Grafana
    OnCall's schedules.
    """
    served = [served for served in hours.values() if served > 0]
    covered = min(100, round(100 * sum(served) / (24 * days)))
    ratios = [min(pair) / max(pair) for pair in combinations(served, 2)]
    balance = round(100 * sum(ratios) / len(ratios)) if ratios else 100
    balance = 100 if balance >= _GRAFANA_BALANCED else balance
    return Grafana(covered, balance, round((covered + balance) / 2))


def _add(load: Load, piece: Piece, home: Home, primary: bool) -> None:
    hours = load.primary if primary else load.secondary
    holiday, major = piece.day in home.holidays, home.major.get(piece.day)
    weekend = piece.day.weekday() >= 5
    hours.total += piece.hours
    hours.night += piece.night
    hours.weekend += piece.hours * weekend
    hours.holiday += piece.hours * holiday
    hours.major += piece.hours * (major is not None)
    role: Role = "primary" if primary else "secondary"
    kind: Kind = "major" if major else "holiday" if holiday else "weekend" if weekend else "weekday"
    points = piece.hours / 24 * POINTS[kind] * (1 if primary else SECONDARY)
    load.points += points
    load.by_kind[role, kind] = load.by_kind.get((role, kind), 0.0) + points
    if primary and holiday and piece.day not in load.holidays:
        load.holidays.append(piece.day)
    if major and major not in (names := load.major.setdefault(piece.day.year, [])):
        names.append(major)
