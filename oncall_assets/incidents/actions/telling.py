"""Whom a step would tell and in which words: stakeholders with a prepared text, or a page to somebody more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.actions import SECONDARY, Escalate, Notify, filled
from oncall_assets.handbook.audiences import members
from oncall_assets.handbook.escalation import METRIC_OWNER, metric_owner_key
from oncall_assets.incidents.actions.chosen import Asked, Chosen
from oncall_assets.incidents.asked import Refused
from oncall_assets.incidents.ledger.records import Event
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.recipients import can_be_told, name_of, recipients
from oncall_assets.incidents.policy.standing import Standing, Telling
from oncall_assets.notify.discreet import HIDDEN
from oncall_assets.notify.message import Case, Notice, Person, in_utc, oneline
from oncall_assets.rota import Rota

_FINDING: Final = 300


@dataclass(frozen=True, slots=True)
class Scene:
    """The incident as it stands, and how often this step of it was done."""

    case: Case
    standing: Standing
    partitions: tuple[str, ...]
    before: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Notifying:
    """A message to each of these, as it will be sent, under `step` of the incident."""

    step: str
    notices: tuple[Notice, ...]
    names: tuple[str, ...]

    @property
    def says(self) -> tuple[str, ...]:
        """What would be done, in lines."""
        first = self.notices[0]
        text = [f"  {label + ': ' if label else ''}{line}" for label, line in first.rows]
        return (f"notify {', '.join(self.names)}:", f"  {first.title}", *text)

    @property
    def done(self) -> str:
        """What was done, in one line of the story."""
        text = " ".join(line for label, line in self.notices[0].rows if not label)
        return f"notified {', '.join(self.names)}: {text}"


@dataclass(frozen=True, slots=True)
class Escalating:
    """A page to the people of `telling`."""

    telling: Telling
    names: tuple[str, ...]

    @property
    def says(self) -> tuple[str, ...]:
        """What would be done, in lines."""
        return (f"page {', '.join(self.names)} now: {self.telling.why}",)

    @property
    def done(self) -> str:
        """What was done, in one line of the story."""
        return f"asked for {', '.join(self.names)}"


def notifying(
    handbook: Handbook, notify: Notify, chosen: Chosen, asked: Asked, scene: Scene, now: datetime
) -> Notifying:
    """Whom the step would notify of what. Raises Refused if it was done and not asked for `again`."""
    if scene.before and not asked.again:
        last = scene.before[-1]
        who, at = name_of(last.who, handbook), in_utc(last.at)
        raise Refused(f"{who} sent this at {at} already; ask for it with `again` to send it once more")
    pipeline = chosen.runbook.pipeline
    keys = dict.fromkeys(key for who in notify.who for key in _told_as(handbook, who, pipeline))
    step = _numbered(chosen.mark, scene.before)
    partition = ", ".join(scene.partitions)
    values = {
        "incident": str(asked.incident),
        "severity": scene.standing.severity,
        "title": oneline(scene.case.title, 200),
        "finding": oneline(scene.case.finding, _FINDING),
        "pipeline": pipeline,
        "partition": partition or "all of it",
    }
    signed = (("From", f"{name_of(asked.by, handbook)}, {handbook.team.team}"), ("Incident", str(asked.incident)))
    rows = (*_paragraphs(notify.text, values), *signed)
    discreet = (*_paragraphs(notify.text, values | {"finding": HIDDEN}), *signed)
    notices = tuple(
        Notice(
            id=f"incident {asked.incident}/{step}/{key}",
            to=Person.of(handbook.team, key),
            title=f"About {pipeline}{', ' + partition if partition else ''}",
            rows=rows,
            discreet=discreet if scene.case.private and discreet != rows else None,
            told_at=now,
        )
        for key in keys
    )
    return Notifying(step, notices, tuple(name_of(key, handbook) for key in keys))


def escalating(
    handbook: Handbook, rota: Rota, escalate: Escalate, chosen: Chosen, asked: Asked, scene: Scene, now: datetime
) -> Escalating:
    """Whom the step would page. Raises Refused if there is nobody, or whoever there is has the incident already.

    Who was paged in this round of the escalation is so again only if asked for `again`.
    """
    standing = scene.standing
    people = _people(handbook, rota, escalate.to, chosen.runbook.pipeline, now)
    if not people:
        raise Refused(f"there is nobody to escalate to: {escalate.to} is nobody who can be told now")
    having = {who for who in (standing.acknowledged_by, asked.by) if who}
    free = [who for who in people if who not in having]
    if not free:
        raise Refused(f"there is nobody to escalate to: {_names(handbook, people)} has it already")
    fresh = free if asked.again else [who for who in free if who not in standing.told]
    if not fresh:
        last = scene.before[-1] if scene.before else None
        earlier = f", asked for by {name_of(last.who, handbook)} at {in_utc(last.at)}" if last else ""
        raise Refused(f"{_names(handbook, free)} was paged already{earlier}; ask with `again` to page once more")
    label = _numbered(f"{standing.round}.0 asked {escalate.to}", scene.before)
    why = f"{name_of(asked.by, handbook)} asked for you, at {chosen.words}"
    telling = Telling(label, tuple(fresh), Reason.ESCALATED, why)
    return Escalating(telling, tuple(name_of(who, handbook) for who in fresh))


def _paragraphs(text: str, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The prepared text, a row without a label for each line of it."""
    return (("", line) for line in filled(text, values).splitlines() if line.strip())


def _told_as(handbook: Handbook, who: str, pipeline: str) -> Iterable[str]:
    """The keys under which a name of `who:` is told; the handbook was checked to know it."""
    if who == METRIC_OWNER:
        return (metric_owner_key(pipeline),)
    return members(handbook.team, who) or (who,)


def _people(handbook: Handbook, rota: Rota, to: str, pipeline: str, now: datetime) -> tuple[str, ...]:
    if to != SECONDARY:
        return recipients(to, pipeline, handbook, rota, now)
    owners = handbook.team.pipelines[pipeline].secondary
    return tuple(who for who in dict.fromkeys(owners) if can_be_told(who, handbook, now))


def _numbered(label: str, before: Sequence[Event]) -> str:
    """A step of its own for each time: a person gets what has the same step once."""
    return f"{label} again {len(before)}" if before else label


def _names(handbook: Handbook, people: Iterable[str]) -> str:
    return ", ".join(name_of(who, handbook) for who in people)
