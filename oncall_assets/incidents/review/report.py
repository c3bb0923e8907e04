"""A quarter's incidents in Markdown, for a team that sits down to learn from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.escalation import EVERYONE
from oncall_assets.handbook.team import WORST_FIRST
from oncall_assets.incidents.ledger.records import IncidentRecord
from oncall_assets.incidents.review.counts import by_cause, by_issue, by_pipeline, guarding, known_issues
from oncall_assets.incidents.review.markdown import bullets, plain, table
from oncall_assets.incidents.review.times import Retold, Times, answering, mending
from oncall_assets.notify.message import length
from oncall_assets.rota.quarters import Quarter

_LISTED = 20
# What the story says of letters, whose step of the escalation stands in brackets.
_LETTERS = {"told", "refused", "waiting"}
_TO_EVERYONE = f" {EVERYONE})"
_CLOCK = (
    "Measured from the start of the clock, which waits for business hours where the runbook lets it, and against "
    "what was promised for that incident. One that ended by itself before an answer was due needed none."
)


@dataclass(frozen=True, slots=True)
class Period:
    """What is reviewed: the incidents opened in the quarter, oldest first, and the notes written in it."""

    quarter: Quarter
    incidents: Sequence[Retold]
    notes: Sequence[tuple[datetime, str]]


def review(handbook: Handbook, period: Period, now: datetime) -> str:
    """The review as Markdown; `now` tells which open incidents are late."""
    records = [one.record for one in period.incidents]
    counted = [
        *_by_pipeline(records),
        *_by_issue(handbook, records),
        *_by_cause(handbook, records),
        *_in_time(handbook, period.incidents, now),
        *_came_back(period.incidents),
    ]
    lines = [
        *_head(handbook, period.quarter, records, now),
        *(counted if records else ()),
        *_never_fired(handbook, records),
        *_lessons(handbook, period),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _head(handbook: Handbook, quarter: Quarter, records: Sequence[IncidentRecord], now: datetime) -> list[str]:
    start, end = quarter.start(handbook.team), quarter.end(handbook.team)
    first, last = _wall(start, handbook), _wall(end, handbook)
    running = " It is not over yet." if end > now else ""
    span = f"From {first} to {last} {handbook.team.timezone}, from hand-off to hand-off.{running}"
    return [f"# Incidents of {quarter}", "", span, "", _summary(records), ""]


def _summary(records: Sequence[IncidentRecord]) -> str:
    if not records:
        return "No incident was opened."
    severities = Counter(record.severity for record in records)
    split = ", ".join(f"{severities[severity]} {severity}" for severity in WORST_FIRST if severities[severity])
    repeats = sum(record.repeats for record in records)
    again = f"; they failed again {_times(repeats)}" if repeats else ""
    still = [record for record in records if record.resolved_at is None]
    left = f" Still open: {_numbers(still)}." if still else ""
    return f"{len(records)} incident{'s' * (len(records) != 1)}: {split}{again}.{left}"


def _by_pipeline(records: Sequence[IncidentRecord]) -> list[str]:
    rows = []
    for name, those in by_pipeline(records).items():
        severities = Counter(record.severity for record in those)
        counts = [len(those), *(severities[severity] for severity in WORST_FIRST)]
        rows.append((name, *map(str, counts), str(sum(record.repeats for record in those))))
    heads = ("pipeline", "incidents", *WORST_FIRST, "failed again")
    return ["## By pipeline", "", *table(heads, rows, numbers=range(1, 6))]


def _by_issue(handbook: Handbook, records: Sequence[IncidentRecord]) -> list[str]:
    what = {name: issue.what for name, issue in known_issues(handbook)}
    found = by_issue(handbook, records).items()
    rows = [(name, str(len(those)), _numbers(those), what.get(name, "")) for name, those in found]
    return ["## By issue", "", *table(("issue", "incidents", "which", "what goes wrong"), rows, numbers=[1])]


def _by_cause(handbook: Handbook, records: Sequence[IncidentRecord]) -> list[str]:
    found = by_cause(records)
    rows = [
        (cause, str(len(those)), _numbers(those), _day(max(one.opened_at for one in those), handbook))
        for cause, those in list(found.items())[:_LISTED]
    ]
    more = [f"And {len(found) - _LISTED} causes more.", ""] if len(found) > _LISTED else []
    recurred = [cause for cause, those in found.items() if len(those) > 1]
    verdict = (
        f"What came more than once: {plain(_some(recurred))}." if recurred else "Nothing came more than once."
    )
    heads = ("cause", "incidents", "which", "last")
    return ["## By cause", "", *table(heads, rows, numbers=[1]), *more, verdict, ""]


def _in_time(handbook: Handbook, told: Sequence[Retold], now: datetime) -> list[str]:
    lines = ["## Answered and mended in time", ""]
    heads = ("promised", "incidents", "median", "longest", "in time")
    for what, measure in (("answered", answering), ("mended", mending)):
        rows = []
        for severity in WORST_FIRST:
            those = [one for one in told if one.record.severity == severity]
            targets = handbook.team.severities[severity]
            promised = targets.respond if what == "answered" else targets.resolve
            if those:
                rows.append((severity, length(promised), str(len(those)), *_measured(measure(those, now))))
        lines += table((what, *heads), rows, numbers=[2])
    return [*lines, _CLOCK, ""]


def _measured(times: Times) -> tuple[str, str, str]:
    if not times.due:
        return "–", "–", "none was due"
    middle = length(times.median) if times.median is not None else "–"
    longest = [length(times.taken[-1])] if times.taken else []
    never = [f"{times.never} not at all"] if times.never else []
    share = f"{times.within} of {times.due}, {100 * times.within // times.due} %"
    return middle, ", ".join([*longest, *never]), share


def _came_back(told: Sequence[Retold]) -> list[str]:
    rows = [
        (f"#{one.record.number}", one.record.severity, one.record.title, "; ".join(marks))
        for one in told
        if (marks := _marks(one))
    ]
    heading = ["## Came back, or went to everyone", ""]
    if not rows:
        return [*heading, "None did.", ""]
    return [*heading, *table(("incident", "severity", "what", "how far it went"), rows)]


def _marks(told: Retold) -> list[str]:
    count = Counter(event.what for event in told.story)
    marks = []
    if count["returned"]:
        marks.append(f"outlived its resolution time {_times(count['returned'])}")
    if count["reminded"]:
        marks.append(f"began anew unanswered {_times(count['reminded'])}")
    if any(event.what in _LETTERS and event.text.find(_TO_EVERYONE) > 0 for event in told.story):
        marks.append("went to everyone")
    return marks


def _never_fired(handbook: Handbook, records: Sequence[IncidentRecord]) -> list[str]:
    fired = by_issue(handbook, records)
    detectors = guarding(handbook)
    what = {name: issue.what for name, issue in known_issues(handbook)}
    silent = [name for name in what if name in detectors and name not in fired]
    by_hand = sum(name not in detectors for name in what)
    rows = [(name, ", ".join(detectors[name]), what[name]) for name in silent]
    none = "Every issue that software can see has fired." if what else "No runbook lists an issue."
    listed = table(("issue", "seen by", "what goes wrong"), rows) if rows else [none, ""]
    looked = [f"Looked for by hand: {by_hand} more.", ""] if by_hand else []
    return ["## Issues that never fired", "", *listed, *looked]


def _lessons(handbook: Handbook, period: Period) -> list[str]:
    found = [
        (event.at, f"#{one.record.number}, {event.who}: {event.text}")
        for one in period.incidents
        for event in one.story
        if event.who and event.text and event.what in {"comment", "resolved"}
    ]
    lines = [f"{_day(at, handbook)} {text}" for at, text in sorted([*found, *period.notes])]
    return ["## Lessons and notes", "", *(bullets(lines) if lines else ["Nobody noted any.", ""])]


def _numbers(records: Iterable[IncidentRecord]) -> str:
    return _some([f"#{record.number}" for record in records])


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _times(count: int) -> str:
    return f"{count} time{'s' * (count != 1)}"


def _day(at: datetime, handbook: Handbook) -> str:
    return f"{at.astimezone(ZoneInfo(handbook.team.timezone)):%Y-%m-%d}"


def _wall(at: datetime, handbook: Handbook) -> str:
    return f"{at.astimezone(ZoneInfo(handbook.team.timezone)):%a %Y-%m-%d %H:%M}"
