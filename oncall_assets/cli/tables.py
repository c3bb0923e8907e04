"""Tables for people; kept apart because the library that draws them takes a moment to import."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from oncall_assets.cli.incident_words import Seen, fault_rows, wall, what_fails
from oncall_assets.handbook.team import Team
from oncall_assets.incidents.asked import subject
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets.notify.message import length, printable
from oncall_assets.rota.fairness import FAIR, POINTS, Fairness, Kind, Load
from oncall_assets.rota.moves import Move
from oncall_assets.rota.shift import ROLES, Shift

# Wide enough that no line is folded where a program, and not a terminal, reads along.
_WIDE = 240


def print_shifts(shifts: Iterable[Shift], zone: ZoneInfo) -> None:
    """A row a shift: its wall times, who serves, and every reason above the rotation itself."""
    rows = []
    for shift in shifts:
        above = [reason.text for reason in shift.reasons if reason.layer != "base"]
        rows.append(
            (_wall(shift.start, zone), _wall(shift.end, zone), shift.primary, shift.secondary, "; ".join(above))
        )
    _print(("from", "to", "primary", "secondary", "because"), rows)
    print(f"Wall times of {zone.key}.")


def print_moves(moves: Iterable[Move], zone: ZoneInfo) -> None:
    """A row a stretch that changes hands: before and after, primary / secondary."""
    rows = (
        (_wall(move.start, zone), _wall(move.end, zone), " / ".join(move.before), " / ".join(move.after))
        for move in moves
    )
    _print(("from", "to", "before", "after"), rows)
    print(f"Wall times of {zone.key}; primary / secondary.")


def print_fairness(found: Fairness, team: Team) -> None:
    """A row an engineer; nights, weekends and holidays are those with primary duty, points primary + secondary."""
    rows = [
        (
            load.who,
            f"{load.primary.total:.0f} h",
            f"{load.secondary.total:.0f} h",
            f"{load.primary.night:.0f} h",
            f"{load.primary.weekend:.0f} h",
            "; ".join(f"{year}: {days}" for year, days in _by_year(load)),
            "; ".join(f"{year}: {', '.join(names)}" for year, names in sorted(load.major.items())),
            *(_points_of(load, kind) for kind in POINTS),
            f"{load.points:.0f}",
            f"{100 * load.share:.1f} %",
            f"{load.due:.0f}",
            f"{load.deviation:+.1f}",
        )
        for load in found.loads
    ]
    heads = ("engineer", "primary", "secondary", "nights", "weekends", "holidays")
    points = ("points: weekday", "weekend", "holiday", "major", "all", "share", "to carry", "deviation")
    _print((*heads, "major holidays", *points), rows, numbers={1, 2, 3, 4, *range(7, 15)})
    grafana, zone = found.grafana, ZoneInfo(team.timezone)
    verdict = "fair" if found.fair else "not fair"
    print(f"From {_wall(found.start, zone)} to {_wall(found.end, zone)} {team.timezone}.")
    print(f"Spread {found.spread:.1f} points: {verdict} ({FAIR:.0f} or less is; a week of primary duty is 90).")
    print(f"Grafana OnCall's score {grafana.score}: covered {grafana.covered}, hours balanced {grafana.balance}.")


def _by_year(load: Load) -> list[tuple[int, int]]:
    """Public holidays with primary duty."""
    return sorted(Counter(day.year for day in load.holidays).items())


def _points_of(load: Load, kind: Kind) -> str:
    primary, secondary = (load.by_kind.get((role, kind), 0.0) for role in ROLES)
    return f"{primary:.0f}+{secondary:.0f}"


def print_incidents(seen: Sequence[Seen], zone: ZoneInfo) -> None:
    """A row an incident: how bad, what fails, since when, who has it, what is late and whom that was told."""
    rows = (
        (
            str(one.record.number),
            one.record.severity,
            what_fails(one.record),
            wall(one.record.opened_at, one),
            f"{one.state}\ntold {', '.join(one.told) or 'nobody yet'}",
        )
        for one in seen
    )
    _print(("#", "severity", "what", "since", "state"), rows, numbers={0})
    print(f"Wall times of {zone.key}; `oncall incidents NUMBER` tells the whole of one.")


def print_story(seen: Seen) -> None:
    """The faults of an incident, and then a row for all that happened to it."""
    _print(("what failed", "partition", "since", "times", "is"), fault_rows(seen), numbers={3})
    rows = ((wall(event.at, seen), event.what, event.who or "", event.text) for event in seen.story)
    _print(("at", "event", "who", ""), rows)
    print(f"Wall times of {seen.zone.key}.")


def print_drill(rows: Iterable[Sequence[str]], zone: ZoneInfo) -> None:
    """A row a person that would be told, or why somebody would not be yet."""
    _print(("at", "who", "because, over"), rows)
    print(f"Wall times of {zone.key}, below a name of theirs where they live elsewhere.")


def print_issues(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A row an issue of a runbook, with all that detects it."""
    _print(heads, rows)


def print_silences(found: Iterable[Silence], zone: ZoneInfo, now: datetime) -> None:
    """A row a silence; one that has not begun says when it will."""
    rows = []
    for one in found:
        begun = one.starts <= now
        left = f"ends in {length(one.ends - now)}" if begun else f"begins in {length(one.starts - now)}"
        span = f"{_wall(one.starts, zone)} to {_wall(one.ends, zone)}"
        rows.append((str(one.id), subject(one), span, left, one.by, one.because))
    _print(("#", "silences", "from, to", "", "by", "because"), rows, numbers={0})
    print(f"Wall times of {zone.key}.")


def print_editions(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A row an edition, or a figure of one as it was sent."""
    _print(heads, rows)


def print_rows(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> None:
    """A table of a plan and its certificate; the columns `numbers` are aligned to the right."""
    _print(heads, rows, numbers)


def _print(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> None:
    right = set(numbers)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, head in enumerate(heads):
        # A name that is too long goes on in the next line, rather than lose its end.
        table.add_column(head, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        # As Text, so that brackets in what people wrote are no markup.
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False).print(table)


def _wall(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"
