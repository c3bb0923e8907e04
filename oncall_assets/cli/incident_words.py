"""An incident in words for people and as JSON for programs, so that both say the same."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from shutil import get_terminal_size
from textwrap import fill
from typing import Any
from zoneinfo import ZoneInfo

from oncall_assets.handbook.team import Team
from oncall_assets.incidents.ledger.records import Event, FaultRecord, IncidentRecord
from oncall_assets.notify.message import Case, length, printable

# Longer lines are hard to read.
_WIDEST = 110


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident as somebody sees it at `now`, in wall times of `zone`."""

    record: IncidentRecord
    story: Sequence[Event]
    zone: ZoneInfo
    now: datetime

    @property
    def told(self) -> tuple[str, ...]:
        """Those whom a page reached, in the order in which it did."""
        return tuple(dict.fromkeys(event.who for event in self.story if event.what == "told" and event.who))

    @property
    def state(self) -> str:
        """Who has it, and by when what is due."""
        record = self.record
        if record.resolved_at is not None:
            by = f" by {record.resolved_by}" if record.resolved_by else " by itself"
            return f"over since {wall(record.resolved_at, self)}{by}"
        if record.acknowledged_by is not None:
            return f"{record.acknowledged_by} has it, to resolve {self._by(record.resolve_by)}"
        if record.clock_from > self.now:
            return f"waits for business hours, from {wall(record.clock_from, self)}"
        if record.resolve_by <= self.now:
            return f"no answer, to resolve {self._by(record.resolve_by)}"
        return f"no answer, due {self._by(record.respond_by)}"

    def _by(self, at: datetime) -> str:
        late = at <= self.now
        span = f"{length(self.now - at)} late" if late else f"in {length(at - self.now)}"
        return f"by {wall(at, self)} ({span})"


def what_fails(record: IncidentRecord) -> str:
    """The title with the partitions, and how much more is open or was."""
    faults = [fault for fault in record.faults if fault.cleared_at is None] or list(record.faults)
    partitions = list(dict.fromkeys(fault.partition for fault in faults if fault.cause and fault.partition))
    where = f" ({_span(partitions)})" if partitions else ""
    others = sum(not fault.cause for fault in faults)
    more = f", and {others} more for the same cause" if others else ""
    return f"{record.title}{where}{more}"


def wall(at: datetime, seen: Seen) -> str:
    """`Sat 03:14` within the last or next days, else with its date."""
    local = at.astimezone(seen.zone)
    near = abs((local.date() - seen.now.astimezone(seen.zone).date()).days) < 6
    return f"{local:%a %H:%M}" if near else f"{local:%Y-%m-%d %H:%M}"


def essentials(team: Team, seen: Seen, case: Case) -> list[str]:
    """Lines about one incident: how it stands, what was found, what to do, and who else is hit."""
    record = seen.record
    local = record.opened_at.astimezone(seen.zone)
    rows = [
        ("state", seen.state),
        ("since", f"{local:%a %Y-%m-%d %H:%M} {team.timezone}"),
        ("told", ", ".join(seen.told) or "nobody yet"),
        ("pipeline", " of ".join(filter(None, (record.pipeline, ", ".join(case.owners))))),
        ("urgency", "" if record.urgency == "any_time" else "business hours"),
        ("found", case.finding),
        ("observed", case.observed or ""),
        ("expected", case.threshold or ""),
        ("again", f"it failed {record.repeats} time{'s' * (record.repeats != 1)} more" if record.repeats else ""),
        ("issue", ", ".join(record.issues)),
        *(("hits", line) for line in case.downstream),
        ("runbook", case.runbook or ""),
        *(("step", step) for step in case.steps),
        *(("link", f"{link.title}: {link.url}") for link in case.links),
    ]
    head = f"#{record.number} {record.severity}: {what_fails(record)}"
    return [printable(head), *labelled(rows)]


def labelled(rows: Iterable[tuple[str, str]]) -> list[str]:
    """A line for each label with its text, those without one left out; folded at the width of a terminal."""
    lines = [printable(f"{label:<10} {text}") for label, text in rows if text]
    if not sys.stdout.isatty():
        return lines
    width = min(get_terminal_size().columns, _WIDEST)
    return [fill(line, width, subsequent_indent=" " * 11, break_long_words=False) for line in lines]


def fault_rows(seen: Seen) -> list[tuple[str, str, str, str, str]]:
    """A row a fault: target, partition, since when, how often, and how it stands."""
    return [
        (
            fault.target,
            fault.partition or "",
            wall(fault.opened_at, seen),
            str(fault.failures),
            _standing(fault, seen),
        )
        for fault in seen.record.faults
    ]


def incident_as_json(seen: Seen) -> dict[str, Any]:
    """The record with its story; instants in UTC as text, whom it was told by their keys."""
    story = [asdict(event) for event in seen.story]
    found: dict[str, Any] = _texts(asdict(seen.record) | {"told": list(seen.told), "story": story})
    return found


def _standing(fault: FaultRecord, seen: Seen) -> str:
    role = "the cause" if fault.cause else "a consequence"
    return f"{role}, open" if fault.cleared_at is None else f"{role}, over since {wall(fault.cleared_at, seen)}"


def _span(partitions: Sequence[str]) -> str:
    shown = ", ".join(partitions[:2])
    return shown if len(partitions) <= 2 else f"{partitions[0]} and {len(partitions) - 1} more"


def _texts(value: Any) -> Any:
    """`value` with every instant in it as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _texts(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(part) for part in value]
    return value
