"""The digest of watches: one message says what was looked at and what came of it, so that nobody reads fifteen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from oncall_assets.incidents.signals.watched import Judgement, WatchRun
from oncall_assets.notify.discreet import HIDDEN
from oncall_assets.notify.message import Notice, Person, oneline

# For how long after the first run of an instant was launched the digest waits for the others.
PATIENCE: Final = timedelta(minutes=30)

# An end may be read a little after the instant it bears: what is said to be missing must have been looked for.
_SEEN: Final = timedelta(minutes=1)

_LISTED = 12
_FINDING = 300

_LABELS: Mapping[str, str] = {"failed": "Fails", "warned": "Warning", "not judged": "Not judged"}


@dataclass(frozen=True, slots=True)
class Due:
    """A digest to be written, with an id of its own: each watch's run by its key, None where there is none."""

    id: str
    runs: Mapping[str, WatchRun | None]


@dataclass(frozen=True, slots=True)
class Looked:
    """A watch as the digest tells of it: `words` such as `weekly watch`, `open` incidents in a line each.

    `judged` is None where its run is not over, and `url`, its page in Dagster, where there is no run. `investors`
    are those of the assets judged whose figures go to investors.
    """

    pipeline: str
    words: str
    days: str | None = None
    judged: Sequence[Judgement] | None = None
    open: Sequence[str] = ()
    url: str | None = None
    investors: Collection[str] = ()
    counts: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", Counter(one.verdict for one in self.judged or ()))


def due_digests(
    instant: datetime, expected: Sequence[str], runs: Sequence[WatchRun], now: datetime
) -> Iterator[Due]:
    """The digests whose time has come of the watches of one instant; `runs` are theirs, oldest first, one or more.

    One digest tells of all that were over `PATIENCE` after the first was launched: as soon as all are, those
    `expected` by the handbook too, or when that time is up. A watch that is over only later has a digest of its
    own. Of several runs of a watch, as after a retry, the latest counts that was over.
    """
    until = min(run.created_at for run in runs) + PATIENCE
    keys = dict.fromkeys([*expected, *(run.key for run in runs)])
    begun = {run.key: replace(run, ended_at=None) for run in runs}
    over = [run for run in runs if run.ended_at is not None]
    in_time = {run.key: run for run in over if run.ended_at and run.ended_at <= until}
    name = f"watch {instant.isoformat()}"
    if len(in_time) == len(keys) or now >= until + _SEEN:
        yield Due(name, {key: in_time.get(key, begun.get(key)) for key in keys})
    late = {run.key: run for run in over if run.key not in in_time}
    for key, run in late.items():
        yield Due(f"{name} {key}", {key: run})


def digest_notice(name: str, looked: Sequence[Looked], to: Person, now: datetime) -> Notice:
    """All that the watches found, for one person, with the id `name`; what fails stands first."""
    title = f"{len(looked)} watches: {_outcome(looked)}"
    if len(looked) == 1:
        title = f"{looked[0].words.capitalize()} of {looked[0].pipeline}: {_outcome(looked)}"
    ordered = sorted(looked, key=_well)
    rows = tuple(row for one in ordered for row in _rows(one, several=len(looked) > 1))
    hiding = [replace(one, judged=_hidden(one)) for one in ordered]
    discreet = tuple(row for one in hiding for row in _rows(one, several=len(looked) > 1))
    return Notice(
        id=name, to=to, title=title, rows=rows, discreet=None if discreet == rows else discreet, told_at=now
    )


def _hidden(one: Looked) -> Sequence[Judgement] | None:
    """What was judged, without the findings that tell figures for investors."""
    if one.judged is None:
        return None
    return [replace(found, finding=HIDDEN) if found.asset in one.investors else found for found in one.judged]


def _well(one: Looked) -> bool:
    return one.judged is not None and set(one.counts) <= {"passed"}


def _outcome(looked: Sequence[Looked]) -> str:
    counts = sum((one.counts for one in looked), Counter[str]())
    absent = sum(one.judged is None for one in looked)
    failed, warned, unjudged = (counts[verdict] for verdict in _LABELS)
    parts = [
        f"{failed} of {counts.total()} checks {'fails' if failed == 1 else 'fail'}" if failed else "",
        f"{warned} {'warning' if warned == 1 else 'warnings'}" if warned else "",
        f"{unjudged} not judged" if unjudged else "",
        f"{absent} {'is' if absent == 1 else 'are'} not over" if absent else "",
    ]
    return ", ".join(part for part in parts if part) or "all well"


def _rows(one: Looked, *, several: bool) -> Iterator[tuple[str, str]]:
    if several:
        yield "Watch", f"{one.words} of {one.pipeline}: {_outcome([one])}"
    if one.judged is None:
        yield "Not over", _not_over(one)
        return
    if one.days:
        yield "Days", one.days
    yield from _findings(one.judged)
    yield "Coverage", _coverage(one)
    if one.open or not several:
        yield "Open", "; ".join(_first(one.open)) or "none"
    if one.url and not _well(one):
        yield "Again", f"Re-execute {one.url} once it is mended, to judge the same days again."


def _findings(judged: Sequence[Judgement]) -> Iterator[tuple[str, str]]:
    wrong = [one for verdict in _LABELS for one in judged if one.verdict == verdict]
    for one in wrong[:_LISTED]:
        yield _LABELS[one.verdict], f"{one.check} on {one.asset}: {oneline(one.finding, _FINDING)}"
    if len(wrong) > _LISTED:
        yield "More", f"and {len(wrong) - _LISTED} more"


def _coverage(one: Looked) -> str:
    total = one.counts.total()
    judged = total - one.counts["not judged"]
    checks = "check" if total == 1 else "checks"
    return f"{total} {checks} judged" if judged == total else f"{judged} of {total} {checks} judged"


def _not_over(one: Looked) -> str:
    if one.url:
        return f"{one.url} was not over after {int(PATIENCE.total_seconds()) // 60} minutes."
    return "It has no run: its schedule may be stopped or failing."


def _first(lines: Sequence[str]) -> list[str]:
    more = [f"and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
    return [*lines[:_LISTED], *more]
